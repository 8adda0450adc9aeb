"""One round: plan what has changed, send what is due, until nothing is left."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from core.refusals import Busy
from notifications.actions import deliver
from notifications.actions.relay import relay
from notifications.channels.mail.compose import compose
from notifications.channels.mail.send import Sender
from notifications.status import Ending, Outcome

log = logging.getLogger(__name__)

CHUNK = 50
CHUNK_TIME = timedelta(seconds=60)
ROUND_TIME = timedelta(seconds=200)

Clock = Callable[[], datetime]
Tally = Counter[Ending]


def run(*, now: Clock) -> Tally:
    """Relay and deliver until nothing is due, or until 200 seconds have passed; return how the sendings ended.

    Two rounds at once are harmless. `now` reads the clock: a round lasts longer than a moment.
    """
    tally: Tally = Counter()
    try:
        with Sender() as sender:
            _round(sender, tally, now=now)
    except Busy:
        log.info("visits are being changed: their messages wait for the next round")
    if tally:
        log.info("messages: %s", ", ".join(f"{ending.value} {count}" for ending, count in sorted(tally.items())))
    return tally


def _round(sender: Sender, tally: Tally, *, now: Clock) -> None:
    """Relay and deliver until nothing is due, counting into `tally`."""
    started_at = now()
    deliver.take_back(at=started_at)
    while now() - started_at < ROUND_TIME:
        planned = relay(at=now())
        if deliver.anything_due(at=now()):
            if not sender.open():
                return
            _deliver(sender, tally, now=now)
        elif not planned:
            return


def _deliver(sender: Sender, tally: Tally, *, now: Clock) -> None:
    """Claim a batch and send it in chunks; what is not begun, whatever happens, is given back."""
    left = deliver.claim(at=now())
    try:
        for chunk in _chunks(left):
            if not sender.open():
                break
            tally.update(_send(chunk, sender, now=now))
            left = left[len(chunk) :]
    finally:
        deliver.give_back(left)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Cut ids into pieces: as many as may end up unknown when a worker dies."""
    return (ids[first : first + CHUNK] for first in range(0, len(ids), CHUNK))


def _send(ids: Sequence[int], sender: Sender, *, now: Clock) -> Tally:
    """Mark a chunk as being sent, send it, note how it ended. Whatever stops us, what was not given is due again."""
    begun_at = now()
    parcels = deliver.begin(ids, at=begun_at)
    outcomes = {p.message_id: (Outcome(Ending.NOT_GIVEN), p.attempts) for p in parcels}
    try:
        for parcel in parcels:
            if now() - begun_at > CHUNK_TIME:
                break
            mail = compose(parcel, at=now())
            outcomes[parcel.message_id] = Outcome(Ending.UNKNOWN), parcel.attempts
            outcomes[parcel.message_id] = sender.send(mail), parcel.attempts
    finally:
        deliver.settle(outcomes, at=now())
    return Counter(outcome.ending for outcome, _ in outcomes.values())

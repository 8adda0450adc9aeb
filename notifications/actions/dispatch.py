"""One round: plan what has changed, send what is due, until nothing is left."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel import UnknownLocaleError
from django.core.mail import EmailMultiAlternatives
from django.template import TemplateDoesNotExist, TemplateSyntaxError, VariableDoesNotExist

from core.refusals import Busy
from notifications.actions import deliver, lost_links
from notifications.actions.relay import relay
from notifications.channels.mail.compose import compose
from notifications.channels.mail.send import Sender
from notifications.parcels import Parcel
from notifications.status import Ending, Outcome

log = logging.getLogger(__name__)

CHUNK = 50
CHUNK_TIME = timedelta(seconds=60)
ROUND_TIME = timedelta(seconds=200)

UNWRITABLE = (
    UnknownLocaleError,
    TemplateDoesNotExist,
    TemplateSyntaxError,
    VariableDoesNotExist,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What words can fail with, by what one visit's rows say."""

Clock = Callable[[], datetime]
Tally = Counter[Ending]


def never() -> bool:
    """Say that nobody asks to stop."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """The time a round has. `now` reads the clock; `stopping` says whether the worker was asked to stop."""

    now: Clock
    stopping: Callable[[], bool]
    ends_at: datetime

    def over(self, *, at: datetime) -> bool:
        """Say whether nothing more may be begun."""
        return self.stopping() or at >= self.ends_at


def run(*, now: Clock, stopping: Callable[[], bool] = never) -> Tally:
    """Relay and deliver until nothing is due, 200 seconds have passed or `stopping`; return how the sendings ended.

    Two rounds at once are harmless. `now` reads the clock: a round lasts longer than a moment.
    """
    started_at = now()
    this = Round(now=now, stopping=stopping, ends_at=started_at + ROUND_TIME)
    tally: Tally = Counter()
    try:
        with Sender() as sender:
            _round(sender, tally, this, at=started_at)
    except Busy:
        log.info("visits are being changed: their messages wait for the next round")
    if tally:
        log.info("messages: %s", ", ".join(f"{ending.value} {count}" for ending, count in sorted(tally.items())))
    return tally


def _round(sender: Sender, tally: Tally, this: Round, *, at: datetime) -> None:
    """Relay and deliver until nothing is due, counting into `tally`."""
    deliver.take_back(at=at)
    while not this.over(at=this.now()):
        planned = relay(at=this.now()) + lost_links.answer(at=this.now())
        if deliver.anything_due(at=this.now()):
            if not sender.open():
                return
            _deliver(sender, tally, this)
        elif not planned:
            return


def _deliver(sender: Sender, tally: Tally, this: Round) -> None:
    """Claim a batch and send it in chunks; what is not begun, whatever happens, is given back."""
    left = deliver.claim(at=this.now())
    try:
        for chunk in _chunks(left):
            if this.over(at=this.now()) or not sender.open():
                break
            tally.update(_send(chunk, sender, this))
            left = left[len(chunk) :]
    finally:
        deliver.give_back(left)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Cut ids into pieces: as many as may end up unknown when a worker dies."""
    return (ids[first : first + CHUNK] for first in range(0, len(ids), CHUNK))


def _send(ids: Sequence[int], sender: Sender, this: Round) -> Tally:
    """Mark a chunk as being sent, send it, note how it ended. Whatever stops us, what was not given is due again."""
    begun_at = this.now()
    parcels = deliver.begin(ids, at=begun_at)
    outcomes = {p.message_id: (Outcome(Ending.NOT_GIVEN), p.attempts) for p in parcels}
    try:
        for parcel in parcels:
            at = this.now()
            if at - begun_at > CHUNK_TIME or this.over(at=at):
                break
            mail = _written(parcel, at=at)
            if mail is None:
                outcomes[parcel.message_id] = Outcome(Ending.UNWRITABLE), parcel.attempts
                continue
            outcomes[parcel.message_id] = Outcome(Ending.UNKNOWN), parcel.attempts
            outcomes[parcel.message_id] = sender.send(mail), parcel.attempts
    finally:
        deliver.settle(outcomes, at=this.now())
    return Counter(outcome.ending for outcome, _ in outcomes.values())


def _written(parcel: Parcel, *, at: datetime) -> EmailMultiAlternatives | None:
    """Return the mail for a message, or None where it cannot be written: that must not hold other people's mail back.

    The log names the kind of fault and the message's id: what the fault says may hold a name.
    """
    try:
        return compose(parcel, at=at)
    except UNWRITABLE as fault:
        log.error("message %d cannot be written: %s", parcel.message_id, type(fault).__name__)  # noqa: TRY400
        return None

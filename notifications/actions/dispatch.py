"""One round: plan what has changed, send what is due, until nothing is left."""

import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from django.db import InterfaceError, OperationalError, connection

from booking.public import RelayQueue
from core.refusals import Busy
from notifications.actions import (
    breakers,
    claims,
    closure_notices,
    codes,
    contact_changes,
    deliver,
    endings,
    family_mails,
    linked_questions,
    lost_links,
    message_preferences,
    reviewed,
    waiting_list_mails,
)
from notifications.actions.batches import Batch, ComposedMessage
from notifications.actions.breakers import BreakerState
from notifications.actions.deliver import A_MOMENT, Start
from notifications.actions.filled_queues import OwnQueue, filled_queues
from notifications.actions.relay import relay
from notifications.channels import EMAIL, channels
from notifications.channels.channel import ChannelConnection, MessageChannel
from notifications.outgoing import DeliveryResult, OutgoingMessage
from notifications.status import AFTER_AN_ANSWER, AFTER_NO_ANSWER, DeliveryOutcome, Ending

log = logging.getLogger(__name__)

ROUND_TIME = timedelta(seconds=200)
AWAY = (OperationalError, InterfaceError, Busy)
"""What the database says when it cannot do its work just now."""

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0
AFTER_THE_STOP = timedelta(seconds=3)
"""How long a worker that was asked to stop may go on trying to write down how its last mail ended."""

PLANS: dict[str, Callable[..., int]] = {
    RelayQueue.CHANGES: relay,
    RelayQueue.ADDRESSES: contact_changes.relay,
    RelayQueue.CODES: codes.relay,
    RelayQueue.REVIEWS: reviewed.relay,
    RelayQueue.CLOSURES: closure_notices.relay,
    RelayQueue.FAMILIES: family_mails.relay,
    RelayQueue.TOGETHER: linked_questions.relay,
    RelayQueue.WAITING_LIST: waiting_list_mails.relay,
    RelayQueue.PREFERENCES: message_preferences.relay,
    OwnQueue.LINKS: lost_links.answer,
}
"""How each queue is taken up, in this order."""

SINGLE_MAILS: dict[frozenset[str], Callable[..., bool]] = {
    frozenset({RelayQueue.FAMILIES, OwnQueue.FAMILY_MAILS}): lambda wire, at: family_mails.send_next(wire, at=at),
    frozenset({RelayQueue.WAITING_LIST, OwnQueue.WAITING_LIST_MAILS}): (
        lambda wire, at: waiting_list_mails.send_next(wire, at=at)
    ),
}
"""Mails that hang on no appointment: in which queues they wait, and what sends the next of them."""

Clock = Callable[[], datetime]
Endings = Counter[Ending]
Noted = TypeVar("Noted")


def never() -> bool:
    """Say that nobody asks to stop."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """The time a round has. `now` reads the clock; `stopping` says whether the worker was asked to stop.

    `left` are the ids of what could not be planned, by what it is: the next round tries again.
    """

    now: Clock
    stopping: Callable[[], bool]
    wait: Callable[[float], object]
    ends_at: datetime
    tally: Endings = field(default_factory=Counter)
    left: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def over(self) -> bool:
        """Say whether nothing more may be begun."""
        return self.stopping() or self.now() >= self.ends_at


def run(*, now: Clock, stopping: Callable[[], bool] = never, wait: Callable[[float], object] = time.sleep) -> Endings:
    """Relay and deliver until nothing is due, 200 seconds have passed or `stopping`; return how the sendings ended.

    Two rounds at once are harmless. `now` reads the clock: a round lasts longer than a moment.
    """
    this = Round(now=now, stopping=stopping, wait=wait, ends_at=now() + ROUND_TIME)
    try:
        with ExitStack() as opened:
            _round({channel: _connection(channel, opened) for channel in channels()}, this)
        if this.tally[Ending.SENT]:
            endings.reached_since(at=this.now())
    except AWAY as away:
        log.warning(
            "the database is not there, or busy (%s): what is due waits for the next round", type(away).__name__
        )
        connection.close()
    if this.tally:
        log.info("messages: %s", ", ".join(f"{ending.value} {count}" for ending, count in sorted(this.tally.items())))
    return this.tally


def _connection(channel: MessageChannel, opened: ExitStack) -> ChannelConnection:
    """Return a channel's connection, which is closed when the round ends."""
    connection = channel.connection()
    opened.callback(connection.close)
    return connection


def _round(connections: dict[MessageChannel, ChannelConnection], this: Round) -> None:
    """Relay and deliver until nothing is due. A channel whose server takes nothing holds back its own alone.

    Quick batches follow each other for a second: that long may wait what changes meanwhile, and another channel.
    """
    in_use = [channel.key for channel in connections]
    while connections and not this.over():
        there = filled_queues(in_use, at=this.now())
        busy = bool(_plan(this.left, there, in_use, at=this.now()))
        for queues, send_next in SINGLE_MAILS.items():
            busy |= bool(there & queues) and _send_singly(connections, this, send_next)
        for channel in list(connections):
            turn_ends_at = this.now() + A_MOMENT
            while not this.over() and claims.anything_due(channel.key, at=this.now()):
                busy = True
                if not _deliver(channel, connections[channel], this):
                    del connections[channel]
                    break
                if this.now() >= turn_ends_at:
                    break
        if not busy:
            return


def _send_singly(
    connections: dict[MessageChannel, ChannelConnection], this: Round, send_next: Callable[..., bool]
) -> bool:
    """Send what is due of mails that hang on no appointment, for a second at most; say whether anything was."""
    mail = next((connection for channel, connection in connections.items() if channel.key == EMAIL), None)
    turn_ends_at, sent = this.now() + A_MOMENT, False
    while mail is not None and not this.over() and this.now() < turn_ends_at:
        if not send_next(mail, at=this.now()):
            break
        sent = True
    return sent


def _deliver(channel: MessageChannel, connection: ChannelConnection, this: Round) -> bool:
    """Deliver a batch of a channel's messages; say whether the next one may follow."""
    if not connection.open():
        return False
    at = this.now()
    breaker = breakers.breaker_state(channel.key, at=at)
    return breaker is not BreakerState.SHUT and BatchDelivery(channel, connection, this, breaker, at=at).deliver()


def _plan(left: dict[str, set[int]], there: frozenset[str], channels: Collection[str], *, at: datetime) -> int:
    """Plan what is `there`; return how much there was. What cannot be planned is `left`."""
    if OwnQueue.UNREACHABLE in there:
        claims.end_unreachable(channels, at=at)
    if OwnQueue.LEASES in there:
        claims.take_back(at=at)
    planned = sum(plan(at=at, beside=left[queue]) for queue, plan in PLANS.items() if queue in there)
    if OwnQueue.OLD_ADDRESSES in there:
        contact_changes.forget_old_addresses()
    return planned


class BatchDelivery:
    """One batch on its way. At most one message at a time is between its beginning and its outcome."""

    def __init__(
        self,
        channel: MessageChannel,
        connection: ChannelConnection,
        this: Round,
        breaker: BreakerState,
        *,
        at: datetime,
    ) -> None:
        self.channel, self.connection, self.this, self.breaker = channel, connection, this, breaker
        self.untried_since = at if breaker is BreakerState.PROBE else None
        self.before: DeliveryResult | None = None
        self.refusal: DeliveryOutcome | None = None
        self.outcome = DeliveryOutcome(Ending.UNKNOWN)
        self.free_until = this.now() + A_MOMENT
        ids = claims.claim(channel.key, at=this.now(), limit=1 if breaker is BreakerState.PROBE else claims.AT_ONCE)
        self.batch = Batch(ids, channel=channel, now=this.now)

    def deliver(self) -> bool:
        """Hand the batch over, mail by mail; what is not begun, whatever happens, is given back.

        Return whether there was a batch, and no reason to stop.
        """
        try:
            while not self.this.over() and (composed := self.batch.next()):
                if not self._free_still() or not self.connection.open() or not self._pass_on(composed):
                    return False
            return bool(self.batch.ids)
        finally:
            self._settle_before()
            claims.give_back(self.batch.ids)
            if self.untried_since:
                breakers.give_back(self.channel.key, taken_at=self.untried_since, at=self.this.now())

    def _pass_on(self, composed: ComposedMessage) -> bool:
        """Judge, announce, hand over, note one message; say whether the next one may follow."""
        if not composed.may_go:
            self._look_again(composed.outgoing)
            return True
        begun_at, self.refusal = self.this.now(), composed.fault
        start = self._begin(composed, at=begun_at)
        if start is not Start.BEGUN:
            self.connection.withdraw()
            if start is Start.CHANGED:
                self._look_again(composed.outgoing)
            return start is Start.CHANGED or self._free()
        return self._give(composed, begun_at=begun_at)

    def _begin(self, composed: ComposedMessage, *, at: datetime) -> Start:
        """Mark a message as being sent; while the database works, announce it and write the next one.

        Where it is not known whether the mark stands, it is taken off again.
        """
        try:
            with ExitStack() as failed:
                failed.callback(self._not_begun, composed.outgoing, at=at)
                beside = partial(self._announce, composed, at=at)
                start = deliver.begin(composed.reading, after=self.before, beside=beside, at=at)
                failed.pop_all()
        except AWAY:
            return Start.NOT_MINE
        self.before = None
        return start

    def _announce(self, composed: ComposedMessage, *, at: datetime) -> None:
        """Ask the server whether it takes a message, and write the next one."""
        if composed.written:
            self.refusal = self.connection.announce(composed.written)
        self.batch.write_ahead(at=at)

    def _not_begun(self, outgoing: OutgoingMessage, *, at: datetime) -> None:
        """Put a message off that the database would not let us begin, whether or not the mark stands."""
        self._settle_before()
        unmarked = _put_off(outgoing, at=at)
        marked = replace(unmarked, beginning=unmarked.beginning + 1, lease_until=at + deliver.SENDING_LEASE)
        self._settle([marked, unmarked])

    def _give(self, composed: ComposedMessage, *, begun_at: datetime) -> bool:
        """Hand a marked message over, and have the next one written by the time that the server answers."""
        self.outcome = self.refusal or DeliveryOutcome(Ending.UNKNOWN)
        try:
            if self.refusal is None and composed.written:
                self._speak(composed.written)
        finally:
            self._note(
                composed.outgoing, self.outcome, beginning=composed.outgoing.message.begun + 1, begun_at=begun_at
            )
        return self.outcome.ending not in (Ending.NOT_GIVEN, Ending.UNKNOWN) or self._free()

    def _speak(self, written: Any) -> None:  # noqa: ANN401  (each channel's own)
        handed = self.connection.hand_over(written)
        if handed is not None:
            self.outcome = handed
            return
        try:
            self.batch.write_ahead(at=self.this.now())
        finally:
            self.outcome = self.connection.answer()

    def _note(self, outgoing: OutgoingMessage, outcome: DeliveryOutcome, *, beginning: int, begun_at: datetime) -> None:
        """Note an outcome: that a mail was sent together with the beginning of the next, anything else at once."""
        self.this.tally[outcome.ending] += 1
        if outcome.ending in AFTER_AN_ANSWER | AFTER_NO_ANSWER:
            self.untried_since = None
        ended = DeliveryResult(outgoing=outgoing, outcome=outcome, beginning=beginning, begun_at=begun_at)
        self._settle_before()
        if outcome.ending is Ending.SENT and self.breaker is BreakerState.FREE:
            self.before = ended
            return
        self._settle([ended])
        self.breaker = BreakerState.FREE if outcome.ending is Ending.SENT else BreakerState.UNEASY

    def _settle_before(self) -> None:
        """Note how the message before ended, if that is not noted yet."""
        if self.before:
            self._settle([self.before])
            self.before = None

    def _settle(self, ended: list[DeliveryResult]) -> None:
        _until_it_stands(lambda: deliver.settle(ended, breaker=self.breaker, at=self.this.now()), this=self.this)

    def _free(self) -> bool:
        """Say whether the channel's messages may still go out."""
        return breakers.may_go_on(self.channel.key, at=self.this.now())

    def _free_still(self) -> bool:
        """Ask once a second whether another worker has found that they must wait; the one that tries does not ask."""
        at = self.this.now()
        if self.breaker is BreakerState.PROBE or at < self.free_until:
            return True
        self.free_until = at + A_MOMENT
        return self._free()

    def _look_again(self, outgoing: OutgoingMessage) -> None:
        """Judge a message by its visit as it is now; if it may go out, it is written anew and comes next.

        One whose visit changes at each look waits for a later round.
        """
        self._settle_before()
        at = self.this.now()
        try:
            now = deliver.look_again(outgoing.message, at=at)
        except AWAY:
            self._settle([_put_off(outgoing, at=at)])
            return
        if now is not None and not self.batch.put_first(now):
            self._settle([_put_off(now.outgoing, at=at)])  # or it would be claimed again at once, all round long


def _put_off(outgoing: OutgoingMessage, *, at: datetime) -> DeliveryResult:
    """Return that a message, as it was read, was not begun."""
    return DeliveryResult(
        outgoing=outgoing, outcome=DeliveryOutcome(Ending.NOT_BEGUN), beginning=outgoing.message.begun, begun_at=at
    )


def _until_it_stands(write: Callable[[], Noted], *, this: Round) -> Noted:
    """Write down what must not be lost, however long the database is away; only a stop ends the trying."""
    pause, give_up_at = FIRST_PAUSE, None
    while True:
        try:
            return write()
        except AWAY as away:
            connection.close()
            give_up_at = give_up_at or (this.now() + AFTER_THE_STOP if this.stopping() else None)
            if give_up_at and this.now() >= give_up_at:
                raise
            log.warning("an outcome is not written yet: %s", type(away).__name__)
        this.wait(pause)
        pause = min(2 * pause, LONGEST_PAUSE)

"""The messages that a worker has picked up, each written just ahead of its turn."""

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from notifications.actions import claims
from notifications.actions.faults import unless_faulty
from notifications.actions.send_checks import ClaimedMessage, verdict
from notifications.channels.channel import MessageChannel
from notifications.outgoing import OutgoingMessage
from notifications.plan import SEND
from notifications.status import DeliveryOutcome, Ending

FRESH = timedelta(seconds=10)
"""How old what was read of visits may be; claims are renewed as often."""

MOST_LOOKS = 3
"""How often a message is written anew because its visit changes again and again; then it waits for the next batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposedMessage:
    """A message ready for the wire; with nothing written where it may not go out (`may_go`), or cannot (`fault`)."""

    reading: ClaimedMessage
    may_go: bool
    written: Any | None = None
    fault: DeliveryOutcome | None = None

    @property
    def outgoing(self) -> OutgoingMessage:
        """The message, with what its words need and the address that it goes to."""
        return self.reading.outgoing


class Batch:
    """Claimed messages in the order of their turns."""

    def __init__(self, ids: Sequence[int], *, channel: MessageChannel, now: Callable[[], datetime]) -> None:
        self.ids = tuple(ids)
        self._compose, self._now = channel.compose, now
        self._left, self._ahead = deque(ids), deque[ComposedMessage]()
        self._read: dict[int, ClaimedMessage] = {}
        self._fresh_until: datetime | None = None
        self._looks: Counter[int] = Counter()

    def next(self) -> ComposedMessage | None:
        """Return whose turn it is, written; None when all have had theirs."""
        at = self._now()
        if self._stale(at):
            self._left.extendleft(composed.outgoing.message_id for composed in reversed(self._ahead))
            self._ahead.clear()
            if self._left:
                self._read = claims.read_claimed(self._left, at=at)
                self._fresh_until = at + FRESH
        if not self._ahead:
            self._write_one(at)
        return self._ahead.popleft() if self._ahead else None

    def write_ahead(self, *, at: datetime) -> None:
        """Write the next message in the meantime, unless that needs the database."""
        if not self._ahead and not self._stale(at):
            self._write_one(at)

    def put_first(self, reading: ClaimedMessage) -> bool:
        """Let a message that was read anew be next; say whether it is, or has been looked at often enough."""
        message_id = reading.outgoing.message_id
        self._looks[message_id] += 1
        if self._looks[message_id] >= MOST_LOOKS:
            return False
        self._ahead.appendleft(self._written(reading, at=self._now()))
        return True

    def _stale(self, at: datetime) -> bool:
        return self._fresh_until is None or at >= self._fresh_until

    def _write_one(self, at: datetime) -> None:
        """Write the next message that is still claimed."""
        while self._left:
            reading = self._read.get(self._left.popleft())
            if reading:
                self._ahead.append(self._written(reading, at=at))
                return

    def _written(self, reading: ClaimedMessage, *, at: datetime) -> ComposedMessage:
        """Return a message as it goes out, or that it may not, or cannot: that must hold nobody else back."""
        failing = f"message {reading.outgoing.message_id} cannot be written"
        composed = unless_faulty(lambda: self._judged(reading, at=at), failing=failing)
        return composed or _unwritable(reading)

    def _judged(self, reading: ClaimedMessage, *, at: datetime) -> ComposedMessage:
        if verdict(reading, at=at) != SEND:
            return ComposedMessage(reading=reading, may_go=False)
        written = self._compose(reading.outgoing, at=at)
        return ComposedMessage(reading=reading, may_go=True, written=written) if written else _unwritable(reading)


def _unwritable(reading: ClaimedMessage) -> ComposedMessage:
    return ComposedMessage(reading=reading, may_go=True, fault=DeliveryOutcome(Ending.UNWRITABLE))

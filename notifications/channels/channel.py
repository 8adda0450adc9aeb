"""What a channel is to a round: how it reaches a person, and a connection over which messages go one by one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from booking.public import ContactAddress
from notifications.outgoing import OutgoingMessage
from notifications.status import DeliveryOutcome


class ChannelConnection(Protocol):
    """A way to a channel's server, kept open for a round. `written` is whatever its channel's `compose` returns."""

    def open(self) -> bool:
        """Connect, if not yet connected; say whether there is a connection."""

    def close(self) -> None:
        """End the connection."""

    def announce(self, written: Any) -> DeliveryOutcome | None:  # noqa: ANN401  (each channel's own)
        """Say to whom a message is; return the refusal, or None if it may come. Nothing is given yet."""

    def withdraw(self) -> None:
        """Take back what was announced."""

    def hand_over(self, written: Any) -> DeliveryOutcome | None:  # noqa: ANN401
        """Give the announced message to the server; return None when its `answer` is awaited, else how it ended."""

    def answer(self) -> DeliveryOutcome:
        """Wait for what the server says to the message that it was given."""


class MessageChannel(Protocol):
    """A way to reach people. `key` names it in plans and messages, and its breaker: what waits for its server alone."""

    key: str

    def address(self, contacts: Sequence[ContactAddress]) -> str | None:
        """Return at which of their contacts, the preferred first, this channel reaches a person, or None."""

    def can_reach(self, address: str) -> bool:
        """Say whether anything can be sent to an address at all."""

    def compose(self, outgoing: OutgoingMessage, *, at: datetime) -> Any | None:  # noqa: ANN401  (each channel's own)
        """Return a message as it goes over the wire, or None where its address cannot be written."""

    def connection(self) -> ChannelConnection:
        """Return a connection, not opened yet."""

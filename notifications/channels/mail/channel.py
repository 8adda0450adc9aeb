"""E-mail as a channel."""

from collections.abc import Sequence

from booking.public import ContactAddress
from core.text.mail_addresses import can_be_written_to
from notifications.channels.mail.compose import write
from notifications.channels.mail.send import Sender


class MailChannel:
    """Reaches whoever has an e-mail address, by Django's e-mail backend."""

    key = "email"
    compose = staticmethod(write)

    def address(self, contacts: Sequence[ContactAddress]) -> str | None:
        """Return the e-mail address to be tried first."""
        return next((contact.value for contact in contacts if contact.system == "email"), None)

    def can_reach(self, address: str) -> bool:
        """Say whether mail can be sent to an address at all."""
        return can_be_written_to(address)

    def connection(self) -> Sender:
        """Return a connection to the mail server, not opened yet."""
        return Sender()

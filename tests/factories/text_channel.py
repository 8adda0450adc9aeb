"""A second channel: short texts to phones, which arrive as lines of a file."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings

from booking.public import ContactAddress
from notifications.outgoing import OutgoingMessage
from notifications.status import DeliveryOutcome, Ending


class FileConnection:
    """Writes each text as a line of a file; where its folder is gone, there is no connection."""

    def __init__(self) -> None:
        self.file = Path(settings.TEXTS_FILE)

    def open(self) -> bool:
        return self.file.parent.is_dir()

    def close(self) -> None:
        pass

    def announce(self, written: str) -> None:
        pass

    def withdraw(self) -> None:
        pass

    def hand_over(self, written: str) -> DeliveryOutcome:
        with self.file.open("a", encoding="utf-8") as texts:
            texts.write(f"{written}\n")
        return DeliveryOutcome(Ending.SENT)

    def answer(self) -> DeliveryOutcome:
        return DeliveryOutcome(Ending.SENT)


class TextChannel:
    """Reaches whoever has a phone."""

    key = "text"

    def address(self, contacts: Sequence[ContactAddress]) -> str | None:
        return next((contact.value for contact in contacts if contact.system == "phone"), None)

    def can_reach(self, address: str) -> bool:
        return address.startswith("+")

    def compose(self, outgoing: OutgoingMessage, *, at: datetime) -> str:
        del at
        return f"{outgoing.address} {outgoing.kind.value} {outgoing.visit.starts_at:%Y-%m-%d}"

    def connection(self) -> FileConnection:
        return FileConnection()

"""Slot ids: the same for the same practitioner, therapy, visit, technique, site and start.

They are spelled, not sealed: whoever decodes one learns what it names. Pages carry them sealed. Where nobody may learn
what a visit is for, ids go out that name no therapy (`without_therapy`), and
come back to be read for the visit at hand.
"""

import base64
import binascii
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from scheduler.errors import UnknownSlot

LONGEST = 200
YEARS = range(2000, 2100)
"""Far enough from the ends of the calendar that days can be added to any start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotKey:
    """What a slot id stands for. `start` is UTC, on a whole minute."""

    practitioner: UUID
    site: str
    therapy: str
    visit: str
    technique: str
    start: datetime

    def encode(self) -> str:
        """Return the id."""
        minutes = int(self.start.timestamp()) // 60
        plain = f"{self.practitioner.hex}.{self.site}.{self.therapy}.{self.visit}.{self.technique}.{minutes:x}"
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")

    def serving(self, therapy: str, visit: str, technique: str) -> "SlotKey":
        """Return the same start with the same practitioner, for another visit."""
        return replace(self, therapy=therapy, visit=visit, technique=technique)

    @property
    def without_therapy(self) -> str:
        """The id of the same start with the same practitioner that does not tell what the visit is for."""
        return self.serving("", "", "").encode()

    @classmethod
    def decode(cls, text: str) -> "SlotKey":
        """Return what an id stands for. Raises UnknownSlot."""
        try:
            if len(text) > LONGEST:
                raise UnknownSlot
            plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("ascii")
            practitioner, site, therapy, visit, technique, minutes = plain.split(".")
            start = datetime.fromtimestamp(int(minutes, 16) * 60, UTC)
            key = cls(
                practitioner=UUID(hex=practitioner),
                site=site,
                therapy=therapy,
                visit=visit,
                technique=technique,
                start=start,
            )
        except (ValueError, OverflowError, OSError, binascii.Error) as error:
            raise UnknownSlot from error
        # One spelling only: ids are compared as texts, so that another spelling of the same start must not be another
        # time.
        if key.encode() != text or start.year not in YEARS:
            raise UnknownSlot
        return key

"""What people look for, and what they are shown."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from core.text.languages import said
from scheduler.catalogue import PractitionerCard, SiteCard
from scheduler.search.slot_ids import SlotKey

PARTS_OF_DAY = {"morning": (0, 12), "afternoon": (12, 17), "evening": (17, 24)}
"""Hours [from, to) of the site's wall clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A search. Starts lie in [starts_at, ends_at); `sites` are ids, None for all; `step_minutes` is the grid shown.

    `staff` says whose notice and horizon hold; `moving` is an allocation whose own claims do not count.
    """

    therapy: str
    visit: str
    starts_at: datetime
    ends_at: datetime
    technique: str = ""
    sites: frozenset[int] | None = None
    practitioner: UUID | None = None
    gender: str | None = None
    language: str | None = None
    part_of_day: str | None = None
    staff: bool = False
    moving: UUID | None = None
    limit: int = 50
    step_minutes: int = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A start that can be booked; `end` is when the patient leaves, both UTC."""

    id: str
    start: datetime
    end: datetime
    therapy: str
    visit: str
    technique: str
    practitioner: PractitionerCard
    site: SiteCard

    @property
    def key(self) -> SlotKey:
        """What the id stands for."""
        return SlotKey.decode(self.id)

    def as_json(self) -> dict[str, object]:
        """Return what the API shows; times are the site's, with their offset."""
        return {
            "id": self.id,
            "start": self.start.astimezone(self.site.tz).isoformat(),
            "end": self.end.astimezone(self.site.tz).isoformat(),
            "therapy": self.therapy,
            "visit": self.visit,
            "technique": self.technique,
            "practitioner": practitioner_as_json(self.practitioner),
            "site": site_as_json(self.site),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLoad:
    """How many starts a day of the site's calendar has, and the first of them, by the site's clock."""

    day: date
    starts: int
    first: datetime

    def as_json(self) -> dict[str, object]:
        """Return what the API shows of a day."""
        return {"day": self.day.isoformat(), "starts": self.starts, "first": self.first.isoformat()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a start cannot be had, as a code and in words."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Whether a slot is free, or why not."""

    slot: Slot
    free: bool
    reasons: tuple[Reason, ...]


def practitioner_as_json(card: PractitionerCard) -> dict[str, object]:
    """Return what the API shows of a practitioner."""
    return {
        "id": str(card.public_id),
        "name": card.name,
        "credentials": card.credentials,
        "languages": list(card.languages),
        "gender": card.gender,
    }


def site_as_json(card: SiteCard) -> dict[str, object]:
    """Return what the API shows of a site, in the reader's language."""
    return {
        "id": str(card.public_id),
        "key": card.key,
        "name": said(dict(card.name)),
        "zone": card.zone,
        "address": card.address,
        "phone": card.phone,
    }

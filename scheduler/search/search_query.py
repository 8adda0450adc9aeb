"""What people look for, and what they are shown."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from scheduler.audience import Audience
from scheduler.search.slot_ids import Slot, SlotKey
from scheduler.slots import Segments

PARTS_OF_DAY = {"morning": (0, 12), "afternoon": (12, 17), "evening": (17, 24)}
"""Hours [from, to) of the site's wall clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """A search. Starts lie in [starts_at, ends_at); `sites` are ids, None for all.

    `audience` says who asks: whose notice and horizon hold, and which time is open to them; `moving` is an allocation
    whose own claims do not count, `segments` its own ones where those are not the therapy's.
    `reviewed`: somebody at the clinic has looked at the visit already, or need not, so that it takes no time for that.
    Of starts in a row every `step_minutes` is shown, from the first on; `also` is shown wherever it lies.
    `limit` and `each_start` (at most so many practitioners) may be None; `after`: only what comes later in order.
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
    audience: Audience = Audience.PATIENT
    moving: UUID | None = None
    segments: Segments | None = None
    reviewed: bool = False
    limit: int | None = 50
    each_start: int | None = None
    after: SlotKey | None = None
    step_minutes: int = 15
    also: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayLoad:
    """How many starts a day of the site's calendar has, and the first of them, by the site's clock."""

    day: date
    starts: int
    first: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UnavailableReason:
    """Why a start cannot be had, as a code and in words; `opens_at`: from when on whoever asks may have it, if ever."""

    code: str
    detail: str
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Whether a slot is free, or why not."""

    slot: Slot
    free: bool
    reasons: tuple[UnavailableReason, ...]

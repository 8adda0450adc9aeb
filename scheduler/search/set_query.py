"""What several people look for who come together, and what they are shown."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from scheduler.audience import Audience
from scheduler.search.slot_ids import Slot
from scheduler.slots import Segments


class Relation(StrEnum):
    """How the appointments of people who come together lie to each other."""

    SAME_TIME = "same-time"
    BACK_TO_BACK = "back-to-back"


class Side(StrEnum):
    """On which side of an event they come."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """Something else that somebody has: when it begins or ends, and within how many minutes of it. Never what."""

    moment: datetime
    side: Side
    within: timedelta

    def fits(self, start: datetime, end: datetime) -> bool:
        """Whether all of a set that lasts from `start` until `end` lies as near as that, on its side."""
        if self.side is Side.AFTER:
            return self.moment <= start <= self.moment + self.within
        return self.moment - self.within <= end <= self.moment


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonQuery:
    """What one of them wants: a therapy, and with whom; `audience` says who they are and what their place must have.

    `moving`: an allocation whose own claims do not count, `segments`: how it runs where that is its own; `reviewed`:
    nobody has to look at it before it is booked.
    """

    therapy: str
    visit: str
    technique: str = ""
    practitioner: UUID | None = None
    gender: str | None = None
    language: str | None = None
    audience: Audience = Audience.PATIENT
    moving: UUID | None = None
    segments: Segments | None = None
    reviewed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetQuery:
    """A search of times for two to six people. The first of a set begins in [starts_at, ends_at), all at one site.

    `within`: at the same time, how far apart they may begin; one after the other, how long the next may wait. Three at
    most come in whichever order, more in the order in which they are named. Sets begin at least `step` apart.
    """

    people: tuple[PersonQuery, ...]
    relation: Relation
    starts_at: datetime
    ends_at: datetime
    within: timedelta = timedelta()
    sites: frozenset[int] | None = None
    anchor: Anchor | None = None
    limit: int = 10
    step: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSet:
    """Times that can be had together, in the order of the people."""

    slots: tuple[Slot, ...]

    @property
    def start(self) -> datetime:
        """When the first of them begins, UTC."""
        return min(slot.start for slot in self.slots)

    @property
    def end(self) -> datetime:
        """When the last of them leaves, UTC."""
        return max(slot.end for slot in self.slots)

"""Which seats can be kept together, and until when somebody is to have them: values in, values out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from core.models import Site
from scheduler.public import Slot

MOST_SEATS = 6
MOST_WAITING = 20
"""Seats that one member of staff keeps at once and nobody has yet."""

NAME_BY = timedelta(hours=72)
SOONER = (timedelta(hours=48), timedelta(hours=24), timedelta(hours=4))
"""Where what is usual is past already, the first of these that is not."""

TIME_TO_NAME = timedelta(hours=1)
REMINDED = timedelta(hours=24)
"""How long before the name-by date staff are reminded: four days before the seats, where nothing else is chosen."""

LONGEST_GAP = timedelta(minutes=30)
"""Between two seats in a row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationAnchor:
    """What seats are near to: a time and a place, and never what happens there.

    They end at most `minutes` before it where it comes after them (`before`), else the first begins as soon after it.
    """

    at: datetime
    minutes: int
    site: Site
    before: bool = False

    def window(self) -> tuple[datetime, datetime]:
        """Return from when to when the seats that count are to begin, or to end before it; both ends included."""
        near = timedelta(minutes=self.minutes)
        return (self.at - near, self.at) if self.before else (self.at, self.at + near)

    def has_near(self, slots: Sequence[Slot]) -> bool:
        """Whether seats are as near as was asked for: side by side all of them, in a row the one next to it."""
        since, until = self.window()
        if any(one.site.id != self.site.pk for one in slots):
            return False
        if self.before:
            return since <= max(one.end for one in slots) <= until
        return since <= min(one.start for one in slots) <= until


def are_in_a_row(slots: Sequence[Slot]) -> bool:
    """Whether each begins when the one before is over, or soon after."""
    ordered = sorted(slots, key=lambda one: one.start)
    return all(timedelta() <= later.start - earlier.end <= LONGEST_GAP for earlier, later in pairwise(ordered))


def are_side_by_side(slots: Sequence[Slot]) -> bool:
    """Whether there is a moment at which all are treated."""
    return max(one.start for one in slots) < min(one.end for one in slots)


def usual_name_by(slots: Sequence[Slot], *, at: datetime) -> datetime:
    """Return until when seats are kept if nobody says otherwise: three days before, or nearer where that is past."""
    return name_by_before(min(one.start for one in slots), NAME_BY, at=at)


def name_by_before(start: datetime, before: timedelta, *, at: datetime) -> datetime:
    """Return the moment so long before a start, or the next nearer one that leaves time to find somebody."""
    nearer = (before, *(one for one in SOONER if one < before))
    return next((start - one for one in nearer if start - one >= at + TIME_TO_NAME), start)


def is_due_for_naming(name_by: datetime, *, at: datetime) -> bool:
    """Whether it is time to remind staff that nobody has a seat yet."""
    return name_by - REMINDED <= at < name_by

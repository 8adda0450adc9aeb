"""Working hours as somebody wants them, and as the rule by which they recur. Their columns are called alike in each."""

from dataclasses import dataclass, fields
from datetime import date, time
from typing import Any

from core.models import Site
from scheduler.audience import EVERYONE
from scheduler.calendars.hours import Rule
from scheduler.models import WorkingHours


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Working hours as somebody wants them: wall time of the site, on an ISO weekday, every n-th week.

    Weeks are counted from that of `valid_from`; `valid_to` is the first day on which they no longer hold. `audience`
    alone books in them.
    """

    site: Site
    weekday: int
    starts: time
    ends: time
    valid_from: date
    valid_to: date | None = None
    every_weeks: int = 1
    audience: str = EVERYONE

    @property
    def columns(self) -> dict[str, Any]:
        """What is written of it, by the columns of working hours."""
        return {column.name: getattr(self, column.name) for column in fields(self)}


def shift_of(hours: WorkingHours) -> Shift:
    """Return working hours as they are."""
    return Shift(**{column.name: getattr(hours, column.name) for column in fields(Shift)})


def rule(hours: WorkingHours | Shift) -> Rule:
    """Return working hours, as they are or are wanted, without their site."""
    return Rule(**{column.name: getattr(hours, column.name) for column in fields(Rule)})

"""Places, or whole rooms, cannot be used from a day on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from booking.actions.impact.absences import look_again
from booking.actions.impact.closing import refuse_others
from booking.actions.impact.planned_edits import Written, of_site
from booking.models import Appointment, CalendarEdit, EditKind
from core.database.transactions import unit
from core.models import Site
from core.principal import Principal
from scheduler import public as scheduler

A_DAY = timedelta(days=1)
CLOSURE = "place-closure"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceClosing:
    """Which places of a site cannot be used from when until when: an edit that is planned.

    `name`: which they are, for the list of what was edited; `why`: what the closure is called.
    """

    site: Site
    places: Sequence[UUID]
    first_on: date
    last_on: date | None
    why: str
    name: str

    kind = EditKind.PLACES
    practitioner = None
    keeps_people = True

    @property
    def starts_at(self) -> datetime:
        """From when on they are closed."""
        return datetime.combine(self.first_on, time(), self.site.tz)

    @property
    def ends_at(self) -> datetime:
        """Until when they are."""
        last = self.last_on
        return datetime.combine(last + A_DAY, time(), self.site.tz) if last else scheduler.UNTIL_FURTHER_NOTICE

    def check(self, *, by: Principal) -> None:
        """Refuse whoever does not close this site. Raises Forbidden."""
        refuse_others(self.site, by)

    def touched(self) -> QuerySet[Appointment]:
        """Return the appointments in these places, be it that smoke fills them."""
        there = scheduler.allocations_in(self.places, self.starts_at, self.ends_at)
        return of_site(self.site).filter(allocation__in=there)

    def write(self, *, by: Principal, at: datetime) -> Written:
        """Close them. Raises Invalid."""
        days: Any = {"first_on": self.first_on, "last_on": self.last_on}
        made = scheduler.close_places(self.site, self.places, **days, name=self.why, by=by, at=at)
        return Written(made=[{CLOSURE: str(one)} for one in made])


def take_away(edit: CalendarEdit, *, by: Principal, at: datetime) -> None:
    """Let these places be used again, as if they had not been closed."""
    closures = [UUID(one[CLOSURE]) for one in edit.made]
    scheduler.open_places(edit.site, closures, since=date.min, by=by, at=at)


@unit
def open_again(site: Site, closure: UUID, *, by: Principal, at: datetime) -> None:
    """Let a place be used again from today on; whoever heard otherwise is told. Raises Forbidden."""
    refuse_others(site, by)
    scheduler.open_places(site, [closure], since=at.astimezone(site.tz).date(), by=by, at=at)
    look_again(at=at)

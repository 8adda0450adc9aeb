"""A site opens at other times of the week from a day on."""

from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import QuerySet

from booking.actions.impact.planned_edits import Written, of_site
from booking.models import Appointment, CalendarEdit, EditKind
from core.models import Site
from core.principal import Principal
from core.refusals import Forbidden
from core.rights import Action, Subject, may
from scheduler import public as scheduler


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOpening:
    """When a site opens from a day on: an edit that is planned. `name`: the site's, for the list of what was edited."""

    site: Site
    intervals: tuple[scheduler.WeeklyInterval, ...]
    since: date
    name: str

    kind = EditKind.OPENING
    practitioner = None
    ends_at = scheduler.UNTIL_FURTHER_NOTICE
    keeps_people = False

    @property
    def starts_at(self) -> datetime:
        """From when on it opens like this."""
        return datetime.combine(self.since, time(), self.site.tz)

    def check(self, *, by: Principal) -> None:
        """Refuse whoever does not set up this site. Raises Forbidden."""
        if not may(by, Action.EDIT_CATALOGUE, Subject(sites=frozenset({self.site.pk}))):
            raise Forbidden

    def touched(self) -> QuerySet[Appointment]:
        """Return the appointments at this site."""
        return of_site(self.site)

    def write(self, *, by: Principal, at: datetime) -> Written:
        """Set the week. Raises Invalid."""
        done = scheduler.set_opening_week(self.site, self.intervals, since=self.since, by=by, at=at)
        return Written(made=done.made, warnings=[one.detail for one in done.warnings])


def take_away(edit: CalendarEdit, *, by: Principal, at: datetime) -> None:
    """Set the week back as it was. Raises Invalid."""
    scheduler.set_opening_week_back(edit.site, edit.made, by=by, at=at)

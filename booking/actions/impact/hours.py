"""Somebody works at other times of the week from a day on, or leaves."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import QuerySet

from booking.actions.impact.absences import subject_of
from booking.actions.impact.planned_edits import Written
from booking.models import Appointment, CalendarEdit, EditKind
from core.models import Site
from core.principal import Principal
from core.refusals import Forbidden
from core.rights import Action, Subject, may
from scheduler import public as scheduler


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWeek:
    """Whose hours at a site are these from a day on: an edit that is planned."""

    practitioner: Any
    site: Site
    intervals: tuple[scheduler.WeeklyInterval, ...]
    since: date

    kind = EditKind.HOURS
    name = ""
    ends_at = scheduler.UNTIL_FURTHER_NOTICE
    keeps_people = False

    @property
    def starts_at(self) -> datetime:
        """From when on they hold."""
        return datetime.combine(self.since, time(), self.site.tz)

    def check(self, *, by: Principal) -> None:
        """Refuse whoever does not keep this calendar. Raises Forbidden."""
        if not may(by, Action.EDIT_CALENDAR, subject_of(self.practitioner)):
            raise Forbidden

    def touched(self) -> QuerySet[Appointment]:
        """Return their appointments at this site."""
        return Appointment.objects.filter(practitioner=self.practitioner, site=self.site)

    def write(self, *, by: Principal, at: datetime) -> Written:
        """Set the week. Raises Invalid, HoursClash."""
        done = scheduler.set_week(self.practitioner, self.site, self.intervals, since=self.since, by=by, at=at)
        return Written(made=done.made, warnings=[one.detail for one in done.warnings])


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """Who works nowhere any more from a day on: an edit that is planned."""

    practitioner: Any
    site: Site
    since: date

    kind = EditKind.HOURS
    name = ""
    ends_at = scheduler.UNTIL_FURTHER_NOTICE
    keeps_people = False

    @property
    def starts_at(self) -> datetime:
        """From when on they are gone."""
        return datetime.combine(self.since, time(), self.site.tz)

    def check(self, *, by: Principal) -> None:
        """Refuse whoever does not set up every site where they work: that is for all of these. Raises Forbidden."""
        sites = scheduler.sites_of(self.practitioner)
        if not all(may(by, Action.EDIT_CATALOGUE, Subject(sites=frozenset({one}))) for one in sites):
            raise Forbidden

    def touched(self) -> QuerySet[Appointment]:
        """Return all of their appointments."""
        return Appointment.objects.filter(practitioner=self.practitioner)

    def write(self, *, by: Principal, at: datetime) -> Written:
        """End all of their hours."""
        done = scheduler.end_all_hours(self.practitioner, since=self.since, by=by, at=at)
        return Written(made=done.made)


def take_away(edit: CalendarEdit, *, by: Principal, at: datetime) -> None:
    """Set the week back as it was. Raises HoursClash."""
    if edit.practitioner is not None:
        scheduler.set_week_back(edit.practitioner, edit.made, by=by, at=at)

"""A site is closed, or a therapy there: on days or for a part of one, or on public holidays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from booking.actions.impact.planned_edits import Written, of_site
from booking.models import Appointment, CalendarEdit, EditKind
from core.models import Site
from core.principal import Principal
from core.refusals import Forbidden
from core.rights import Action, Subject, may
from scheduler import public as scheduler

A_DAY = timedelta(days=1)
ADDED = "added"


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """What is closed at a site from when until when, until further notice without a last day: an edit that is planned.

    `therapy`: its key, empty where the whole site is.
    """

    site: Site
    therapy: str
    first_on: date
    last_on: date | None
    starts: time | None
    ends: time | None
    name: str

    kind = EditKind.CLOSURE
    practitioner = None
    keeps_people = False

    @property
    def starts_at(self) -> datetime:
        """From when on it is closed."""
        return datetime.combine(self.first_on, self.starts or time(), self.site.tz)

    @property
    def ends_at(self) -> datetime:
        """Until when it is."""
        if self.last_on is None:
            return scheduler.UNTIL_FURTHER_NOTICE
        if self.ends:
            return datetime.combine(self.last_on, self.ends, self.site.tz)
        return datetime.combine(self.last_on + A_DAY, time(), self.site.tz)

    def check(self, *, by: Principal) -> None:
        """Refuse whoever does not close this site. Raises Forbidden."""
        refuse_others(self.site, by)

    def touched(self) -> QuerySet[Appointment]:
        """Return the appointments there, those for what is closed."""
        here = of_site(self.site)
        return here.filter(therapy__key=self.therapy) if self.therapy else here

    def write(self, *, by: Principal, at: datetime) -> Written:
        """Close it. Raises Invalid, ClosureClash."""
        closed = scheduler.close_from(
            self.site,
            therapy=self.therapy,
            first_on=self.first_on,
            last_on=self.last_on,
            starts=self.starts,
            ends=self.ends,
            name=self.name,
            by=by,
            at=at,
        )
        return Written(made=[{ADDED: closed.key}])


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayClosing:
    """On which public holidays a site is closed: an edit that is planned."""

    site: Site
    days: Sequence[date]
    name: str

    kind = EditKind.CLOSURE
    practitioner = None
    keeps_people = False

    @property
    def starts_at(self) -> datetime:
        """When the first of them begins."""
        return datetime.combine(min(self.days), time(), self.site.tz)

    @property
    def ends_at(self) -> datetime:
        """When the last of them is over."""
        return datetime.combine(max(self.days) + A_DAY, time(), self.site.tz)

    def check(self, *, by: Principal) -> None:
        """Refuse whoever does not close this site. Raises Forbidden."""
        refuse_others(self.site, by)

    def touched(self) -> QuerySet[Appointment]:
        """Return the appointments there on these days."""
        midnights = ((datetime.combine(day, time(), self.site.tz), self._over(day)) for day in self.days)
        return of_site(self.site).filter(reduce(or_, (Q(period__overlap=one) for one in midnights)))

    def _over(self, day: date) -> datetime:
        return datetime.combine(day + A_DAY, time(), self.site.tz)

    def write(self, *, by: Principal, at: datetime) -> Written:
        """Close them, as far as they are not closed yet."""
        return Written(made=scheduler.close_on(self.site, self.days, by=by, at=at))


def refuse_others(site: Site, by: Principal) -> None:
    """Refuse whoever does not close a site. Raises Forbidden."""
    if not may(by, Action.CLOSE, Subject(sites=frozenset({site.pk}))):
        raise Forbidden


def take_away(edit: CalendarEdit, *, by: Principal, at: datetime) -> None:
    """Open it again; what was suggested before is suggested again."""
    scheduler.take_closures_back(edit.site, edit.made, by=by, at=at)

"""Somebody on call around the hour at which the demo is opened: its day has people in every state by night too.

Close to midnight a part of those who come to one of them come on another day; so more are on call then. What cannot be
is not made up: within twenty minutes of midnight nobody has missed a time of the new day, and in the last half of an
hour before it hardly any time is left for which somebody could ask.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from booking.actions import appointments
from core.models import Site
from core.principal import Principal
from demo.clinic import DEMO
from scheduler import public as scheduler
from scheduler.actions import calendars, sheets
from scheduler.models import OpeningHours, Practitioner, WorkingHours
from scheduler.ticks import week_of

if TYPE_CHECKING:
    from booking.models import Patient

A_DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
BEFORE, AFTER = timedelta(hours=2), timedelta(hours=4)
STARTS = (-120, -105, -65, -50, -25, -10, 15, 30, 55, 70)
"""Minutes from now at which somebody comes: two beside each other, as the hands of one who treats allow."""

ON_CALL = "okafor"

LATE, EARLY = 100 * MINUTE, 90 * MINUTE
"""How long before and after midnight that is."""

NEAR_MIDNIGHT = {"li": (5, 25), "ramirez": (5,)}
"""Who is on call as well near midnight, and the minutes from now at which somebody comes to them before it.

One of them has time left, for whoever asks for it.
"""

STARTS_EARLY = (0, 10, 20)
"""Minutes from midnight at which somebody comes to them after it."""

WITHIN = 15 * MINUTE
THERAPY = "acu_auricular"

Times = tuple[time, time]
"""From when until when on one day; midnight as an end is that of the same day."""


@dataclass(frozen=True, slots=True)
class OnCall:
    """Hours of one day around `at` at a site, beside those that it and whoever treats have anyway."""

    site: Site
    who: Practitioner
    at: datetime
    starts: tuple[int, ...] = STARTS

    def work(self) -> None:
        """Open the site and let them work, for these hours alone."""
        for day, times in self._days():
            self._open(day, times)
            for starts, ends in _without(times, self._own(day)):
                shift = calendars.Shift(
                    site=self.site,
                    weekday=day.isoweekday(),
                    starts=starts,
                    ends=ends,
                    valid_from=day,
                    valid_to=day + A_DAY,
                )
                calendars.add_hours(self.who, shift, by=DEMO, at=self.at)

    def fill(self, patients: "Iterator[Patient]", *, by: Principal) -> int:
        """Book those who come to them today, as they asked the day before; return how many."""
        return sum(self._book(self._now + minutes * MINUTE, patients, by=by) for minutes in self.starts)

    @property
    def _now(self) -> datetime:
        """The last full five minutes, by the clock of the site."""
        local = self.at.astimezone(self.site.tz)
        return local - timedelta(minutes=local.minute % 5, seconds=local.second, microseconds=local.microsecond)

    def _days(self) -> Iterator[tuple[date, Times]]:
        """Yield today, and tomorrow where the hours reach beyond midnight, each with its hours."""
        today, since, until = self._now.date(), self._now - BEFORE, self._now + AFTER
        ends_today = until.date() == today
        yield today, (since.time() if since.date() == today else time(), until.time() if ends_today else time())
        if not ends_today and until.time() > time():
            yield today + A_DAY, (time(), until.time())

    def _open(self, day: date, times: Times) -> None:
        known = OpeningHours.objects.filter(site=self.site, weekday=day.isoweekday())
        there = sorted(known.values_list("opens", "closes"))
        OpeningHours.objects.bulk_create(
            OpeningHours(
                site=self.site,
                weekday=day.isoweekday(),
                opens=opens,
                closes=closes,
                valid_from=day,
                valid_to=day + A_DAY,
            )
            for opens, closes in _without(times, there)
        )
        sheets.reopen(sites=[self.site.pk], first=week_of(self.at - A_DAY))

    def _own(self, day: date) -> list[Times]:
        theirs = WorkingHours.objects.filter(practitioner=self.who, weekday=day.isoweekday())
        return sorted(theirs.values_list("starts", "ends"))

    def _book(self, start: datetime, patients: "Iterator[Patient]", *, by: Principal) -> int:
        if start.date() != self._now.date():
            return 0
        before = self.at - A_DAY
        query = scheduler.SearchQuery(
            therapy=THERAPY,
            visit=scheduler.VisitType.FOLLOWUP,
            practitioner=self.who.public_id,
            starts_at=start,
            ends_at=start + WITHIN,
            sites=frozenset({self.site.pk}),
            audience=scheduler.Audience.STAFF_WITH_REASON,
            limit=1,
        )
        found = scheduler.search(query, at=before)
        for slot in found:
            appointments.book(slot=slot, patient=next(patients), by=by, at=before)
        return len(found)


def on_call(site: Site, staff: Mapping[str, Practitioner], *, at: datetime) -> list[OnCall]:
    """Return who is on call at a site at this hour; `staff`: by their keys."""
    local = at.astimezone(site.tz)
    since = timedelta(hours=local.hour, minutes=local.minute - local.minute % 5)
    late, early = A_DAY - since <= LATE, since <= EARLY
    after_midnight = tuple(minutes - since // MINUTE for minutes in STARTS_EARLY)
    others = [
        OnCall(site, staff[key], at, starts=after_midnight if early else starts)
        for key, starts in NEAR_MIDNIGHT.items()
        if late or early
    ]
    return [OnCall(site, staff[ON_CALL], at), *others]


def _without(times: Times, there: list[Times]) -> Iterator[Times]:
    """Yield what is left of a time without others, which are in order."""
    since, until = times
    for starts, ends in there:
        if _end(ends) <= _minutes(since) or _minutes(starts) >= _end(until):
            continue
        if since < starts:
            yield since, starts
        if _end(ends) >= _end(until):
            return
        since = ends
    yield since, until


def _minutes(wall: time) -> int:
    return wall.hour * 60 + wall.minute


def _end(wall: time) -> int:
    """Return the minutes until the end of something; what ends at midnight lasts all of the day."""
    return _minutes(wall) or 24 * 60

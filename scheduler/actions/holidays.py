"""Public holidays as suggested closures: without effect until somebody confirms them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import holidays

from core.database.transactions import unit
from core.models import Site
from scheduler.actions.calendar_edits import lock
from scheduler.calendars.hours import days_between
from scheduler.models import Closure, SuggestedHoliday

COUNTRY = "US"
AHEAD = timedelta(days=365)


def public_holidays(state: str, first_on: date, last_on: date) -> dict[date, str]:
    """Return the public holidays of a state from `first_on` to `last_on`; the national ones for an unknown state."""
    known = state if state in holidays.list_supported_countries()[COUNTRY] else None
    calendar = holidays.country_holidays(COUNTRY, subdiv=known, years=range(first_on.year, last_on.year + 1))
    return {day: calendar[day] for day in days_between(first_on, last_on) if day in calendar}


@unit
def suggest(site: Site, *, first_on: date, last_on: date) -> int:
    """Suggest to close a site on public holidays from `first_on` to `last_on`; return how many suggestions are new.

    A day that is covered by a closure, suggested or not, is left alone; a closure of part of a day covers none. So is
    one that was suggested before: staff has moved or removed it.
    """
    lock(site)
    # Under the lock of the site: two who press the button at once would each find nothing suggested.
    there = Closure.objects.filter(site=site, therapy=None, first_on__lte=last_on).exclude(last_on__lt=first_on)
    covered = {day for closure in there for day in _days_of(closure, until=last_on)}
    # Remembered by day, not by closure: one that was moved, renamed or removed was still asked about.
    covered |= set(SuggestedHoliday.objects.filter(site=site, day__gte=first_on).values_list("day", flat=True))
    found = public_holidays(site.state, first_on, last_on)
    new = {day: name for day, name in found.items() if day not in covered}
    SuggestedHoliday.objects.bulk_create(SuggestedHoliday(site=site, day=day) for day in new)
    Closure.objects.bulk_create(
        Closure(site=site, first_on=day, last_on=day, name=name[:120], confirmed=False) for day, name in new.items()
    )
    return len(new)


def _days_of(closure: Closure, *, until: date) -> Iterable[date]:
    first, last = closure.whole_days
    return days_between(first, min(last, until))


def suggest_year(site: Site, *, at: datetime) -> int:
    """Suggest the public holidays of the next 365 days; return how many suggestions are new."""
    today = at.astimezone(site.tz).date()
    return suggest(site, first_on=today, last_on=today + AHEAD)


def suggest_everywhere(*, at: datetime) -> int:
    """Suggest, for all sites, the holidays of the next 365 days that were not suggested before."""
    return sum(suggest_year(site, at=at) for site in Site.objects.filter(active=True))

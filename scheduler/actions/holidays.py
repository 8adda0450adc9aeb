"""Public holidays as suggested closures: without effect until somebody confirms them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from core.database.transactions import unit
from core.models import Site
from core.principal import Principal
from core.refusals import Missing
from scheduler.actions import calendars
from scheduler.actions.calendar_edits import lock
from scheduler.calendars.hours import days_between
from scheduler.calendars.public_holidays import public_holidays
from scheduler.models import Closure, SuggestedHoliday

AHEAD = timedelta(days=365)
CONFIRMED, ADDED = "confirmed", "added"


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


class HolidayState(StrEnum):
    """What a site does on a public holiday."""

    CLOSED = "closed"
    ASKED = "asked"
    OPEN = "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """A public holiday at a site. `asked`: nobody has decided about it yet; its times are on sale until then."""

    day: date
    name: str
    state: HolidayState


def holiday_year(site: Site, *, since: date) -> list[Holiday]:
    """Return the public holidays of a site's state in the 365 days from a day on, with what the site does then."""
    last = since + AHEAD
    rows = Closure.objects.filter(site=site, therapy=None, first_on__lte=last).exclude(last_on__lt=since)
    closed: dict[date, bool] = {}
    for row in rows.order_by("confirmed"):
        closed |= dict.fromkeys(_days_of(row, until=last), row.confirmed)
    asked = set(SuggestedHoliday.objects.filter(site=site, day__gte=since).values_list("day", flat=True))
    found = public_holidays(site.state, since, last).items()
    return [Holiday(day=day, name=name, state=_state(day, closed, asked)) for day, name in sorted(found)]


def _state(day: date, closed: dict[date, bool], asked: Collection[date]) -> HolidayState:
    if closed.get(day):
        return HolidayState.CLOSED
    return HolidayState.OPEN if day in asked and day not in closed else HolidayState.ASKED


@unit
def close_on(site: Site, days: Collection[date], *, by: Principal, at: datetime) -> list[dict[str, str]]:
    """Close a site on these public holidays, where it is not closed yet; return what was written. Raises Missing."""
    lock(site)
    found = [one for one in holiday_year(site, since=min(days)) if one.day in days]
    return [_close(site, one, by=by, at=at) for one in found if one.state is not HolidayState.CLOSED]


def _close(site: Site, one: Holiday, *, by: Principal, at: datetime) -> dict[str, str]:
    suggested = Closure.objects.filter(site=site, therapy=None, confirmed=False, first_on=one.day, last_on=one.day)
    row = suggested.select_related("site", "therapy").first()
    if row is not None:
        calendars.confirm_closure(row, by=by, at=at)
        return {CONFIRMED: str(row.public_id)}
    SuggestedHoliday.objects.get_or_create(site=site, day=one.day)
    added = calendars.add_closure(site, first_on=one.day, last_on=one.day, name=one.name[:120], by=by, at=at)
    return {ADDED: str(added.row.public_id)}


@unit
def stay_open_on(site: Site, day: date, *, by: Principal, at: datetime) -> None:
    """Decide that a site is open on a public holiday about which nobody has decided. Raises Missing."""
    lock(site)
    if day not in public_holidays(site.state, day, day):
        raise Missing
    SuggestedHoliday.objects.get_or_create(site=site, day=day)
    for row in Closure.objects.filter(site=site, therapy=None, confirmed=False, first_on=day, last_on=day):
        calendars.remove_closure(row, by=by, at=at)


@unit
def take_closures_back(site: Site, made: Iterable[dict[str, str]], *, by: Principal, at: datetime) -> None:
    """Undo what was written as days were closed: what was suggested is suggested again, what was added goes."""
    for one in made:
        named = one.get(CONFIRMED) or one[ADDED]
        row = Closure.objects.select_related("site", "therapy").filter(site=site, public_id=named).first()
        if row is None:
            continue
        if CONFIRMED in one:
            calendars.change_closure(row, confirmed=False, by=by, at=at)
        else:
            calendars.remove_closure(row, by=by, at=at)

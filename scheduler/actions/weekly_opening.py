"""When a site opens in a week is set from a day on, in one step, and set back."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q

from core.models import Site
from core.principal import Principal
from core.text.typed_dates import iso_date
from core.updates import write
from scheduler.actions import sheets
from scheduler.actions.calendar_edits import delete, impact_of_lost_time, lock
from scheduler.actions.setup_ledger import noted, opening_hours_of
from scheduler.actions.weekly_hours import ADDED, ENDED, REMOVED, SetWeek
from scheduler.calendars.hours import monday
from scheduler.calendars.weekly_hours import WeeklyInterval, opening_interval
from scheduler.catalogue.checks import check_opening
from scheduler.models import OpeningHours
from scheduler.sheets.closed_hours import left_outside
from scheduler.sheets.edit_impact import EditWarning

A_DAY = timedelta(days=1)
DATES = ("valid_from", "valid_to")


@noted(opening_hours_of, locking=lock)
def set_opening_week(
    site: Site, wanted: Collection[WeeklyInterval], *, since: date, by: Principal, at: datetime
) -> SetWeek:
    """Let these be all the opening hours of a site from a day on. Raises Missing, Invalid."""
    lock(site)
    there = list(OpeningHours.objects.filter(Q(valid_to=None) | Q(valid_to__gt=since), site=site).order_by("pk"))
    staying = {opening_interval(one) for one in there if _stays(one, wanted, since=since)}
    gone = [one for one in there if not _stays(one, wanted, since=since)]
    made = [_end(one, since=since) for one in gone]
    touched = {one.weekday for one in gone}
    for interval in sorted(set(wanted) - staying):
        check_opening(site, [interval.weekday], interval.starts, interval.ends, on=since)
        day, opens, closes = interval.weekday, interval.starts, interval.ends
        added = OpeningHours.objects.create(site=site, weekday=day, opens=opens, closes=closes, valid_from=since)
        made.append({ADDED: str(added.public_id)})
        touched.add(day)
    return SetWeek(made=made, warnings=_reopened(site, touched, since=since, by=by, at=at) if touched else ())


def _stays(one: OpeningHours, wanted: Collection[WeeklyInterval], *, since: date) -> bool:
    """Whether it is open like this already, without an end, as is wanted from a day on."""
    return opening_interval(one) in wanted and one.valid_to is None and (one.valid_from or since) <= since


def _end(one: OpeningHours, *, since: date) -> dict[str, Any]:
    """End opening hours before a day, or remove them where they begin no earlier; say what they were."""
    if one.valid_from is not None and one.valid_from >= since:
        delete(one)
        return {REMOVED: {name: _written(getattr(one, name)) for name in ("weekday", "opens", "closes", *DATES)}}
    before = one.valid_to
    write(one, valid_to=since)
    return {ENDED: str(one.public_id), "valid_to": _written(before)}


def _written(value: object) -> object:
    return value.isoformat() if isinstance(value, date | time) else value


def _reopened(
    site: Site, weekdays: Iterable[int], *, since: date, by: Principal, at: datetime
) -> tuple[EditWarning, ...]:
    """Open the site anew from a day on; return what is to be known about it."""
    # A day more: a day of the site's begins in another week of UTC.
    lost = sheets.reopen(sites=[site.pk], first=monday(since - A_DAY))
    return impact_of_lost_time(site, lost, by=by, at=at, warnings=left_outside(site, weekdays, on=since)).warnings


@noted(opening_hours_of, locking=lock)
def set_opening_week_back(site: Site, made: Iterable[dict[str, Any]], *, by: Principal, at: datetime) -> None:
    """Undo what was written as a week was set, as far as it is there still. Raises Missing, Invalid."""
    lock(site)
    weekdays = {day for one in reversed(list(made)) for day in _undone(site, one, at=at)}
    if weekdays:
        _reopened(site, weekdays, since=at.astimezone(site.tz).date(), by=by, at=at)


def _undone(site: Site, one: dict[str, Any], *, at: datetime) -> list[int]:
    """Undo one thing that was written; return the weekday that it touches."""
    today = at.astimezone(site.tz).date()
    if REMOVED in one:
        row = one[REMOVED]
        opens, closes = time.fromisoformat(row["opens"]), time.fromisoformat(row["closes"])
        days = {name: iso_date(row[name]) if row[name] else None for name in DATES}
        check_opening(site, [row["weekday"]], opens, closes, on=days["valid_from"] or today)
        OpeningHours.objects.create(site=site, weekday=row["weekday"], opens=opens, closes=closes, **days)
        return [row["weekday"]]
    hours = OpeningHours.objects.filter(site=site, public_id=str(one.get(ADDED) or one[ENDED])).first()
    if hours is None:
        return []
    if ADDED in one:
        delete(hours)
    else:
        hours.valid_to = iso_date(one["valid_to"]) if one["valid_to"] else None
        check_opening(site, [hours.weekday], hours.opens, hours.closes, on=today, instead_of=hours)
        write(hours, valid_to=hours.valid_to)
    return [hours.weekday]

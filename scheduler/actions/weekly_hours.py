"""The working hours of a week are set from a day on, in one step, and set back.

What holds for one audience, every second week or at another site is left as it is.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from core.models import Site
from core.principal import Principal
from core.text.typed_dates import iso_date
from core.updates import write
from scheduler.actions.calendar_edits import delete, impact_of_lost_time, lock, reopen_hours
from scheduler.actions.setup_ledger import noted, working_hours_of
from scheduler.calendars.checks import check_shift
from scheduler.calendars.shifts import Shift, shift_of
from scheduler.calendars.weekly_hours import WeeklyInterval, interval_of, plain_hours, stays
from scheduler.models import Practitioner, WorkingHours
from scheduler.sheets.closed_hours import outside_opening_hours
from scheduler.sheets.edit_impact import EditWarning

ENDED, ADDED, REMOVED = "ended", "added", "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetWeek:
    """What was written, in order, by which it is set back; and what else is to be known about it."""

    made: Sequence[dict[str, Any]]
    warnings: tuple[EditWarning, ...] = ()


@noted(working_hours_of, locking=lock)
def set_week(
    practitioner: Practitioner,
    site: Site,
    wanted: Collection[WeeklyInterval],
    *,
    since: date,
    by: Principal,
    at: datetime,
) -> SetWeek:
    """Let these be all the hours of every week, for everybody, of somebody at a site from a day on.

    Raises Missing, Invalid, HoursClash.
    """
    lock(practitioner)
    there = plain_hours(practitioner, site, since=since)
    staying = {interval_of(one) for one in there if stays(one, wanted, since=since)}
    gone = [one for one in there if not stays(one, wanted, since=since)]
    shifts = [shift_of(one) for one in gone]
    made = [_end(one, since=since) for one in gone]
    warnings: list[EditWarning] = []
    for interval in sorted(set(wanted) - staying):
        shift = Shift(site=site, weekday=interval.weekday, starts=interval.starts, ends=interval.ends, valid_from=since)
        check_shift(shift, practitioner=practitioner)
        added = WorkingHours.objects.create(practitioner=practitioner, **shift.columns)
        warnings += outside_opening_hours(added, on=since)
        made.append({ADDED: str(added.public_id)})
        shifts.append(shift)
    if shifts:
        # Of what held before, the weeks from that day on alone have changed.
        touched = [replace(one, valid_from=max(one.valid_from, since)) for one in shifts]
        lost = reopen_hours(practitioner, *touched)
        warnings += impact_of_lost_time(practitioner, lost, by=by, at=at).warnings
    return SetWeek(made=made, warnings=tuple(dict.fromkeys(warnings)))


@noted(working_hours_of, locking=lock)
def end_all_hours(practitioner: Practitioner, *, since: date, by: Principal, at: datetime) -> SetWeek:
    """Let somebody work nowhere any more from a day on, in no week and for nobody. Raises Missing."""
    lock(practitioner)
    rows = WorkingHours.objects.filter(practitioner=practitioner).exclude(valid_to__lte=since)
    there = list(rows.select_related("practitioner", "site").order_by("pk"))
    shifts = [shift_of(one) for one in there]
    made = [_end(one, since=since) for one in there]
    if shifts:
        lost = reopen_hours(practitioner, *[replace(one, valid_from=max(one.valid_from, since)) for one in shifts])
        impact_of_lost_time(practitioner, lost, by=by, at=at)
    return SetWeek(made=made)


def _end(hours: WorkingHours, *, since: date) -> dict[str, Any]:
    """End hours before a day, or remove them where they begin no earlier; say what they were."""
    if hours.valid_from >= since:
        delete(hours)
        columns = shift_of(hours).columns | {"site": hours.site.key}
        return {REMOVED: {name: _written(value) for name, value in columns.items()}}
    before = hours.valid_to
    write(hours, valid_to=since)
    return {ENDED: str(hours.public_id), "valid_to": before.isoformat() if before else None}


def _written(value: object) -> object:
    return value.isoformat() if isinstance(value, date | time) else value


@noted(working_hours_of, locking=lock)
def set_week_back(practitioner: Practitioner, made: Iterable[dict[str, Any]], *, by: Principal, at: datetime) -> None:
    """Undo what was written as a week was set, as far as it is there still. Raises Missing, HoursClash."""
    lock(practitioner)
    shifts: list[Shift] = []
    for one in reversed(list(made)):
        shifts += _undone(practitioner, one)
    if shifts:
        impact_of_lost_time(practitioner, reopen_hours(practitioner, *shifts), by=by, at=at)


def _undone(practitioner: Practitioner, one: dict[str, Any]) -> list[Shift]:
    """Undo one thing that was written; return what hours it touches."""
    if REMOVED in one:
        return [_entered_again(practitioner, one[REMOVED])]
    named = str(one.get(ADDED) or one[ENDED])
    rows = WorkingHours.objects.filter(practitioner=practitioner, public_id=named).select_related("site")
    hours = rows.first()
    if hours is None:
        return []
    before = shift_of(hours)
    if ADDED in one:
        delete(hours)
        return [before]
    valid_to = iso_date(one["valid_to"]) if one["valid_to"] else None
    check_shift(replace(before, valid_to=valid_to), practitioner=practitioner, instead_of=hours)
    write(hours, valid_to=valid_to)
    return [before, replace(before, valid_to=valid_to)]


def _entered_again(practitioner: Practitioner, columns: dict[str, Any]) -> Shift:
    days = {name: iso_date(columns[name]) if columns[name] else None for name in ("valid_from", "valid_to")}
    times = {name: time.fromisoformat(columns[name]) for name in ("starts", "ends")}
    site = Site.objects.get(key=columns["site"])
    shift = Shift(**(columns | days | times | {"site": site}))
    check_shift(shift, practitioner=practitioner)
    WorkingHours.objects.create(practitioner=practitioner, **shift.columns)
    return shift

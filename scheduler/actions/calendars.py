"""Editing calendars: working hours, absences, closures. Each edit tells which visits lose cover.

Visits stay as they are. With `dry_run` everything is done, told, and undone; the row told is then as it would be.
Whoever edits holds the calendar's owner (practitioner or site) locked, so that no two edits judge each other's past
and no sheet is made from hours that are about to change.
"""

from datetime import date, datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from core.database.transactions import unit
from core.models import Site
from core.principal import Principal
from scheduler.actions.editing import (
    as_stored,
    delete,
    edited,
    lock,
    rehearsal,
    reopen_absence,
    reopen_days,
    reopen_hours,
    write,
)
from scheduler.calendars.checks import Shift, check_absence, check_closure, check_shift, shift_of
from scheduler.models import Absence, Closure, Practitioner, WorkingHours
from scheduler.models.calendars import AbsenceReason
from scheduler.sheets.edit_impact import Impact

__all__ = [
    "Impact",
    "Shift",
    "add_absence",
    "add_closure",
    "add_hours",
    "change_absence",
    "change_closure",
    "change_hours",
    "confirm_closure",
    "remove_absence",
    "remove_closure",
    "remove_hours",
    "shift_of",
]


@unit
def add_hours(
    practitioner: Practitioner, shift: Shift, *, by: Principal, at: datetime, dry_run: bool = False
) -> Impact[WorkingHours]:
    """Give a practitioner working hours. Raises Invalid, HoursClash."""
    with rehearsal(only=dry_run):
        lock(practitioner)
        check_shift(shift, practitioner=practitioner)
        hours = WorkingHours.objects.create(practitioner=practitioner, **_fields(shift))
        return edited(hours, reopen_hours(practitioner, shift), by=by, at=at)


@unit
def change_hours(
    hours: WorkingHours, shift: Shift, *, by: Principal, at: datetime, dry_run: bool = False
) -> Impact[WorkingHours]:
    """Change working hours to `shift`. Raises Missing, Invalid, HoursClash."""
    with rehearsal(only=dry_run):
        lock(hours.practitioner)
        before = shift_of(as_stored(hours))
        check_shift(shift, practitioner=hours.practitioner, instead_of=hours)
        write(hours, **_fields(shift))
        return edited(hours, reopen_hours(hours.practitioner, before, shift), by=by, at=at)


@unit
def remove_hours(hours: WorkingHours, *, by: Principal, at: datetime, dry_run: bool = False) -> Impact[WorkingHours]:
    """Take working hours away. Raises Missing."""
    with rehearsal(only=dry_run):
        lock(hours.practitioner)
        before = shift_of(as_stored(hours))
        delete(hours)
        return edited(hours, reopen_hours(hours.practitioner, before), by=by, at=at)


@unit
def add_absence(
    practitioner: Practitioner,
    *,
    starts_at: datetime,
    ends_at: datetime,
    by: Principal,
    at: datetime,
    reason: str = AbsenceReason.LEAVE,
    dry_run: bool = False,
) -> Impact[Absence]:
    """Enter that a practitioner is away. Raises Invalid, AbsenceClash."""
    with rehearsal(only=dry_run):
        lock(practitioner)
        check_absence(practitioner, starts_at, ends_at)
        absence = Absence.objects.create(
            practitioner=practitioner, period=DateTimeTZRange(starts_at, ends_at), reason=reason
        )
        return edited(absence, reopen_absence(practitioner, (starts_at, ends_at)), by=by, at=at)


@unit
def change_absence(
    absence: Absence,
    *,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    by: Principal,
    at: datetime,
    dry_run: bool = False,
) -> Impact[Absence]:
    """Change when and why a practitioner is away. Raises Missing, Invalid, AbsenceClash."""
    with rehearsal(only=dry_run):
        lock(absence.practitioner)
        before = _stretch(as_stored(absence))
        check_absence(absence.practitioner, starts_at, ends_at, instead_of=absence)
        write(absence, period=DateTimeTZRange(starts_at, ends_at), reason=reason)
        return edited(absence, reopen_absence(absence.practitioner, before, (starts_at, ends_at)), by=by, at=at)


@unit
def remove_absence(absence: Absence, *, by: Principal, at: datetime, dry_run: bool = False) -> Impact[Absence]:
    """Take an absence back. Raises Missing."""
    with rehearsal(only=dry_run):
        lock(absence.practitioner)
        before = _stretch(as_stored(absence))
        delete(absence)
        return edited(absence, reopen_absence(absence.practitioner, before), by=by, at=at)


@unit
def add_closure(
    site: Site,
    *,
    first_on: date,
    last_on: date,
    name: str,
    by: Principal,
    at: datetime,
    confirmed: bool = True,
    dry_run: bool = False,
) -> Impact[Closure]:
    """Shut a site on the days [first_on, last_on] of its zone; unconfirmed it changes nothing.

    Raises Invalid, ClosureClash.
    """
    with rehearsal(only=dry_run):
        lock(site)
        check_closure(site, first_on, last_on, name)
        closure = Closure.objects.create(site=site, first_on=first_on, last_on=last_on, name=name, confirmed=confirmed)
        return edited(closure, reopen_days(site, first_on, last_on), by=by, at=at)


@unit
def change_closure(
    closure: Closure,
    *,
    first_on: date,
    last_on: date,
    name: str,
    confirmed: bool,
    by: Principal,
    at: datetime,
    dry_run: bool = False,
) -> Impact[Closure]:
    """Change a closure. Raises Missing, Invalid, ClosureClash."""
    with rehearsal(only=dry_run):
        lock(closure.site)
        before = as_stored(closure)
        check_closure(closure.site, first_on, last_on, name, instead_of=closure)
        write(closure, first_on=first_on, last_on=last_on, name=name, confirmed=confirmed)
        lost = reopen_days(closure.site, before.first_on, before.last_on, first_on, last_on)
        return edited(closure, lost, by=by, at=at)


@unit
def confirm_closure(closure: Closure, *, by: Principal, at: datetime, dry_run: bool = False) -> Impact[Closure]:
    """Let a suggested closure hold. Raises Missing."""
    with rehearsal(only=dry_run):
        lock(closure.site)
        stored = as_stored(closure)
        write(stored, confirmed=True)
        return edited(stored, reopen_days(stored.site, stored.first_on, stored.last_on), by=by, at=at)


@unit
def remove_closure(closure: Closure, *, by: Principal, at: datetime, dry_run: bool = False) -> Impact[Closure]:
    """Take a closure away. Raises Missing."""
    with rehearsal(only=dry_run):
        lock(closure.site)
        before = as_stored(closure)
        delete(closure)
        return edited(closure, reopen_days(closure.site, before.first_on, before.last_on), by=by, at=at)


def _fields(shift: Shift) -> dict[str, Any]:
    return {
        "site": shift.site,
        "weekday": shift.weekday,
        "starts": shift.starts,
        "ends": shift.ends,
        "every_weeks": shift.every_weeks,
        "valid_from": shift.valid_from,
        "valid_to": shift.valid_to,
    }


def _stretch(absence: Absence) -> tuple[datetime, datetime]:
    return absence.period.lower, absence.period.upper

"""Editing calendars: working hours, absences, closures. Each edit tells which visits lose cover.

Visits stay as they are. With `dry_run` everything is done, told, and undone; the row told is then as it would be.
Whoever edits holds the calendar's owner (practitioner or site) locked, so that no two edits judge each other's past
and no sheet is made from hours that are about to change.
"""

from copy import copy
from dataclasses import replace
from datetime import date, datetime, time
from typing import TypedDict, Unpack

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from core.database.transactions import rehearsal, unit
from core.models import Site
from core.principal import Principal
from core.updates import write
from scheduler.actions.calendar_edits import (
    delete,
    impact_of_closing,
    impact_of_lost_time,
    lock,
    lock_with_owner,
    reopen_absence,
    reopen_hours,
)
from scheduler.actions.setup_ledger import added, noted
from scheduler.calendars.checks import ClosureFields, check_absence, check_closure, check_shift
from scheduler.calendars.shifts import Shift, shift_of
from scheduler.models import Absence, Closure, Practitioner, WorkingHours
from scheduler.models.calendars import AbsenceReason
from scheduler.sheets.closed_hours import outside_opening_hours
from scheduler.sheets.edit_impact import EditWarning, Impact

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


class HoursFields(TypedDict, total=False):
    """What can be changed of working hours."""

    site: Site
    weekday: int
    starts: time
    ends: time
    every_weeks: int
    valid_from: date
    valid_to: date | None
    audience: str


class AbsenceFields(TypedDict, total=False):
    """What can be changed of an absence."""

    starts_at: datetime
    ends_at: datetime
    reason: str


@added
def add_hours(
    practitioner: Practitioner, shift: Shift, *, by: Principal, at: datetime, dry_run: bool = False
) -> Impact[WorkingHours]:
    """Give a practitioner working hours. Raises Invalid, HoursClash."""
    with rehearsal(only=dry_run):
        lock(practitioner)
        check_shift(shift, practitioner=practitioner)
        hours = WorkingHours.objects.create(practitioner=practitioner, **shift.columns)
        return impact_of_lost_time(
            hours, reopen_hours(practitioner, shift), by=by, at=at, warnings=_outside(hours, at=at)
        )


def _outside(hours: WorkingHours, *, at: datetime) -> tuple[EditWarning, ...]:
    return outside_opening_hours(hours, on=at.astimezone(hours.site.tz).date())


@noted(locking=lock_with_owner)
def change_hours(
    hours: WorkingHours, *, by: Principal, at: datetime, dry_run: bool = False, **sent: Unpack[HoursFields]
) -> Impact[WorkingHours]:
    """Change these fields of working hours and leave the rest as it stands. Raises Missing, Invalid, HoursClash."""
    with rehearsal(only=dry_run):
        lock_with_owner(hours)
        before = shift_of(hours)
        wanted = replace(before, **sent)
        check_shift(wanted, practitioner=hours.practitioner, instead_of=hours)
        write(hours, **sent)
        lost = reopen_hours(hours.practitioner, before, wanted)
        return impact_of_lost_time(hours, lost, by=by, at=at, warnings=_outside(hours, at=at))


@noted(locking=lock_with_owner)
def remove_hours(hours: WorkingHours, *, by: Principal, at: datetime, dry_run: bool = False) -> Impact[WorkingHours]:
    """Take working hours away. Raises Missing."""
    with rehearsal(only=dry_run):
        lock_with_owner(hours)
        before = shift_of(hours)
        delete(hours)
        return impact_of_lost_time(hours, reopen_hours(hours.practitioner, before), by=by, at=at)


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
        return impact_of_lost_time(absence, reopen_absence(practitioner, (starts_at, ends_at)), by=by, at=at)


@unit
def change_absence(
    absence: Absence, *, by: Principal, at: datetime, dry_run: bool = False, **sent: Unpack[AbsenceFields]
) -> Impact[Absence]:
    """Change when or why a practitioner is away, as far as it is sent. Raises Missing, Invalid, AbsenceClash."""
    with rehearsal(only=dry_run):
        lock_with_owner(absence)
        before = _stretch(absence)
        wanted = sent.pop("starts_at", before[0]), sent.pop("ends_at", before[1])
        check_absence(absence.practitioner, *wanted, instead_of=absence)
        write(absence, period=DateTimeTZRange(*wanted), **sent)
        return impact_of_lost_time(absence, reopen_absence(absence.practitioner, before, wanted), by=by, at=at)


@unit
def remove_absence(absence: Absence, *, by: Principal, at: datetime, dry_run: bool = False) -> Impact[Absence]:
    """Take an absence back. Raises Missing."""
    with rehearsal(only=dry_run):
        lock_with_owner(absence)
        before = _stretch(absence)
        delete(absence)
        return impact_of_lost_time(absence, reopen_absence(absence.practitioner, before), by=by, at=at)


@unit
def add_closure(
    site: Site, *, by: Principal, at: datetime, dry_run: bool = False, **closure: Unpack[ClosureFields]
) -> Impact[Closure]:
    """Shut a site, or one therapy there, for days of its zone, or parts of them; unconfirmed it changes nothing.

    Raises Invalid, ClosureClash.
    """
    with rehearsal(only=dry_run):
        lock(site)
        fields = check_closure(site, closure)
        row = Closure.objects.create(site=site, **fields)
        return impact_of_closing(row, row, by=by, at=at)


@unit
def change_closure(
    closure: Closure, *, by: Principal, at: datetime, dry_run: bool = False, **sent: Unpack[ClosureFields]
) -> Impact[Closure]:
    """Change these fields of a closure and leave the rest as it stands. Raises Missing, Invalid, ClosureClash."""
    with rehearsal(only=dry_run):
        lock_with_owner(closure)
        before = copy(closure)
        write(closure, **check_closure(closure.site, sent, instead_of=closure))
        return impact_of_closing(closure, before, closure, by=by, at=at, reopens=True)


@unit
def confirm_closure(closure: Closure, *, by: Principal, at: datetime, dry_run: bool = False) -> Impact[Closure]:
    """Let a suggested closure hold. Raises Missing."""
    return change_closure(closure, by=by, at=at, dry_run=dry_run, confirmed=True)


@unit
def remove_closure(closure: Closure, *, by: Principal, at: datetime, dry_run: bool = False) -> Impact[Closure]:
    """Take a closure away. Raises Missing."""
    with rehearsal(only=dry_run):
        lock_with_owner(closure)
        delete(closure)
        return impact_of_closing(closure, closure, by=by, at=at, reopens=True)


def _stretch(absence: Absence) -> tuple[datetime, datetime]:
    return absence.period.lower, absence.period.upper

"""What every edit of a calendar does: lock its owner, write, open the sheets anew, tell what is left without cover."""

import logging
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.doorbell import ring
from core.models import Site
from core.principal import Principal
from core.refusals import Missing
from core.updates import lock_row
from scheduler.actions import sheets
from scheduler.calendars.closed_times import of_closure
from scheduler.calendars.hours import DAY, Period, monday
from scheduler.calendars.shifts import Shift
from scheduler.models import Absence, Closure, OpeningHours, Practitioner, WorkingHours
from scheduler.sheets.edit_impact import (
    EditWarning,
    Impact,
    Row,
    allocations_needing_time,
    allocations_of_therapy,
    open_to_fewer,
    uncovered,
)
from scheduler.sheets.sheet_rows import LostTicks
from scheduler.ticks import week_of

log = logging.getLogger(__name__)
REVIEW = "booking.tasks.review_uncovered_visits"
"""Puts on the list of calls whose visits an edit has left without cover; without a ring, within five minutes."""

REVIEW_REOPENED = "booking.tasks.review_reopened_visits"
"""Lets those be told whose time an edit has opened again; without a ring, within five minutes."""


def lock(owner: Practitioner | Site) -> None:
    """Keep everybody else from editing this calendar, and sheets from being made from it. Raises Missing."""
    rows = type(owner)._default_manager.filter(pk=owner.pk)
    # NO KEY: bookings name the practitioner by a foreign key, and need not wait for an edit of hours.
    if not list(rows.select_for_update(no_key=True).values_list("pk")):
        raise Missing


def lock_with_owner(row: WorkingHours | Absence | Closure | OpeningHours) -> None:
    """Lock a row of a calendar, and its owner before it, as every edit of a calendar does. Raises Missing."""
    lock(row.practitioner if isinstance(row, WorkingHours | Absence) else row.site)
    lock_row(row)


def delete(row: Row) -> None:
    """Delete a row; the object in hand keeps its values."""
    # By a query: `row.delete()` would empty the object's id, and the answer shows what was deleted.
    type(row)._default_manager.filter(pk=row.pk).delete()


def impact_of_lost_time(
    row: Row, lost: Sequence[LostTicks], *, by: Principal, at: datetime, warnings: tuple[EditWarning, ...] = ()
) -> Impact[Row]:
    """Log an edit and return it with what it leaves without cover, and what stays although it is open to fewer."""
    stays = open_to_fewer(lost, at=at)
    # What is open again is news as well: nobody is called about it any more, and whoever heard otherwise is told.
    ring(REVIEW)
    ring(REVIEW_REOPENED)
    return impact_on_visits(row, allocations_needing_time(lost, at=at), by=by, at=at, warnings=(*warnings, *stays))


def impact_on_visits(
    row: Row, touched: Collection[UUID], *, by: Principal, at: datetime, warnings: tuple[EditWarning, ...] = ()
) -> Impact[Row]:
    """Log an edit and return it with those of the allocations that it touches which are without cover now.

    Where there are any, their patients are put on the list of calls as soon as the edit is saved.
    """
    impact = Impact(row=row, uncovered=uncovered(touched, at=at), warnings=warnings)
    if impact.uncovered:
        # A rehearsal rings nobody: the bell is rung on commit, and its transaction is undone.
        ring(REVIEW)
    what = (row._meta.model_name, row.pk, by.key, len(impact.uncovered))
    # Nor is a rehearsal written down as an edit, or one that was refused in the end.
    transaction.on_commit(lambda: log.info("%s %s edited by %s, %s left without cover", *what))
    return impact


def reopen_hours(practitioner: Practitioner, *shifts: Shift) -> list[LostTicks]:
    """Open anew what working hours, as they were and as they are, touch; return what was lost."""
    ends = [s.valid_to for s in shifts]
    known = [day for day in ends if day is not None]
    return sheets.reopen(
        practitioners=[practitioner.pk],
        sites={s.site.pk for s in shifts},
        # A day more on each side: a day of the site's begins and ends in other weeks of UTC.
        first=monday(min(s.valid_from for s in shifts) - DAY),
        # Hours without an end reach as far as sheets are laid out.
        last=monday(max(known) + DAY) if len(known) == len(ends) else None,
    )


def reopen_absence(practitioner: Practitioner, *stretches: Period) -> list[LostTicks]:
    """Open anew what absences, as they were and as they are, touch; return what was lost."""
    return sheets.reopen(
        practitioners=[practitioner.pk],
        first=week_of(min(start for start, _ in stretches)),
        last=week_of(max(end for _, end in stretches)),
    )


def impact_of_closing(
    row: Closure, *states: Closure, by: Principal, at: datetime, reopens: bool = False
) -> Impact[Closure]:
    """Return what a closure, as it was and as it is, leaves without cover; where it shuts all, sheets follow."""
    whole = [state for state in states if state.therapy_id is None]
    lost = _reopen_days(row.site, whole) if whole else []
    touched = allocations_needing_time(lost, at=at)
    if reopens:  # whoever was told that it is closed is told, and nobody calls them any more
        ring(REVIEW)
        ring(REVIEW_REOPENED)
    for state in states:
        if state.therapy_id is not None and state.confirmed:
            closed = of_closure(state, row.site.tz)
            touched |= allocations_of_therapy(state.therapy_id, row.site, closed.starts, closed.ends, at=at)
    return impact_on_visits(row, touched, by=by, at=at, warnings=open_to_fewer(lost, at=at))


def _reopen_days(site: Site, closures: Sequence[Closure]) -> list[LostTicks]:
    """Open anew what the days of a site's closures touch; return what was lost."""
    ends = [one.last_on for one in closures if one.last_on is not None]
    return sheets.reopen(
        sites=[site.pk],
        first=monday(min(one.first_on for one in closures) - DAY),
        # What ends nowhere reaches as far as sheets are laid out.
        last=monday(max(ends) + DAY) if len(ends) == len(closures) else None,
    )

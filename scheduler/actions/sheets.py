"""Week sheets: making those that are missing, and opening them anew when a calendar changes."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta

from core.database.transactions import unit
from scheduler.calendars.open_hours import open_hours
from scheduler.sheets import sheet_rows
from scheduler.sheets.sheet_rows import LostTicks
from scheduler.ticks import weeks_between

# As far as staff book, and four weeks: the nightly task may fail that long before anybody misses a day.
AHEAD_DAYS = 180 + 28


@unit
def ensure(resources: Collection[int] | None, weeks: Sequence[date]) -> int:
    """Make the sheets that resources (ids; None: all) lack in these UTC weeks; return how many are new.

    Nobody edits the calendars they are made from before this transaction ends.
    """
    rows = sheet_rows.missing(resources, weeks)
    if not rows:
        return 0
    sheet_rows.lock_calendars(
        practitioners={row.practitioner for row in rows if row.practitioner is not None},
        sites={row.site for row in rows},
    )
    # Read once the calendars are held still, never before: a sheet made from hours that are about to change stays
    # wrong.
    hours = open_hours({row.calendar for row in rows}, sorted({row.week for row in rows}))
    return sheet_rows.insert(rows, [hours.ticks(row.calendar, row.week) for row in rows])


def extend(*, at: datetime, days: int = AHEAD_DAYS) -> int:
    """Make all sheets from the week of `at` to `days` ahead; return how many are new."""
    return ensure(None, weeks_between(at, at + timedelta(days=days)))


def lay_out(resources: Collection[int], *, at: datetime) -> int:
    """Make the sheets of these resources as far ahead as all others reach; return how many are new."""
    return ensure(resources, weeks_between(at, at + timedelta(days=AHEAD_DAYS)))


def reopen(
    *,
    practitioners: Collection[int] | None = None,
    sites: Collection[int] | None = None,
    first: date,
    last: date | None = None,
    places: Collection[int] = (),
) -> list[LostTicks]:
    """Open existing sheets as the calendars now say, from week `first` to `last` (None: to the end), under their locks.

    `places`: resources beside those of the practitioners. Return what was lost, or is open to fewer. Inside the
    transaction of the edit.
    """
    rows = sheet_rows.lock_open(practitioners=practitioners, sites=sites, first=first, last=last, places=places)
    if not rows:
        return []
    hours = open_hours({row.calendar for row in rows}, [row.week for row in rows])
    now = {row: hours.ticks(row.calendar, row.week) for row in rows}
    # Unchanged sheets are not written: most edits touch a few weeks of many.
    changed = {row.id: ticks for row, ticks in now.items() if row.id is not None and row.open != ticks}
    if changed:
        sheet_rows.reopen(changed)
    found = (
        LostTicks(
            resource=row.resource, week=row.week, lost=row.open.all & ~ticks.all, narrowed=row.open.narrowed_to(ticks)
        )
        for row, ticks in now.items()
        if row.open != ticks
    )
    return [one for one in found if one.lost or one.narrowed]

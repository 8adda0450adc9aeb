"""How long people are on their way between two sites: from then on nobody is booked at both sooner than that.

What is booked already stays booked, and is named where the way is too long for it. With `dry_run` everything is done,
told, and undone.
"""

from datetime import datetime

from core.database.locking import wait_for
from core.database.transactions import rehearsal
from core.models import Site
from core.principal import Principal
from core.updates import lock_row, write
from scheduler.actions.calendar_edits import delete, impact_on_visits
from scheduler.actions.setup_ledger import added, noted
from scheduler.catalogue.checks import check_travel
from scheduler.models import TravelTime
from scheduler.search.tight_trips import tight_trips
from scheduler.sheets.edit_impact import Impact


@added
def add_travel_time(
    site: Site, other_site: Site, *, minutes: int, by: Principal, at: datetime, dry_run: bool = False
) -> Impact[TravelTime]:
    """Say how many minutes lie between two sites, both ways. Raises Invalid."""
    with rehearsal(only=dry_run):
        # The pair has no row yet that could be locked.
        wait_for("travel times")
        check_travel(minutes, site=site, other_site=other_site)
        first, second = sorted((site, other_site), key=lambda one: one.pk)
        row = TravelTime.objects.create(site=first, other_site=second, minutes=minutes)
        tight = tight_trips([first, second], minutes=minutes, at=at)
        return impact_on_visits(row, (), by=by, at=at, warnings=tight)


@noted()
def change_travel_time(
    row: TravelTime, *, by: Principal, at: datetime, dry_run: bool = False, minutes: int | None = None
) -> Impact[TravelTime]:
    """Change how many minutes lie between two sites; None: as now. Raises Missing, Invalid."""
    with rehearsal(only=dry_run):
        lock_row(row)
        if minutes is not None:
            check_travel(minutes)
            write(row, minutes=minutes)
        tight = tight_trips([row.site, row.other_site], minutes=row.minutes, at=at)
        return impact_on_visits(row, (), by=by, at=at, warnings=tight)


@noted()
def remove_travel_time(row: TravelTime, *, by: Principal, at: datetime, dry_run: bool = False) -> Impact[TravelTime]:
    """Let no minutes lie between two sites any more. Raises Missing."""
    with rehearsal(only=dry_run):
        lock_row(row)
        delete(row)
        return impact_on_visits(row, (), by=by, at=at)

"""What the worker does for time, by the clock."""

from celery import shared_task

from core import clock
from core.principal import Principal
from scheduler.actions import block_releases, busy_calendars, drift, holidays, sheets


@shared_task
def extend_sheets() -> None:
    """Lay out the weeks ahead, and suggest the holidays of the year ahead."""
    # Sheets before holidays: a suggestion shuts nothing, and must not keep time from being on sale.
    at = clock.now()
    sheets.extend(at=at)
    holidays.suggest_everywhere(at=at)


@shared_task
def check_drift() -> None:
    """Compare the sheets with claims and calendars; whatever differs is logged as a fault and put right."""
    drift.check(at=clock.now())


@shared_task
def read_busy_calendars() -> None:
    """Read the feeds of those who treat: when they are busy elsewhere."""
    busy_calendars.read_all_busy(by=Principal.system("busy-calendars"), at=clock.now())


@shared_task
def note_block_releases() -> None:
    """Note which stages kept time has reached; who may use it is worked out as it is read, and waits for no task."""
    block_releases.note_reached(at=clock.now())

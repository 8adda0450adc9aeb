"""The week sheets say the same as the claims, tick by tick."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from proof.checker.finding import Violation, rows

TICKS = 2016
SECONDS_A_TICK = 300

SHEETS = "SELECT resource_id, week, site_id, taken::text FROM scheduler_weeksheet"
CLAIMS = "SELECT resource_id, lower(period), upper(period) FROM scheduler_claim WHERE retired_at IS NULL"


def differences() -> Iterator[Violation]:
    """Yield each sheet whose taken ticks are not those of the live claims, and claims that no sheet shows."""
    wanted = by_claims()
    shown: set[tuple[int, date]] = set()
    for resource, week, site, taken in rows(SHEETS):
        shown.add((resource, week))
        if int(taken, 2) != wanted.get((resource, week), 0):
            yield Violation("sheet-differs", f"resource {resource}, week {week}, site {site}")
    for resource, week in sorted(wanted.keys() - shown):
        yield Violation("claim-without-sheet", f"resource {resource}, week {week}")


def by_claims() -> dict[tuple[int, date], int]:
    """Return the ticks that live claims take, by resource and UTC Monday."""
    taken: dict[tuple[int, date], int] = defaultdict(int)
    for resource, start, end in rows(CLAIMS):
        first, last = tick(start), -tick_up(end)
        while first < last:
            week, position = divmod(first, TICKS)
            length = min(last - first, TICKS - position)
            taken[resource, monday(week)] |= ((1 << length) - 1) << (TICKS - position - length)
            first += length
    return taken


EPOCH = datetime(1970, 1, 5, tzinfo=UTC)  # a Monday


def tick(at: datetime) -> int:
    """Return the tick that holds `at`, counted from a Monday long ago."""
    return int((at - EPOCH).total_seconds()) // SECONDS_A_TICK


def tick_up(at: datetime) -> int:
    """Return minus the first tick that begins at `at` or later."""
    return -int((at - EPOCH).total_seconds()) // SECONDS_A_TICK


def monday(week: int) -> date:
    """Return the Monday of a week counted from the same one."""
    return (EPOCH + timedelta(weeks=week)).date()

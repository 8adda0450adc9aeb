"""Search where ten times as many past appointments lie behind it: reading must not touch them.

Two copies of the clinic differ in their past alone: four weeks of it, and forty. They take turns.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from core import clock
from proof.benchmarks.database import copied_database
from proof.benchmarks.rounds import Result, Timing, ratio, take_turns
from proof.benchmarks.search import DAYS, search_query
from scheduler import public as scheduler
from scheduler.models import WeekSheet

SHORT, LONG = 1, 10
MONTH = timedelta(weeks=4)

# The four weeks from this one on are copied into the past so many times, whole weeks, the first copy to before what
# the clinic has of a past of its own.
PAST_CLAIMS = """
INSERT INTO scheduler_claim (allocation, resource_id, period)
SELECT md5(c.allocation::text || n)::uuid, c.resource_id,
       tstzrange(lower(c.period) - ago, upper(c.period) - ago)
FROM scheduler_claim c, generate_series(0, %(months)s - 1) n,
     LATERAL (SELECT interval '32 weeks' + n * interval '4 weeks') AS past (ago)
WHERE c.retired_at IS NULL AND lower(c.period) >= %(since)s::timestamp AT TIME ZONE 'UTC'
  AND lower(c.period) < %(until)s::timestamp AT TIME ZONE 'UTC'
"""
PAST_SHEETS = """
INSERT INTO scheduler_weeksheet ({columns}, week)
SELECT {columns}, (week - interval '32 weeks' - n * interval '4 weeks')::date
FROM scheduler_weeksheet, generate_series(0, %(months)s - 1) n
WHERE week >= %(since)s AND week < %(until)s
ON CONFLICT DO NOTHING
"""


def run(*, rounds: int) -> list[Result]:
    """Measure search and the days overview before a short and a long past."""
    at = clock.now()
    start = at + timedelta(hours=5)
    asked: dict[str, Callable[[], object]] = {
        "search": lambda: scheduler.search(search_query(start, DAYS), at=at),
        "days": lambda: scheduler.days(search_query(start, DAYS), at=at),
    }
    with ExitStack() as copies:
        pasts = {months: copies.enter_context(past_of(months, at=at)) for months in (SHORT, LONG)}
        rivals = {
            f"{name} {months}": in_database(line, ask) for name, ask in asked.items() for months, line in pasts.items()
        }
        return report(take_turns(rivals, rounds=rounds, each=8), list(asked))


def report(found: dict[str, Timing], asked: list[str]) -> list[Result]:
    """Return how much slower each is before the long past."""
    words = {"search": "search without HTTP, first 50", "days": "days overview"}
    return [
        ratio(
            f"{words[name]}, forty weeks behind it ÷ four",
            found[f"{name} {LONG}"].p50 / found[f"{name} {SHORT}"].p50,
            most=1.05,
            told=f"{found[f'{name} {SHORT}'].p50:.1f} → {found[f'{name} {LONG}'].p50:.1f} ms",
        )
        for name in asked
    ]


@contextmanager
def past_of(months: int, *, at: datetime) -> Iterator[BaseDatabaseWrapper]:
    """Copy the clinic's database, give it a past, and yield a connection to it."""
    with copied_database(f"past_{months}") as line:
        write(line, months=months, at=at)
        yield line


def write(line: BaseDatabaseWrapper, *, months: int, at: datetime) -> None:
    """Write so many times four weeks of past claims and sheets, all before today."""
    fields = [one for one in WeekSheet._meta.concrete_fields if not (one.generated or one.name in {"id", "week"})]
    names = ", ".join(str(field.column) for field in fields)
    monday = at.astimezone(UTC).date() - timedelta(days=at.astimezone(UTC).weekday())
    values: dict[str, int | date] = {"months": months, "since": monday, "until": monday + MONTH}
    with line.cursor() as cursor:
        cursor.execute(PAST_CLAIMS, values)
        cursor.execute(PAST_SHEETS.format(columns=names), values)
        cursor.execute("ANALYZE")


def in_database(line: BaseDatabaseWrapper, ask: Callable[[], object]) -> Callable[[], object]:
    """Return a call that asks by a connection of its own."""

    def asked() -> object:
        before = connections[DEFAULT_DB_ALIAS]
        connections[DEFAULT_DB_ALIAS] = line
        try:
            return ask()
        finally:
            connections[DEFAULT_DB_ALIAS] = before

    return asked

"""All tables as they stand, and an independent look at what is claimed."""

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta

from django.apps import apps
from django.db import connection

TICK = timedelta(minutes=5)


def dump() -> dict[str, list[tuple]]:
    """Return every row of every table, so that two moments can be compared."""
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            cursor.execute(f'SELECT t::text FROM "{table}" t ORDER BY 1')
            found[table] = cursor.fetchall()
    return found


def changed(before: dict[str, list[tuple]], after: dict[str, list[tuple]]) -> list[str]:
    """Return the tables that differ."""
    return [table for table, rows in after.items() if before[table] != rows]


def overlaps(*, at: datetime) -> list[str]:
    """Return live claims of one resource that share time, found by a plain sweep over the table."""
    found = []
    by_resource = defaultdict(list)
    for resource, start, end, allocation in live_claims(at=at):
        by_resource[resource].append((start, end, allocation))
    for resource, rows in by_resource.items():
        until, whose = datetime.min.replace(tzinfo=UTC), None
        for start, end, allocation in sorted(rows):
            if start < until:
                found.append(f"resource {resource}: {whose} and {allocation}")
            if end > until:
                until, whose = end, allocation
    return found


def live_claims(*, at: datetime) -> list[tuple]:
    """Return (resource, start, end, allocation) of what is claimed at `at`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT resource_id, lower(period), upper(period), allocation FROM scheduler_claim "
            "WHERE retired_at IS NULL AND (expires_at IS NULL OR expires_at > %s)",
            [at],
        )
        return cursor.fetchall()


def sheet_drift() -> list[str]:
    """Return the sheets whose `taken` bits are not exactly the claims that nobody has retired."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT resource_id, lower(period), upper(period) FROM scheduler_claim WHERE retired_at IS NULL")
        claims = cursor.fetchall()
        cursor.execute("SELECT resource_id, week, taken::text FROM scheduler_weeksheet WHERE bit_count(taken) > 0")
        sheets = {(resource, week): bits for resource, week, bits in cursor.fetchall()}
    wanted = defaultdict(set)
    for resource, start, end in claims:
        moment = start
        while moment < end:
            monday = (moment - timedelta(days=moment.weekday())).date()
            first = datetime.combine(monday, time(), UTC)
            wanted[resource, monday].add((moment - first) // TICK)
            moment += TICK
    marked = {key: {n for n, bit in enumerate(bits) if bit == "1"} for key, bits in sheets.items()}
    return [f"{key}: sheet and claims differ" for key in {*wanted, *marked} if wanted.get(key) != marked.get(key)]

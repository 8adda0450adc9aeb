"""Free time on the week sheets: read, taken and given back. Locks are taken in (resource, week, site) order, always."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from core.database.round_trip import ReadStatement
from scheduler.sheets.sql import BYTES_A_WEEK, GIVE_BACK, READ, TAKE, number, texts
from scheduler.ticks import TICKS_A_WEEK, mask, tick_of, weeks_between

UNCOUNTED = """
SELECT c.resource_id, lower(c.period), upper(c.period)
FROM scheduler_claim c
WHERE c.retired_at IS NULL AND c.expires_at <= %(at)s AND c.period && tstzrange(%(start)s, %(end)s)
UNION ALL
SELECT c.resource_id, lower(c.period), upper(c.period)
FROM scheduler_claim c
WHERE c.retired_at IS NULL AND c.allocation = ANY(%(moving)s::uuid[])
  AND (c.expires_at IS NULL OR c.expires_at > %(at)s)
"""


LOCK = """
SELECT s.id FROM scheduler_weeksheet s
JOIN unnest(%(resources)s::bigint[], %(weeks)s::date[]) AS w(resource_id, week) USING (resource_id, week)
ORDER BY s.resource_id, s.week, s.site_id FOR UPDATE OF s
"""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A resource for a half-open UTC period, on whole ticks."""

    resource: int
    start: datetime
    end: datetime


SheetKey = tuple[int, date]
"""A sheet for whichever site: (resource, week)."""


def uncounted(*, start: datetime, end: datetime, at: datetime, moving: Collection[UUID] = ()) -> list[Stretch]:
    """Return claims that still mark the sheets and yet do not count: expired by `at`, or those of `moving` itself."""
    with connection.cursor() as cursor:
        cursor.execute(UNCOUNTED, {"at": at, "start": start, "end": end, "moving": list(moving)})
        return [Stretch(*row) for row in cursor.fetchall()]


Free = dict[tuple[int, int], int]
"""Free ticks of weeks in a row, by (resource, site)."""


def read(
    resources: Collection[int], weeks: Sequence[date], sites: Collection[int], *, uncounted: Iterable[Stretch] = ()
) -> ReadStatement[Free]:
    """Ask for the free ticks of the weeks in a row, by (resource, site). A sheet that is missing is closed."""
    ignored = [one for one in uncounted if one.resource in resources]
    arguments: dict[str, Any] = {
        "resources": list(resources),
        "weeks": list(weeks),
        "sites": list(sites),
        "whole": list({one.resource for one in ignored}),
    }

    def understand(rows: Iterable[tuple[Any, ...]]) -> Free:
        free = {}
        for resource, site, found, bits, whole in rows:
            free[resource, site] = _in_a_row(bits, found, weeks)
            if whole is not None:
                free[resource, site] |= _in_a_row(whole, found, weeks) & _bits(ignored, resource, weeks)
        return free

    return ReadStatement(READ, arguments, understand)


def _in_a_row(bits: bytes, found: Sequence[date], weeks: Sequence[date]) -> int:
    if len(found) == len(weeks):
        return number(bits)
    of = {week: bits[n * BYTES_A_WEEK : (n + 1) * BYTES_A_WEEK] for n, week in enumerate(found)}
    return number(b"".join(of.get(week, bytes(BYTES_A_WEEK)) for week in weeks))


def _bits(stretches: Iterable[Stretch], resource: int, weeks: Sequence[date]) -> int:
    total, bits = TICKS_A_WEEK * len(weeks), 0
    for one in stretches:
        if one.resource == resource:
            bits |= mask(tick_of(one.start, origin=weeks[0]), tick_of(one.end, origin=weeks[0]), total=total)
    return bits


def bits_by_sheet(stretches: Iterable[Stretch]) -> dict[SheetKey, int]:
    """Return the bits that stretches cover, by sheet."""
    found: dict[SheetKey, int] = {}
    for one in stretches:
        for week in weeks_between(one.start, one.end):
            bits = mask(tick_of(one.start, origin=week), tick_of(one.end, origin=week), total=TICKS_A_WEEK)
            found[one.resource, week] = found.get((one.resource, week), 0) | bits
    return found


def take(stretches: Mapping[int, Sequence[Stretch]]) -> bool:
    """Lock the sheets in order and set the bits where all are free, and open at the site (id) that they are wanted at.

    False, and half done, if they are not: the caller stands in a savepoint and goes back to it.
    """
    wanted = bits_by_sheet(one for at_site in stretches.values() for one in at_site)
    by_site = [
        (site, *page, bits) for site, at_site in stretches.items() for page, bits in bits_by_sheet(at_site).items()
    ]
    arguments: dict[str, Any] = {
        "resources": [resource for resource, _ in wanted],
        "weeks": [week for _, week in wanted],
        "bits": texts(wanted.values()),
        "sites_at": [site for site, *_ in by_site],
        "resources_at": [resource for _, resource, _, _ in by_site],
        "weeks_at": [week for _, _, week, _ in by_site],
        "bits_at": texts(bits for *_, bits in by_site),
    }
    with connection.cursor() as cursor:
        cursor.execute(TAKE, arguments)
        locked, done, here = cursor.fetchone()
    return bool(locked == done and here == len(by_site))


def lock(wanted: Iterable[SheetKey]) -> None:
    """Lock all sheets of these resources and weeks, in order."""
    rows = sorted(set(wanted))
    with connection.cursor() as cursor:
        cursor.execute(LOCK, {"resources": [r for r, _ in rows], "weeks": [w for _, w in rows]})


def give_back(stretches: Iterable[Stretch]) -> None:
    """Clear the bits of stretches that no live claim covers any more. The caller holds the locks."""
    freed = bits_by_sheet(stretches)
    if freed:
        bits = texts(freed.values())
        arguments: dict[str, Any] = {"resources": [r for r, _ in freed], "weeks": [w for _, w in freed], "bits": bits}
        with connection.cursor() as cursor:
            cursor.execute(GIVE_BACK, arguments)

"""Free time on the week sheets: read, taken and given back. Locks are taken in (resource, week, site) order, always."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db import connection

from core.database.round_trip import ReadStatement
from scheduler.calendars.hours import Period
from scheduler.sheets.sql import (
    BYTES_A_WEEK,
    EXPIRED,
    GIVE_BACK,
    MOVING,
    READ_ALONE,
    TAKE,
    THERE_NOW,
    array,
    number,
    read_as,
    sent,
    texts,
)
from scheduler.ticks import TICKS_A_WEEK, mask, tick_of, weeks_between

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


def uncounted(
    *, start: datetime, end: datetime, at: datetime, moving: Collection[UUID] = ()
) -> ReadStatement[list[Stretch]]:
    """Ask for claims that still mark the sheets and yet do not count: expired by `at`, or those of `moving` itself."""
    # Most searches move nothing: nor does their statement, which costs the planner half as much.
    statement, moved = (f"{EXPIRED} UNION ALL {MOVING}", {"moving": list(moving)}) if moving else (EXPIRED, {})
    arguments: dict[str, Any] = {"at": at, "start": start, "end": end, **moved}
    return ReadStatement(statement, arguments, lambda rows: [Stretch(*row) for row in rows])


Free = dict[tuple[int, int], bytes]
"""Ticks of weeks in a row, by (resource, site), as they were sent: of hundreds most are only put below others."""


def give(free: Free, hours: Free, uncounted: Sequence[Stretch], weeks: Sequence[date]) -> None:
    """Count as free what of the hours of some resources only these stretches take."""
    for key, bits in hours.items():
        more = number(bits) & _bits(uncounted, key[0], weeks)
        free[key] = sent(number(free.get(key, b"")) | more, weeks=len(weeks))


def read(
    resources: Collection[int],
    weeks: Sequence[date],
    sites: Collection[int],
    *,
    all_open: bool = False,
    audiences: Mapping[str, Collection[int]] = MappingProxyType({}),
    kept_until: date | None = None,
) -> ReadStatement[Free]:
    """Ask for the free ticks of the weeks in a row. A sheet that is missing is closed.

    `all_open`: for all that is open, taken or not. `kept_until`: as far as this week with what blocks keep, for
    whomever.
    `audiences`: by audience, the sites where whoever asks may use the time that is open to it alone.
    """
    arguments: dict[str, Any] = {
        "resources": array(map(str, resources)) or "{}",
        "first": weeks[0],
        "last": weeks[-1],
        "all_weeks": len(weeks),
        "sites": list(sites),
    }
    if kept_until is not None:
        arguments["kept_until"] = kept_until
    for n, (audience, at) in enumerate(audiences.items()):
        arguments |= {f"audience_{n}": audience, f"sites_{n}": list(at)}
    return ReadStatement(
        read_as(len(audiences), weeks=len(weeks), all_open=all_open, kept=kept_until is not None),
        arguments,
        lambda rows: _by_resource(rows, weeks),
    )


def _by_resource(rows: Iterable[tuple[Any, ...]], weeks: Sequence[date]) -> Free:
    """Return the ticks of weeks in a row from rows of resources, and of which weeks they have where not of all."""
    read: Free = {}
    for site, resources, found, bits in rows:
        length = BYTES_A_WEEK * len(found or weeks)
        each = (bits[at : at + length] for at in range(0, len(bits), length))
        rows_of = each if found is None else (_in_a_row(one, found, weeks) for one in each)
        read.update(zip(((resource, site) for resource in resources), rows_of, strict=True))
    return read


Alone = dict[tuple[int, int], dict[str, int]]
"""Ticks of weeks in a row that are open to one audience alone, by (resource, site) and audience."""


def read_alone(
    resources: Collection[int], weeks: Sequence[date], sites: Collection[int], *, blocks: bool
) -> ReadStatement[Alone]:
    """Ask for the ticks, taken or not, that are open to one audience alone; with those of `blocks`, by their names."""
    arguments = {
        "resources": list(resources),
        "weeks": list(weeks),
        "sites": list(sites),
        "all_weeks": len(weeks),
        "blocks": blocks,
    }

    def understand(rows: Iterable[tuple[Any, ...]]) -> Alone:
        found: Alone = {}
        for resource, site, audience, known, bits in rows:
            found.setdefault((resource, site), {})[audience] = number(_in_a_row(bits, known, weeks))
        return found

    return ReadStatement(READ_ALONE, arguments, understand)


def _in_a_row(bits: bytes, found: Sequence[date] | None, weeks: Sequence[date]) -> bytes:
    if found is None or len(found) == len(weeks):
        return bits
    of = {week: bits[n * BYTES_A_WEEK : (n + 1) * BYTES_A_WEEK] for n, week in enumerate(found)}
    return b"".join(of.get(week, bytes(BYTES_A_WEEK)) for week in weeks)


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


@dataclass(frozen=True, slots=True)
class WantedTime:
    """Stretches that are wanted at a site, by somebody who is of these audiences beside everyone.

    Of an audience wherever it has time, or within some periods alone. `although_closed`: they only have to be free,
    open or not.
    """

    site: int
    stretches: Sequence[Stretch]
    audiences: Mapping[str, Sequence[Period] | None] = field(default_factory=dict)
    although_closed: bool = False


def take(wanted: Sequence[WantedTime]) -> bool:
    """Lock the sheets in order and set the bits where all are free, and open at their site to whoever wants them.

    False, and half done, if they are not: the caller stands in a savepoint and goes back to it.
    """
    # Twice: of every sheet of a resource nothing may be taken, and of the sheet of the visit's site all has to be open.
    sheets = bits_by_sheet(stretch for one in wanted for stretch in one.stretches)
    by_site, open_to = _by_site(one for one in wanted if not one.although_closed)
    arguments: dict[str, Any] = {
        "resources": [resource for resource, _ in sheets],
        "weeks": [week for _, week in sheets],
        "bits": texts(sheets.values()),
        "sites_at": [site for site, _, _ in by_site],
        "resources_at": [resource for _, resource, _ in by_site],
        "weeks_at": [week for _, _, week in by_site],
        "bits_at": texts(by_site.values()),
        "audiences_at": [array(open_to.get(sheet, ())) for sheet in by_site],
        "open_to_at": [array(texts(open_to.get(sheet, {}).values())) for sheet in by_site],
    }
    with connection.cursor() as cursor:
        cursor.execute(f"{TAKE};{THERE_NOW}", arguments)
        locked, done, here = cursor.fetchone()
        cursor.nextset()
        (there,) = cursor.fetchone()
    # Fewer locked than wanted: a sheet is missing, which is closed. Fewer done than locked: something is taken or not
    # open. Fewer locked than there are: one was made meanwhile, which does not know that its time is taken.
    return bool(locked == done == there and here == len(by_site))


SiteSheet = tuple[int, int, date]
"""(site, resource, week)."""


def _by_site(wanted: Iterable[WantedTime]) -> tuple[dict[SiteSheet, int], dict[SiteSheet, dict[str, int]]]:
    """Return the bits wanted of each site's sheets, and by audience those that may be open to it alone."""
    bits: dict[SiteSheet, int] = {}
    open_to: dict[SiteSheet, dict[str, int]] = {}
    for one in wanted:
        for (resource, week), here in bits_by_sheet(one.stretches).items():
            sheet = one.site, resource, week
            bits[sheet] = bits.get(sheet, 0) | here
            for audience, periods in one.audiences.items():
                theirs = here if periods is None else here & _within(week, periods)
                if theirs:
                    alone = open_to.setdefault(sheet, {})
                    alone[audience] = alone.get(audience, 0) | theirs
    return bits, open_to


def _within(week: date, periods: Iterable[Period]) -> int:
    """Return the ticks of a week that lie in one of these periods."""
    bits = 0
    for start, end in periods:
        bits |= mask(tick_of(start, origin=week), tick_of(end, origin=week), total=TICKS_A_WEEK)
    return bits


def lock(wanted: Iterable[SheetKey]) -> None:
    """Lock all sheets of these resources and weeks, in order."""
    rows = sorted(set(wanted))
    with connection.cursor() as cursor:
        cursor.execute(LOCK, {"resources": [r for r, _ in rows], "weeks": [w for _, w in rows]})


def give_back(stretches: Iterable[Stretch]) -> None:
    """Clear the bits of stretches that no live claim covers any more. The caller holds the locks."""
    # Cleared wholesale: of one resource no two live claims share a tick, so none of these bits is anybody else's.
    freed = bits_by_sheet(stretches)
    if freed:
        bits = texts(freed.values())
        arguments: dict[str, Any] = {"resources": [r for r, _ in freed], "weeks": [w for _, w in freed], "bits": bits}
        with connection.cursor() as cursor:
            cursor.execute(GIVE_BACK, arguments)

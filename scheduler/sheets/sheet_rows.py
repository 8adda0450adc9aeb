"""Laying out week sheets: which are missing, what is open in them. Locks in (resource, week, site) order."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection

from scheduler.calendars.open_hours import Calendar, OpenTicks
from scheduler.sheets.sql import INSERT, LOCK_OPEN, REOPEN, alone, array, number, texts

MISSING = """
SELECT rs.resource_id, rs.site_id, w.week, r.practitioner_id
FROM scheduler_resource_sites rs JOIN scheduler_resource r ON r.id = rs.resource_id
CROSS JOIN unnest(%(weeks)s::date[]) AS w(week)
WHERE (%(resources)s::bigint[] IS NULL OR rs.resource_id = ANY(%(resources)s))
  AND NOT EXISTS (SELECT FROM scheduler_weeksheet s
                  WHERE s.resource_id = rs.resource_id AND s.week = w.week AND s.site_id = rs.site_id)
ORDER BY rs.resource_id, w.week, rs.site_id
"""

# FOR SHARE: those who lay out sheets do not wait for each other, only for whoever edits a calendar. Practitioners
# before sites, as in every edit that locks both.
HOLD_STILL = (
    "SELECT id FROM scheduler_practitioner WHERE id = ANY(%s) ORDER BY id FOR SHARE",
    "SELECT id FROM core_site WHERE id = ANY(%s) ORDER BY id FOR SHARE",
)

# Whoever claims the resource meanwhile must see the new sheet, or wait: the sheets beside it are locked before it is
# made.
SIBLINGS = """
SELECT s.id FROM scheduler_weeksheet s
JOIN (SELECT DISTINCT * FROM unnest(%(resources)s::bigint[], %(weeks)s::date[]) AS m(resource_id, week)) m
  USING (resource_id, week)
ORDER BY s.resource_id, s.week, s.site_id FOR UPDATE OF s
"""


OWNERS = """
SELECT r.id, r.practitioner_id FROM scheduler_resource r
WHERE %(practitioners)s::bigint[] IS NULL OR r.practitioner_id = ANY(%(practitioners)s) OR r.id = ANY(%(places)s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRow:
    """A sheet that is, or is to be: a resource's week at a site."""

    resource: int
    week: date
    site: int
    practitioner: int | None
    id: int | None = None
    open: OpenTicks = field(default=OpenTicks())

    @property
    def calendar(self) -> Calendar:
        """The calendar that says when it is open."""
        return Calendar.of(self.resource, self.site, self.practitioner)


@dataclass(frozen=True, slots=True, kw_only=True)
class LostTicks:
    """What a resource's week at a site lost: ticks that are not open any more, and ticks that are open to fewer."""

    resource: int
    week: date
    lost: int
    narrowed: int


def missing(resources: Collection[int] | None, weeks: Sequence[date]) -> list[SheetRow]:
    """Return the sheets that these resources (None: all) lack in `weeks`, for each site they serve."""
    with connection.cursor() as cursor:
        cursor.execute(MISSING, {"resources": None if resources is None else list(resources), "weeks": list(weeks)})
        return [
            SheetRow(resource=resource, site=site, week=week, practitioner=practitioner)
            for resource, site, week, practitioner in cursor.fetchall()
        ]


def lock_calendars(*, practitioners: Collection[int], sites: Collection[int]) -> None:
    """Keep the calendars of these from being edited until the transaction ends; others may read them likewise."""
    with connection.cursor() as cursor:
        for query, ids in zip(HOLD_STILL, (practitioners, sites), strict=True):
            cursor.execute(query, [list(ids)])


def insert(rows: Sequence[SheetRow], open_ticks: Sequence[OpenTicks]) -> int:
    """Make these sheets, open as told; return how many are new. A resource's sheets of a week are equally taken."""
    where: dict[str, Any] = {"resources": [row.resource for row in rows], "weeks": [row.week for row in rows]}
    with connection.cursor() as cursor:
        # Before the insert: `taken` is copied from a sister, and must not be half of what somebody is just writing.
        cursor.execute(SIBLINGS, where)
        cursor.execute(INSERT, {**where, "sites": [row.site for row in rows], **_patterns(open_ticks)})
        return int(cursor.rowcount)


def lock_open(
    *,
    practitioners: Collection[int] | None,
    sites: Collection[int] | None,
    first: date,
    last: date | None,
    places: Collection[int] = (),
) -> list[SheetRow]:
    """Lock, in order, the sheets that follow these calendars from week `first` to `last`, and return what is open.

    `places`: resources beside those of the practitioners.
    """
    arguments: dict[str, Any] = {
        "sites": None if sites is None else list(sites),
        "first": first,
        "last": last,
    }
    with connection.cursor() as cursor:
        owners = {"practitioners": None if practitioners is None else list(practitioners), "places": list(places)}
        cursor.execute(OWNERS, owners)
        owner = dict(cursor.fetchall())
        cursor.execute(LOCK_OPEN, arguments | {"resources": list(owner)})
        return [
            SheetRow(
                id=pk,
                resource=resource,
                site=site,
                week=week,
                practitioner=owner[resource],
                open=OpenTicks(number(bits), alone(audiences, open_to)),
            )
            for pk, resource, site, week, bits, audiences, open_to in cursor.fetchall()
        ]


def reopen(open_ticks: Mapping[int, OpenTicks]) -> None:
    """Write what is open, by sheet id. The caller holds the locks."""
    with connection.cursor() as cursor:
        cursor.execute(REOPEN, {"ids": list(open_ticks), **_patterns(open_ticks.values())})


def _patterns(ticks: Iterable[OpenTicks]) -> dict[str, Any]:
    """Return for each its number among the different ones, from 1, and those: many sheets are alike."""
    known: dict[OpenTicks, int] = {}
    keys = [known.setdefault(one, len(known) + 1) for one in ticks]
    return {
        "keys": keys,
        "patterns": texts(one.everyone for one in known),
        "audiences": [array(audience for audience, _ in one.alone) for one in known],
        "open_to": [array(texts(bits for _, bits in one.alone)) for one in known],
    }

"""Where practitioners have patients: in which suites of a site, and at which sites.

Asked only where it matters: of sites whose places lie in several suites, and of those with a way to other sites.
While needles rest, a practitioner may be with the next patient, but not in another part of the building; whoever treats
at one site is not ready at another before they have travelled there. A visit that needs no place is in no suite, can be
held from anywhere and is no stay.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.database.round_trip import ReadStatement
from scheduler.calendars.hours import Period
from scheduler.ticks import TICK

AROUND = timedelta(hours=24)
"""Longer than any visit and any travel together: stays that end or begin so near may matter."""

LONG = timedelta(days=8)

# Claims are found by when they end, from the index of a resource's ends: those of the past are never read. No claim
# is longer than a day, which closes the stretch at its far end. Both halves are made first and then matched: matched
# one by one, visits of a month cost ten times as much.
LIVE = """c.retired_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > %(at)s)
    AND upper(c.period) > %(start)s AND upper(c.period) <= %(end)s + interval '24 hours' AND lower(c.period) < %(end)s
    AND NOT c.allocation = ANY(%(without)s)"""

CLAIMS = f"""
WITH mine AS MATERIALIZED (
  SELECT r.practitioner_id, c.allocation, c.period
  FROM scheduler_resource r JOIN scheduler_claim c ON c.resource_id = r.id
  WHERE r.practitioner_id = ANY(%(practitioners)s) AND {LIVE}
), there AS MATERIALIZED (
  SELECT c.allocation, room.site_id, room.suite
  FROM scheduler_resource bay
  JOIN scheduler_place place ON place.id = bay.place_id
  JOIN scheduler_room room ON room.id = place.room_id
  JOIN scheduler_claim c ON c.resource_id = bay.id
  WHERE bay.place_id IS NOT NULL AND {LIVE}
)
"""  # noqa: S608  (of constants)

ENGAGED = f"""{CLAIMS}
SELECT mine.practitioner_id, there.site_id, there.suite,
       array_agg((date_part('epoch', lower(mine.period) - %(origin)s) / %(tick)s)::int),
       array_agg((date_part('epoch', upper(mine.period) - %(origin)s) / %(tick)s)::int)
FROM mine JOIN there USING (allocation)
GROUP BY mine.practitioner_id, there.site_id, there.suite
"""  # noqa: S608  (of constants)

STAYS = f"""{CLAIMS}
SELECT mine.practitioner_id, there.site_id, min(lower(mine.period)), max(upper(mine.period))
FROM mine JOIN there USING (allocation)
GROUP BY mine.practitioner_id, there.site_id, mine.allocation
"""  # noqa: S608  (of constants)

Suite = tuple[int, str]
"""A site and a part of its building: parts of two sites may be called the same."""

PatientsBySuite = dict[Suite, dict[int, int]]
"""By suite and practitioner, the ticks in which the practitioner has a patient there."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A practitioner is at a site with a patient, from when they begin until they are done, UTC."""

    site: int
    start: datetime
    end: datetime

    def busy_elsewhere(self, site: int, travel: Mapping[int, int]) -> tuple[datetime, datetime] | None:
        """Return when whoever stays here cannot be at `site`; `travel`: ticks from there to other sites."""
        if self.site == site or self.site not in travel:
            return None
        way = travel[self.site] * TICK
        return self.start - way, self.end + way


def engaged(
    practitioners: Collection[int],
    period: Period,
    *,
    origin: datetime,
    total: int,
    at: datetime,
    without: Sequence[UUID] = (),
) -> ReadStatement[PatientsBySuite]:
    """Ask in which suites practitioners have patients in a period, in `total` ticks from `origin`.

    Allocations `without` do not count. A visit in a whole room counts once for each of its places.
    """

    def understand(rows: Iterable[tuple[Any, ...]]) -> PatientsBySuite:
        found: PatientsBySuite = {}
        for practitioner, site, suite, firsts, lasts in rows:
            found.setdefault((site, suite), {})[practitioner] = _bits(firsts, lasts, total)
        return found

    asked = _arguments(practitioners, period, at, without)
    more = {"origin": origin, "tick": TICK.total_seconds()}
    return ReadStatement(ENGAGED, asked | more, understand, anew=_is_long(period))


def stays(
    practitioners: Collection[int], period: Period, *, at: datetime, without: Sequence[UUID] = ()
) -> ReadStatement[dict[int, list[Stay]]]:
    """Ask where practitioners have patients in a period and around it; allocations `without` do not count."""

    def understand(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[Stay]]:
        found: dict[int, list[Stay]] = {}
        for practitioner, *stay in rows:
            found.setdefault(practitioner, []).append(Stay(*stay))
        return found

    start, end = period
    asked = _arguments(practitioners, (start - AROUND, end + AROUND), at, without)
    return ReadStatement(STAYS, asked, understand, anew=_is_long(period))


def _is_long(period: Period) -> bool:
    # Claims of some days are best looked up one by one, those of a month read in one go.
    return period[1] - period[0] > LONG


def away(known: Iterable[Stay], *, site: int, travel: Mapping[int, int]) -> list[tuple[datetime, datetime]]:
    """Return when somebody with these stays cannot be at `site`, being at another one or on the way."""
    periods = (stay.busy_elsewhere(site, travel) for stay in known)
    return [period for period in periods if period is not None]


def _arguments(practitioners: Collection[int], period: Period, at: datetime, without: Sequence[UUID]) -> dict[str, Any]:
    start, end = period
    return {"practitioners": list(practitioners), "start": start, "end": end, "at": at, "without": list(without)}


def _bits(firsts: Sequence[int], lasts: Sequence[int], total: int) -> int:
    bits, most = 0, AROUND // TICK  # no claim reaches farther out of the stretch than it is long
    for first, last in zip(firsts, lasts, strict=True):
        bits |= ((1 << (last - first)) - 1) << (total + most - last)
    return bits >> most & ((1 << total) - 1)

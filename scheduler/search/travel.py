"""Where practitioners have patients, asked only of sites from which it takes time to come to another.

Whoever treats at one site is not ready at another before they have travelled there. A visit that needs no place can be
held from anywhere and is no stay.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from scheduler.ticks import TICK

AROUND = timedelta(hours=24)
"""Longer than any visit and any travel together: stays that end or begin so near may matter."""

STAYS = """
SELECT r.practitioner_id, there.site_id, min(lower(mine.period)), max(upper(mine.period))
FROM scheduler_resource r
JOIN scheduler_claim mine ON mine.resource_id = r.id
JOIN LATERAL (
  SELECT room.site_id
  FROM scheduler_claim c
  JOIN scheduler_resource bay ON bay.id = c.resource_id
  JOIN scheduler_place place ON place.id = bay.place_id
  JOIN scheduler_room room ON room.id = place.room_id
  WHERE c.allocation = mine.allocation AND c.retired_at IS NULL
  LIMIT 1
) AS there ON true
WHERE r.practitioner_id = ANY(%(practitioners)s) AND mine.retired_at IS NULL
  AND (mine.expires_at IS NULL OR mine.expires_at > %(at)s)
  AND mine.period && tstzrange(%(start)s, %(end)s) AND NOT mine.allocation = ANY(%(without)s)
GROUP BY r.practitioner_id, there.site_id, mine.allocation
"""


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


def stays(
    practitioners: Collection[int], *, start: datetime, end: datetime, at: datetime, without: Sequence[UUID] = ()
) -> dict[int, list[Stay]]:
    """Return where practitioners have patients in [start, end) and around it; allocations `without` do not count."""
    found: dict[int, list[Stay]] = {}
    if not practitioners:
        return found
    arguments: dict[str, Any] = {
        "practitioners": list(practitioners),
        "start": start - AROUND,
        "end": end + AROUND,
        "at": at,
        "without": list(without),
    }
    with connection.cursor() as cursor:
        cursor.execute(STAYS, arguments)
        for practitioner, *stay in cursor.fetchall():
            found.setdefault(practitioner, []).append(Stay(*stay))
    return found


def away(known: Iterable[Stay], *, site: int, travel: Mapping[int, int]) -> list[tuple[datetime, datetime]]:
    """Return when somebody with these stays cannot be at `site`, being at another one or on the way."""
    periods = (stay.busy_elsewhere(site, travel) for stay in known)
    return [period for period in periods if period is not None]

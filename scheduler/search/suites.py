"""In which suites practitioners have patients: asked only of sites whose places lie in several.

While needles rest, a practitioner may be with the next patient, but not in another part of the building.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from scheduler.ticks import TICK, mask

ENGAGED = """
WITH live AS NOT MATERIALIZED (
  SELECT c.allocation, c.resource_id, c.period
  FROM scheduler_claim c
  WHERE c.retired_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > %(at)s)
    AND c.period && tstzrange(%(start)s, %(end)s) AND NOT c.allocation = ANY(%(without)s)
), bays AS (
  SELECT live.allocation, room.suite
  FROM live
  JOIN scheduler_resource bay ON bay.id = live.resource_id
  JOIN scheduler_place place ON place.id = bay.place_id
  JOIN scheduler_room room ON room.id = place.room_id
)
SELECT r.practitioner_id, bays.suite,
       array_agg((date_part('epoch', lower(live.period) - %(start)s) / %(tick)s)::int),
       array_agg((date_part('epoch', upper(live.period) - %(start)s) / %(tick)s)::int)
FROM live
JOIN scheduler_resource r ON r.id = live.resource_id AND r.practitioner_id = ANY(%(practitioners)s)
JOIN bays USING (allocation)
GROUP BY r.practitioner_id, bays.suite
"""

Presence = dict[int, dict[str, int]]
"""By practitioner and suite: the ticks in which they have a patient there."""


def engaged(
    practitioners: Collection[int], *, start: datetime, total: int, at: datetime, without: Sequence[UUID] = ()
) -> Presence:
    """Return where practitioners have patients in the `total` ticks from `start`; allocations `without` do not count.

    A visit in a whole room counts once for each of its places.
    """
    found: Presence = {}
    if not practitioners:
        return found
    arguments: dict[str, Any] = {
        "practitioners": list(practitioners),
        "start": start,
        "end": start + total * TICK,
        "at": at,
        "without": list(without),
        "tick": TICK.total_seconds(),
    }
    with connection.cursor() as cursor:
        cursor.execute(ENGAGED, arguments)
        for practitioner, suite, firsts, lasts in cursor.fetchall():
            found.setdefault(practitioner, {})[suite] = _bits(firsts, lasts, total)
    return found


def _bits(firsts: Sequence[int], lasts: Sequence[int], total: int) -> int:
    bits = 0
    for first, last in zip(firsts, lasts, strict=True):
        bits |= mask(first, last, total=total)
    return bits

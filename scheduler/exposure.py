"""Which live claims stand on time that is not open, now: what edits of calendars have left without cover so far."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection

EXPOSED = """
WITH live AS (
  SELECT c.allocation, c.resource_id, lower(c.period) AS since, upper(c.period) AS til
  FROM scheduler_claim c
  WHERE c.allocation = ANY(%(allocations)s) AND c.retired_at IS NULL
    AND (c.expires_at IS NULL OR c.expires_at > %(at)s) AND upper(c.period) > %(at)s
), homes AS (
  SELECT DISTINCT live.allocation, room.site_id
  FROM live
  JOIN scheduler_resource bay ON bay.id = live.resource_id
  JOIN scheduler_place place ON place.id = bay.place_id
  JOIN scheduler_room room ON room.id = place.room_id
), weeks AS (
  SELECT live.*, week::date AS week, week::timestamp AT TIME ZONE 'UTC' AS monday
  FROM live, generate_series(
    date_trunc('week', since AT TIME ZONE 'UTC'),
    date_trunc('week', (til - interval '5 minutes') AT TIME ZONE 'UTC'), interval '7 days') AS week
), needs AS (
  SELECT allocation, resource_id, week,
         (~(0::bit(2016)) >> greatest(0, date_part('epoch', since - monday) / 300)::int)
         & ~(~(0::bit(2016)) >> least(2016, date_part('epoch', til - monday) / 300)::int) AS bits
  FROM weeks
)
SELECT DISTINCT n.allocation
FROM needs n LEFT JOIN homes h USING (allocation)
WHERE NOT EXISTS (
  SELECT FROM scheduler_weeksheet s
  WHERE s.resource_id = n.resource_id AND s.week = n.week AND s.site_id = coalesce(h.site_id, s.site_id)
    AND (s.open & n.bits) = n.bits)
"""


def exposed(allocations: Collection[UUID], *, at: datetime) -> frozenset[UUID]:
    """Return those of these allocations that need, after `at`, time which is not open (hours, absences, closures)."""
    with connection.cursor() as cursor:
        cursor.execute(EXPOSED, {"allocations": list(allocations), "at": at})
        return frozenset(allocation for (allocation,) in cursor.fetchall())

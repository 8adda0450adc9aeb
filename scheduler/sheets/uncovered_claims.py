"""Which live claims stand without cover now: on time that is not open, or on what is out of use.

This is the one judge of cover. An edit asks it what it has left without cover; lists and reminders ask it later.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection

from scheduler.models import CoverEdit

EXPOSED = """
WITH live AS (
  SELECT c.allocation, c.resource_id, c.plan_id, r.practitioner_id, r.lane, r.place_id, r.device_id,
         lower(c.period) AS since, upper(c.period) AS til
  FROM scheduler_claim c JOIN scheduler_resource r ON r.id = c.resource_id
  WHERE c.allocation = ANY(%(allocations)s) AND c.retired_at IS NULL
    AND (c.expires_at IS NULL OR c.expires_at > %(at)s) AND upper(c.period) > %(at)s
), homes AS (
  SELECT DISTINCT live.allocation, room.site_id
  FROM live
  JOIN scheduler_place place ON place.id = live.place_id
  JOIN scheduler_room room ON room.id = place.room_id
), weeks AS (
  SELECT live.*, week::date AS week, week::timestamp AT TIME ZONE 'UTC' AS monday
  FROM live, generate_series(
    date_trunc('week', since AT TIME ZONE 'UTC'),
    date_trunc('week', (til - interval '5 minutes') AT TIME ZONE 'UTC'), interval '7 days') AS week
), needs AS (
  SELECT allocation, resource_id, place_id, week,
         (~(0::bit(2016)) >> greatest(0, date_part('epoch', since - monday) / 300)::int)
         & ~(~(0::bit(2016)) >> least(2016, date_part('epoch', til - monday) / 300)::int) AS bits
  FROM weeks
), shut AS (
  SELECT n.allocation, n.resource_id, n.place_id
  FROM needs n LEFT JOIN homes h USING (allocation)
  WHERE NOT EXISTS (
    SELECT FROM scheduler_weeksheet s
    WHERE s.resource_id = n.resource_id AND s.week = n.week AND s.site_id = coalesce(h.site_id, s.site_id)
      AND (s.open & n.bits) = n.bits)
)
SELECT allocation FROM shut WHERE place_id IS NULL
UNION
SELECT live.allocation
FROM live
JOIN scheduler_practitioner who ON who.id = live.practitioner_id
WHERE NOT who.active OR live.lane > who.lanes
UNION
SELECT live.allocation
FROM live
JOIN scheduler_device device ON device.id = live.device_id
WHERE NOT device.active
UNION  -- a visit that fills a room has all its places: one of them has to do
SELECT live.allocation
FROM live
JOIN scheduler_place place ON place.id = live.place_id
LEFT JOIN scheduler_visitplan plan ON plan.id = live.plan_id
GROUP BY live.allocation
HAVING NOT bool_or(
  place.active
  AND (plan.id IS NULL OR plan.place_features = '{}' OR place.features && plan.place_features)
  AND NOT EXISTS (SELECT FROM shut WHERE shut.allocation = live.allocation AND shut.resource_id = live.resource_id))
UNION
SELECT homes.allocation FROM homes JOIN core_site site ON site.id = homes.site_id WHERE NOT site.active
UNION
SELECT live.allocation
FROM live
JOIN scheduler_visitplan plan ON plan.id = live.plan_id
JOIN scheduler_therapy therapy ON therapy.id = plan.therapy_id
LEFT JOIN homes ON homes.allocation = live.allocation
WHERE live.practitioner_id IS NOT NULL AND (NOT therapy.active OR NOT EXISTS (
  SELECT FROM scheduler_offering o JOIN core_site site ON site.id = o.site_id
  WHERE o.practitioner_id = live.practitioner_id AND o.therapy_id = plan.therapy_id AND plan.visit = ANY(o.visits)
    AND o.site_id = coalesce(homes.site_id, o.site_id) AND site.active))
"""

NO_EDIT_SINCE = "NOT EXISTS (SELECT FROM scheduler_coveredit AS edit WHERE edit.id <> ALL(%(edits)s))"
"""Nothing that may take cover away was committed since `edits` was read: for statements that begin under a lock."""


def edits() -> tuple[int, ...]:
    """Return the ids of the latest edits that may have taken cover away. Read before cover is asked for."""
    return tuple(CoverEdit.objects.order_by("pk").values_list("pk", flat=True))


def exposed(allocations: Collection[UUID], *, at: datetime) -> frozenset[UUID]:
    """Return those of these allocations that stand, after `at`, without cover.

    That is: on time which is not open (hours, absences, closures), or with a practitioner, lane, place, device, site,
    therapy or offer that is out of use, or in a place that lacks what the visit needs.
    """
    with connection.cursor() as cursor:
        cursor.execute(EXPOSED, {"allocations": list(allocations), "at": at})
        return frozenset(allocation for (allocation,) in cursor.fetchall())

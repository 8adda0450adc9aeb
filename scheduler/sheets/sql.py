"""The weeks' bits in SQL: the one module with statements on `bit(2016)`, and how bits go over the wire.

They are read as bytes and written as hex. Statements that lock do so in (resource, week, site) order, always.
"""

from collections.abc import Iterable, Sequence

from scheduler.ticks import TICKS_A_WEEK

BYTES_A_WEEK = TICKS_A_WEEK // 8

# Expiry cannot stand in the sheets: time goes by without a writer. So readers add back what has expired, and what
# moves.
EXPIRED = """
SELECT c.resource_id, lower(c.period), upper(c.period)
FROM scheduler_claim c
WHERE c.retired_at IS NULL AND c.expires_at <= %(at)s AND c.period && tstzrange(%(start)s, %(end)s)
"""
MOVING = """
SELECT c.resource_id, lower(c.period), upper(c.period)
FROM scheduler_claim c
WHERE c.retired_at IS NULL AND c.allocation = ANY(%(moving)s::uuid[])
  AND (c.expires_at IS NULL OR c.expires_at > %(at)s)
"""

# Of one week a site's resources come as one row: hundreds of rows would cost both sides more than the bits. Resources
# come by way of a subquery: the planner would weigh each of hundreds of constants by itself, which takes it longer than
# that saves.
READ_WEEK = """
SELECT at.site, found.*
FROM unnest(%(sites)s::bigint[]) AS at(site), LATERAL (
  SELECT array_agg(s.resource_id), NULL::date[], string_agg({bits}, ''::bytea)
  FROM scheduler_weeksheet s
  WHERE s.resource_id = ANY(ARRAY(SELECT unnest(%(resources)s::bigint[]))) AND s.site_id = at.site
    AND s.week = %(first)s
  HAVING count(*) > 0
) AS found
"""

# Of several weeks each resource is a row, for all together would be copied from one place to a larger one again and
# again. What is asked of a week is worked out first: sorted with all columns it is made of, it takes a fifth longer.
# Where weeks are missing, it is told which are there.
READ_WEEKS = """
SELECT at.site, found.*
FROM unnest(%(sites)s::bigint[]) AS at(site), LATERAL (
  SELECT ARRAY[each.resource_id],
         CASE WHEN count(*) < %(all_weeks)s THEN array_agg(each.week ORDER BY each.week) END,
         string_agg(each.bits, ''::bytea ORDER BY each.week)
  FROM (
    SELECT s.resource_id, s.week, {bits} AS bits
    FROM scheduler_weeksheet s
    WHERE s.resource_id = ANY(ARRAY(SELECT unnest(%(resources)s::bigint[]))) AND s.site_id = at.site
      AND s.week BETWEEN %(first)s AND %(last)s OFFSET 0
  ) AS each
  GROUP BY each.resource_id
) AS found
"""

OPEN_TO = """coalesce(CASE WHEN s.site_id = ANY(%(sites_{n})s)
         THEN s.open_to[array_position(s.audiences, %(audience_{n})s)] END, 0::bit(2016))"""

READ_ALONE = """
SELECT s.resource_id, s.site_id, o.audience,
       CASE WHEN count(*) < %(all_weeks)s THEN array_agg(s.week ORDER BY s.week) END,
       string_agg(substring(bit_send(o.bits) FROM 5), ''::bytea ORDER BY s.week)
FROM scheduler_weeksheet s CROSS JOIN unnest(s.audiences, s.open_to) AS o(audience, bits)
WHERE s.resource_id = ANY(%(resources)s) AND s.week = ANY(%(weeks)s) AND s.site_id = ANY(%(sites)s)
  AND (%(blocks)s OR NOT starts_with(o.audience, 'block-'))
GROUP BY s.resource_id, s.site_id, o.audience
"""

# One statement: lock in order, test, mark, and say how many were locked and marked. Bits at a site must also be open
# there; a practitioner's sheets of other sites are marked alike, so that nobody treats at two sites at once. The ORDER
# BY with the lock is in a CTE: an UPDATE by itself locks in whatever order its plan meets the rows.
TAKE = """
WITH wanted AS (
  SELECT * FROM unnest(%(resources)s::bigint[], %(weeks)s::date[], %(bits)s::text[]) AS w(resource_id, week, bits)
), at_site AS (
  SELECT * FROM unnest(%(resources_at)s::bigint[], %(weeks_at)s::date[], %(sites_at)s::bigint[], %(bits_at)s::text[],
                       %(audiences_at)s::text[], %(open_to_at)s::text[])
    AS a(resource_id, week, site_id, bits, audiences, open_to)
), locked AS (
  SELECT s.id, w.bits::bit(2016) AS bits, a.bits::bit(2016) AS bits_here,
         a.audiences::text[] AS audiences, a.open_to::bit(2016)[] AS open_to
  FROM scheduler_weeksheet s
  JOIN wanted w ON w.resource_id = s.resource_id AND w.week = s.week
  LEFT JOIN at_site a ON a.resource_id = s.resource_id AND a.week = s.week AND a.site_id = s.site_id
  ORDER BY s.resource_id, s.week, s.site_id FOR UPDATE OF s
), done AS (
  UPDATE scheduler_weeksheet s SET taken = s.taken | l.bits
  FROM locked l
  WHERE s.id = l.id AND bit_count(s.taken & l.bits) = 0
    AND (l.bits_here IS NULL OR (s.open & l.bits_here) = l.bits_here
         OR s.audiences IS NOT NULL AND l.audiences IS NOT NULL AND ((s.open | coalesce((
           SELECT bit_or(o.bits & mine.bits) FROM unnest(s.audiences, s.open_to) AS o(audience, bits)
           JOIN unnest(l.audiences, l.open_to) AS mine(audience, bits) USING (audience)
         ), 0::bit(2016))) & l.bits_here) = l.bits_here)
  RETURNING l.bits_here IS NOT NULL AS here
)
SELECT (SELECT count(*) FROM locked), (SELECT count(*) FROM done), (SELECT count(*) FROM done WHERE here)
"""

# Sent with TAKE, after it: a statement sees what was committed before it began, so that TAKE misses a sheet for one
# more site that was made while it waited. Whoever makes one has locked those beside it: once TAKE is through, all are
# there.
THERE_NOW = """
SELECT count(*) FROM scheduler_weeksheet s
JOIN unnest(%(resources)s::bigint[], %(weeks)s::date[]) AS w(resource_id, week) USING (resource_id, week)
"""

# No lock of its own: whoever gives back has locked all sheets concerned, in order, before.
GIVE_BACK = """
UPDATE scheduler_weeksheet s SET taken = s.taken & ~(w.bits::bit(2016))
FROM unnest(%(resources)s::bigint[], %(weeks)s::date[], %(bits)s::text[]) AS w(resource_id, week, bits)
WHERE s.resource_id = w.resource_id AND s.week = w.week
"""

# For claims that are written in bulk while nobody else is there: no lock, and what was taken before is forgotten.
MARK_TAKEN = """
UPDATE scheduler_weeksheet s SET taken = w.bits::bit(2016)
FROM unnest(%(resources)s::bigint[], %(weeks)s::date[], %(bits)s::text[]) AS w(resource_id, week, bits)
WHERE s.resource_id = w.resource_id AND s.week = w.week
"""

# `taken` comes from a sister sheet, which the caller has locked: a resource's sheets of a week are taken alike. Two who
# make the same sheet make it from the same calendar, so that the second has nothing to do.
INSERT = """
INSERT INTO scheduler_weeksheet (resource_id, week, site_id, open, audiences, open_to, taken)
SELECT m.resource_id, m.week, m.site_id, o.bits::bit(2016), o.audiences::text[], o.open_to::bit(2016)[],
       coalesce((SELECT s.taken FROM scheduler_weeksheet s
                 WHERE s.resource_id = m.resource_id AND s.week = m.week LIMIT 1), repeat('0', 2016)::bit(2016))
FROM unnest(%(resources)s::bigint[], %(weeks)s::date[], %(sites)s::bigint[], %(keys)s::int[])
  AS m(resource_id, week, site_id, key)
JOIN unnest(%(patterns)s::text[], %(audiences)s::text[], %(open_to)s::text[])
  WITH ORDINALITY AS o(bits, audiences, open_to, key) USING (key)
ORDER BY m.resource_id, m.week, m.site_id
ON CONFLICT DO NOTHING
"""

# Locked before what is open is worked out, and written afterwards: an edit beside this one waits here, and then works
# from what this one has saved.
LOCK_OPEN = """
SELECT s.id, s.resource_id, s.site_id, s.week, substring(bit_send(s.open) FROM 5), s.audiences, s.open_to
FROM scheduler_weeksheet s
WHERE s.week >= %(first)s AND (%(last)s::date IS NULL OR s.week <= %(last)s)
  AND s.resource_id = ANY(%(resources)s::bigint[])
  AND (%(sites)s::bigint[] IS NULL OR s.site_id = ANY(%(sites)s))
ORDER BY s.resource_id, s.week, s.site_id FOR UPDATE OF s
"""

# Patterns by number: most sheets of a site are open alike, and 2016 bits for each of thousands would be megabytes.
REOPEN = """
UPDATE scheduler_weeksheet s
SET open = o.bits::bit(2016), audiences = o.audiences::text[], open_to = o.open_to::bit(2016)[]
FROM unnest(%(ids)s::bigint[], %(keys)s::int[]) AS n(id, key)
JOIN unnest(%(patterns)s::text[], %(audiences)s::text[], %(open_to)s::text[])
  WITH ORDINALITY AS o(bits, audiences, open_to, key) USING (key)
WHERE s.id = n.id
"""

# `closed`: when sites, or therapies there, are closed by what no sheet says. `live`: what the allocations claim now.
# `homes`: the site of an allocation's place; without a place any site's hours will do. `needs`: the bits that a claim
# covers, by week. `shut`: claims that no sheet is open for. Below it each branch is one way to be without cover;
# `site`, `therapy` and offers are read as they are, whoever retired them.
UNCOVERED = """
WITH closed AS (
  SELECT * FROM unnest(%(closed_sites)s::bigint[], %(closed_therapies)s::text[], %(closed_from)s::timestamptz[],
                       %(closed_until)s::timestamptz[]) AS c(site_id, therapy, since, until)
), live AS (
  SELECT c.allocation, c.resource_id, c.plan_id, r.practitioner_id, r.lane, r.place_id, r.device_id,
         lower(c.period) AS since, upper(c.period) AS until
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
    date_trunc('week', (until - interval '5 minutes') AT TIME ZONE 'UTC'), interval '7 days') AS week
), needs AS (
  SELECT allocation, resource_id, place_id, week,
         (~(0::bit(2016)) >> greatest(0, date_part('epoch', since - monday) / 300)::int)
         & ~(~(0::bit(2016)) >> least(2016, date_part('epoch', until - monday) / 300)::int) AS bits
  FROM weeks
), shut AS (
  SELECT n.allocation, n.resource_id, n.place_id
  FROM needs n LEFT JOIN homes h USING (allocation)
  WHERE NOT EXISTS (
    SELECT FROM scheduler_weeksheet s
    WHERE s.resource_id = n.resource_id AND s.week = n.week AND s.site_id = coalesce(h.site_id, s.site_id)
      AND ((s.open & n.bits) = n.bits OR s.open_to IS NOT NULL
           AND ((s.open | (SELECT bit_or(one.bits) FROM unnest(s.open_to) AS one(bits))) & n.bits) = n.bits))
)
SELECT found.allocation, false AS is_stamp
FROM (
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
    AND o.site_id = coalesce(homes.site_id, o.site_id) AND site.active AND NOT EXISTS (
      SELECT FROM closed
      WHERE closed.site_id = o.site_id AND closed.therapy IN ('', therapy.key)
        AND tstzrange(closed.since, closed.until) && tstzrange(live.since, live.until))))
) AS found(allocation)
UNION ALL  -- the state of the catalogue by which closed times have to be read
SELECT stamp, true FROM scheduler_cataloguestamp
"""


def read_as(audiences: int, *, weeks: int, all_open: bool, kept: bool) -> str:
    """Return the statement that reads time for whoever is of so many audiences, beside everyone: free, or all open.

    `kept`: until some week with what blocks keep, whoever may use it.
    """
    # Most clinics have no hours for one audience: their statement stays the plain one, which reads no arrays.
    more = " | ".join(OPEN_TO.format(n=n) for n in range(audiences))
    hours = f"(CASE WHEN s.audiences IS NULL THEN s.open ELSE s.open | {more} END)" if audiences else "s.open"
    hours = (
        f"(CASE WHEN s.kept IS NULL OR s.week > %(kept_until)s THEN {hours} ELSE {hours} | s.kept END)"
        if kept
        else hours
    )
    bits = hours if all_open else f"{hours} & ~s.taken"
    return (READ_WEEK if weeks == 1 else READ_WEEKS).format(bits=f"substring(bit_send({bits}) FROM 5)")


def number(bits: bytes) -> int:
    """Return bits as PostgreSQL sends them, as a number: the first tick is the highest bit."""
    return int.from_bytes(bits, "big")


def sent(bits: int, *, weeks: int) -> bytes:
    """Return the number of so many weeks as PostgreSQL sends their bits."""
    return bits.to_bytes(BYTES_A_WEEK * weeks, "big")


def alone(audiences: Sequence[str] | None, open_to: Sequence[str] | None) -> tuple[tuple[str, int], ...]:
    """Return what is open to one audience alone, by audience, as PostgreSQL sends it: two arrays, or two nulls."""
    return tuple(zip(audiences or (), (int(bits, 2) for bits in open_to or ()), strict=True))


def array(words: Iterable[str]) -> str | None:
    """Return words as PostgreSQL reads them in a cast to an array; null for none."""
    # A text, for `unnest` takes an array of arrays apart down to its elements: rows of arrays cannot be passed as such.
    found = ",".join(words)
    return f"{{{found}}}" if found else None


def texts(weeks: Iterable[int]) -> list[str]:
    """Return weeks as PostgreSQL reads them in a cast from text."""
    return [f"x{bits:0{TICKS_A_WEEK // 4}x}" for bits in weeks]


# How long somebody works, for how much of it their hands are taken, and for how much of it anybody is with them: of
# each part of the time that is asked about, which no week's sheets are cut by. What blocks keep is work, too. The bits
# of the parts are made once, and not for each sheet that they are laid on.
USED_BY_PEOPLE = """
WITH asked AS MATERIALIZED (
  SELECT a.part, a.week,
         (repeat('0', a.first) || repeat('1', a.many) || repeat('0', 2016 - a.first - a.many))::bit(2016) AS ticks
  FROM unnest(%(parts)s::int[], %(weeks)s::date[], %(firsts)s::int[], %(many)s::int[]) AS a(part, week, first, many)
), used AS (
  SELECT a.part, r.practitioner_id,
         bit_or(s.open | coalesce((SELECT bit_or(o) FROM unnest(s.open_to) AS o), 0::bit(2016)))
           FILTER (WHERE r.kind = 'hands') & a.ticks AS works,
         bit_or(s.taken) FILTER (WHERE r.kind = 'hands') AS hands,
         bit_or(s.taken) AS anybody
  FROM asked a JOIN scheduler_weeksheet s ON s.week = a.week AND s.site_id = %(site)s
  JOIN scheduler_resource r ON r.id = s.resource_id AND r.practitioner_id IS NOT NULL
  GROUP BY a.part, a.week, a.ticks, r.practitioner_id
)
SELECT part, practitioner_id, sum(bit_count(works)), sum(bit_count(works & hands)), sum(bit_count(works & anybody))
FROM used GROUP BY part, practitioner_id
"""

# The same of places: what is taken has turnover and airing in it.
USED_PLACES = """
WITH asked AS MATERIALIZED (
  SELECT a.part, a.week,
         (repeat('0', a.first) || repeat('1', a.many) || repeat('0', 2016 - a.first - a.many))::bit(2016) AS ticks
  FROM unnest(%(parts)s::int[], %(weeks)s::date[], %(firsts)s::int[], %(many)s::int[]) AS a(part, week, first, many)
)
SELECT a.part, sum(bit_count(s.open & a.ticks)), sum(bit_count(s.open & s.taken & a.ticks))
FROM asked a JOIN scheduler_weeksheet s ON s.week = a.week AND s.site_id = %(site)s
JOIN scheduler_resource r ON r.id = s.resource_id AND r.place_id IS NOT NULL
GROUP BY a.part
"""

"""How many people are treated in what blocks keep, and whether it has room for more."""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.database.round_trip import ReadStatement
from scheduler.calendars.hours import Period
from scheduler.catalogue.block_cards import Occurrence
from scheduler.catalogue.block_weeks import LimitedTicks

LIVE = """c.retired_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > %(at)s)
    AND NOT c.allocation = ANY(%(moving)s::uuid[])"""

# Of a resource the claims that end within a stretch, and the first that ends later, which alone can reach out of it: no
# two live claims of a resource overlap. Both are found in the index of a resource's ends.
ENDING = f"""
  SELECT c.allocation, lower(c.period) AS since, upper(c.period) AS until FROM scheduler_claim c
  WHERE c.resource_id = {{resource}} AND upper(c.period) > w.since AND upper(c.period) <= w.until AND {LIVE}"""  # noqa: S608  (of constants)
ENDING_LATER = f"""
  SELECT * FROM (
    SELECT c.allocation, lower(c.period) AS since, upper(c.period) AS until FROM scheduler_claim c
    WHERE c.resource_id = {{resource}} AND upper(c.period) > w.until AND {LIVE}
    ORDER BY upper(c.period) LIMIT 1
  ) AS later WHERE later.since < w.until"""  # noqa: S608  (of constants)

IN_CONTACT = f"""
SELECT w.practitioner, c.allocation, min(c.since), max(c.until)
FROM unnest(%(people)s::bigint[], %(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS w(practitioner, since, until)
JOIN scheduler_resource r ON r.practitioner_id = w.practitioner
CROSS JOIN LATERAL ({ENDING} UNION ALL {ENDING_LATER}) c
GROUP BY w.practitioner, c.allocation
""".format(resource="r.id")  # noqa: S608  (of constants)
"""Whom practitioners treat in some stretches, and from when until when they are with each of them, or nearby."""

# `longer`: of which resources a claim may reach out of the stretch.
HOW_MANY = f"""
SELECT w.n, count(DISTINCT c.allocation),
       sum(date_part('epoch', least(c.until, w.until) - greatest(c.since, w.since)))
FROM (
  SELECT a.n, a.resources::bigint[], a.longer::bigint[], to_timestamp(a.since) AS since, to_timestamp(a.until) AS until
  FROM unnest(%(resources)s::text[], %(longer)s::text[], %(starts)s::bigint[], %(ends)s::bigint[])
    WITH ORDINALITY AS a(resources, longer, since, until, n) OFFSET 0
) w
CROSS JOIN LATERAL (
  {ENDING.format(resource="ANY(w.resources)")}
  UNION ALL SELECT more.* FROM unnest(w.longer) AS one(id), LATERAL ({ENDING_LATER.format(resource="one.id")}) AS more
) c
GROUP BY w.n
"""  # noqa: S608  (of constants)
"""How many people are treated in each of some stretches, and for how many seconds of it, all of them together."""

Contact = tuple[int, Hashable, datetime, datetime]
"""(practitioner, allocation or what else stands for one visit, from when, until when)."""

There = tuple[int, timedelta]
"""How many people are treated in an occurrence, and for how long of it all of them together."""

NOBODY: There = (0, timedelta())


@dataclass(slots=True)
class Visited:
    """An occurrence with the practitioner's resources that are taken in it, and those of them that are at its end."""

    occurrence: Occurrence
    resources: list[int]
    longer: list[int]


def visited(
    parts: Iterable[LimitedTicks], resources: Mapping[int, Sequence[int]], free: Mapping[int, bytes], *, since: int
) -> Iterator[Visited]:
    """Yield those of a week's occurrences that are not quite free; the week begins at the byte `since` of what is.

    `resources`: by practitioner; `free`: by resource, as it was sent.
    """
    number = int.from_bytes
    for part in parts:
        found, longer, ticks = [], [], part.ticks
        for one in resources.get(part.occurrence.block.practitioner, ()):
            taken = ticks & ~number(free.get(one, b"")[since + part.first : since + part.end], "big")
            if taken:
                found.append(one)
                if taken & part.last:
                    longer.append(one)
        if found:
            yield Visited(part.occurrence, found, longer)


def in_contact(stretches: Iterable[tuple[int, Period]], *, at: datetime) -> ReadStatement[list[Contact]]:
    """Ask whom practitioners (ids) treat in stretches of theirs."""
    wanted = list(stretches)
    arguments = {
        "people": [who for who, _ in wanted],
        "starts": [start for _, (start, _end) in wanted],
        "ends": [end for _, (_start, end) in wanted],
        "at": at,
        "moving": [],
    }
    return ReadStatement(IN_CONTACT, arguments, lambda rows: [(who, one, a, b) for who, one, a, b in rows])


def how_many(visited: Sequence[Visited], *, at: datetime, without: Collection[UUID]) -> ReadStatement[list[There]]:
    """Ask how many are treated in each of some occurrences, but for allocations that move."""
    # As texts: hundreds of numbers, each put in words for the server by itself, would take longer than its answer.
    arguments: dict[str, Any] = {
        "resources": _text(_list(one.resources) for one in visited),
        "longer": _text(_list(one.longer) for one in visited),
        "starts": _text(str(int(one.occurrence.start.timestamp())) for one in visited),
        "ends": _text(str(int(one.occurrence.end.timestamp())) for one in visited),
    }

    def understand(found: Iterable[tuple[Any, ...]]) -> list[There]:
        by_number = {n: (people, timedelta(seconds=seconds)) for n, people, seconds in found}
        return [by_number.get(n, NOBODY) for n in range(1, len(visited) + 1)]

    return ReadStatement(HOW_MANY, arguments | {"at": at, "moving": list(without)}, understand)


def _list(resources: Sequence[int]) -> str:
    return f'"{{{",".join(map(str, resources))}}}"' if resources else '"{}"'


def _text(words: Iterable[str]) -> str:
    return f"{{{','.join(words)}}}"


def has_room(one: Occurrence, there: There) -> bool:
    """Whether an occurrence has room for so many people, and for so long."""
    (people, lasting), most = there, one.block
    too_many = most.people is not None and people > most.people
    return not too_many and (most.minutes is None or lasting <= timedelta(minutes=most.minutes))

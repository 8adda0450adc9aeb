"""A patient is in one place at a time, and each visit has taken exactly what its segments ask for."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from proof.checker.finding import Row, Violation, overlapping, rows

TICK = timedelta(minutes=5)

PATIENTS = """
SELECT patient_id, lower(period), upper(period), id FROM booking_appointment
WHERE status IN ('proposed', 'pending', 'booked', 'arrived', 'checked-in')
"""
VISITS = """
SELECT a.id, a.allocation, a.practitioner_id, a.site_id, a.place_id, lower(a.period), upper(a.period),
       a.segments::text, p.id
FROM booking_appointment a
JOIN LATERAL (SELECT p.id FROM scheduler_visitplan p WHERE p.therapy_id = a.therapy_id AND p.visit = a.visit
              AND p.technique IN ('', a.technique) AND (p.valid_from IS NULL OR p.valid_from <= lower(a.period))
              ORDER BY p.id IN (SELECT plan_id FROM scheduler_claim c
                                WHERE c.allocation = a.allocation AND c.retired_at IS NULL) DESC,
                       p.technique DESC, p.version LIMIT 1) p ON true
WHERE a.status IN ('proposed', 'pending', 'booked', 'arrived', 'checked-in')
"""
PLANS = "SELECT id, place_features, device_pools, fills_room FROM scheduler_visitplan"
SEGMENTS = "SELECT plan_id, minutes, presence FROM scheduler_segment ORDER BY plan_id, position"
TAKEN = """
SELECT c.allocation, r.kind, r.practitioner_id, r.place_id, d.pool, coalesce(d.site_id, m.site_id),
       coalesce(d.reprocess_minutes, 0), lower(c.period), upper(c.period)
FROM scheduler_claim c JOIN scheduler_resource r ON r.id = c.resource_id
LEFT JOIN scheduler_device d ON d.id = r.device_id
LEFT JOIN scheduler_place p ON p.id = r.place_id LEFT JOIN scheduler_room m ON m.id = p.room_id
WHERE c.retired_at IS NULL
"""
NEIGHBOURS = """
SELECT p.id, array_agg(n.id ORDER BY n.id) FROM scheduler_place p JOIN scheduler_place n ON n.room_id = p.room_id
JOIN scheduler_resource r ON r.place_id = n.id GROUP BY p.id
"""


@dataclass(slots=True)
class Course:
    """What a kind of visit takes, as offsets from its start; offsets count whole ticks, the end true minutes."""

    hands: list[tuple[timedelta, timedelta]]
    nearby: list[tuple[timedelta, timedelta]]
    leaves: timedelta
    cleaned: timedelta
    minutes: timedelta
    features: list[str]
    pools: list[str]
    fills_room: bool


def overlaps() -> Iterator[Violation]:
    """Yield each pair of visits in which one patient would be in two places."""
    for patient, one, other in overlapping(rows(PATIENTS)):
        yield Violation("patient-in-two-places", f"patient {patient}: appointments {one} and {other}")


def misfits() -> Iterator[Violation]:
    """Yield each visit whose live claims are not those of its segments."""
    plans, taken, needs = courses(), claims_by_allocation(), {plan: found for plan, *found in rows(PLANS)}
    neighbours: dict[Any, Any] = dict(rows(NEIGHBOURS))
    for visit, allocation, practitioner, site, place, start, end, own, plan in rows(VISITS):
        course = of_its_own(own, needs[plan]) if own else plans[plan]
        if end - start not in (course.minutes, course.leaves):
            yield Violation("visit-has-wrong-length", f"appointment {visit}")
        rooms = (neighbours.get(place, []) if course.fills_room else [place]) if course.features else []
        wanted = needed(course, start, practitioner=practitioner, site=site, places=rooms)
        found = sorted(taken.get(allocation, []), key=repr)
        if found != sorted(wanted, key=repr):
            yield Violation(
                "claims-do-not-fit", f"appointment {visit}: {len(found)} claims, {len(wanted)} needed or other"
            )


def of_its_own(segments: str, needs: list[Any]) -> Course:
    """Return the course of a visit that has segments of its own: of its therapy it has what its place must offer."""
    return course([(length, presence) for _name, length, presence in json.loads(segments)], *needs)


def needed(course: Course, start: datetime, *, practitioner: int, site: int, places: list[int]) -> list[Row]:
    """Return the claims that a visit needs: (what, which, site, start, end)."""
    wanted: list[Row] = [("hands", practitioner, None, start + a, start + b) for a, b in course.hands]
    wanted += [("lane", practitioner, None, start + a, start + b) for a, b in course.nearby]
    wanted += [("place", place, site, start, start + course.cleaned) for place in places]
    wanted += [("device", pool, site, start, start + course.leaves) for pool in course.pools]
    return wanted


def claims_by_allocation() -> dict[Any, list[Row]]:
    """Return live claims in the form of `needed`; a device's time for reprocessing is taken off."""
    taken: dict[Any, list[Row]] = defaultdict(list)
    for allocation, kind, practitioner, place, pool, site, reprocess, start, end in rows(TAKEN):
        which = {"hands": practitioner, "lane": practitioner, "place": place, "device": pool}[kind]
        until = end - up(timedelta(minutes=reprocess)) if kind == "device" else end
        taken[allocation].append((kind, which, site if kind in ("place", "device") else None, start, until))
    return taken


def courses() -> dict[int, Course]:
    """Return every plan's course by its id."""
    segments: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for plan, minutes, presence in rows(SEGMENTS):
        segments[plan].append((minutes, presence))
    return {plan: course(segments[plan], *needs) for plan, *needs in rows(PLANS)}


def course(segments: list[tuple[int, str]], features: list[str], pools: list[str], fills_room: bool) -> Course:  # noqa: FBT001
    """Walk through the segments, each rounded up to whole ticks; join stretches that touch."""
    runs: dict[str, list[tuple[timedelta, timedelta]]] = defaultdict(list)
    at = leaves = minutes = timedelta()
    for length, presence in segments:
        until = at + up(timedelta(minutes=length))
        if runs[presence] and runs[presence][-1][1] == at:
            runs[presence][-1] = (runs[presence][-1][0], until)
        else:
            runs[presence].append((at, until))
        at = until
        if presence != "none":
            leaves, minutes = at, minutes + timedelta(minutes=length)
    return Course(runs["hands"], runs["nearby"], leaves, at, minutes, features, pools, fills_room)


def up(length: timedelta) -> timedelta:
    """Return `length` in whole ticks, the last one counted whole."""
    return -(-length // TICK) * TICK

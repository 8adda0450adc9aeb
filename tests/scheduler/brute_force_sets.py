"""Times for several people found the slow way: whoever treats, every place and device tried, from rows alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import permutations, product

from scheduler.models import Offering, Place, VisitPlan
from scheduler.public import Relation, SetQuery
from tests.scheduler.brute_force import FIVE, MINUTE, Clinic, Looking, joined

Taken = tuple[int, datetime, datetime]
"""(resource id, from, until)."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which a visit could be held: who treats where, from when until when, and all that it takes."""

    practitioner: int
    place: Place | None
    spread: bool
    contact: tuple[datetime, datetime]
    taken: tuple[Taken, ...]

    def beside(self, other: "Way") -> bool:
        """Whether both can be."""
        for resource, start, end in self.taken:
            if any(resource == r and start < until and since < end for r, since, until in other.taken):
                return False
        near = not (self.place and other.place and self.spread) or self.place.room.suite == other.place.room.suite
        apart = self.contact[0] >= other.contact[1] or other.contact[0] >= self.contact[1]
        return self.practitioner != other.practitioner or near or apart


def ways(looking: Looking, start: datetime) -> Iterator[Way]:
    """Yield all ways in which a visit could begin then by itself."""
    clinic = looking.clinic
    hands = [(looking._hands.pk, p.first, p.last) for p in clinic.parts if p.presence == "hands"]
    rests = joined([p for p in clinic.parts if p.presence == "nearby"])
    lanes = [[(one.pk, *rest) for one in looking._lanes if looking._free(one, start, *rest)] for rest in rests]
    units = [
        [(unit.pk, 0, long) for unit, long in looking._units[pool] if looking._free(unit, start, 0, long)]
        for pool in clinic.plan.device_pools
    ]
    places = [
        place
        for place in looking._fitting
        if all(looking._free(one, start, 0, clinic.room_time) for one in looking._taken_with(place))
        and looking._near(place, start)
    ]
    spread = len({place.room.suite for place in looking._places}) > 1
    contact = (start, start + clinic.contact * MINUTE)
    for place in places if clinic.plan.place_features else [None]:
        rooms = [(one.pk, 0, clinic.room_time) for one in looking._taken_with(place)] if place else []
        for chosen in product(*lanes, *units):
            taken = tuple((r, start + a * MINUTE, start + b * MINUTE) for r, a, b in (*hands, *rooms, *chosen))
            yield Way(looking.offering.practitioner_id, place, spread, contact, taken)


def soonest_sets(query: SetQuery, *, at: datetime) -> set[tuple[int, datetime]]:
    """Return (site id, start) of all that can be had together, on full five minutes."""
    span = timedelta(hours=8)
    since, until = query.starts_at - timedelta(hours=6), query.ends_at + span
    clinics = []
    for one in query.people:
        plan = VisitPlan.objects.get(therapy__key=one.therapy, visit=one.visit, technique="")
        clinics.append(Clinic(plan, since, until, at, None, one.audience.needs))
    sites = set(Offering.objects.filter(site__active=True).values_list("site", flat=True))
    return {(site, start) for site in sites for start in _at_site(query, clinics, site)}


def _at_site(query: SetQuery, clinics: Sequence[Clinic], site: int) -> Iterator[datetime]:
    lookings = [list(_looking(query, n, clinic, site)) for n, clinic in enumerate(clinics)]
    known: dict[tuple[int, datetime], list[Way]] = {}

    def found(person: int, start: datetime) -> list[Way]:
        if (person, start) not in known:
            alone = [one for one in lookings[person] if start >= query.starts_at and one.free(start)]
            known[person, start] = [way for one in alone for way in ways(one, start)]
        return known[person, start]

    start = query.starts_at + (query.starts_at.min.replace(tzinfo=query.starts_at.tzinfo) - query.starts_at) % FIVE
    while start < query.ends_at:
        for begin in _beginnings(query, [clinic.stay for clinic in clinics], start):
            options = [found(n, when) for n, when in enumerate(begin)]
            if all(options) and _fit(options, ()):
                yield start
                break
        start += FIVE


def _looking(query: SetQuery, person: int, clinic: Clinic, site: int) -> Iterator[Looking]:
    one = query.people[person]
    rows = Offering.objects.filter(therapy__key=one.therapy, practitioner__active=True, site=site)
    for offering in rows.select_related("practitioner", "site"):
        if one.visit in offering.visits:
            yield Looking(clinic, offering)


def _beginnings(query: SetQuery, stays: Sequence[int], start: datetime) -> Iterator[tuple[datetime, ...]]:
    late = [FIVE * n for n in range(query.within // FIVE + 1)]
    if query.relation is Relation.SAME_TIME:
        for waits in product(late, repeat=len(stays)):
            if min(waits) == timedelta():
                yield tuple(start + wait for wait in waits)
        return
    for order in permutations(range(len(stays))):
        for waits in product(late, repeat=len(stays) - 1):
            begin, when = {}, start
            for person, wait in zip(order, (*waits, timedelta()), strict=True):
                begin[person], when = when, when + stays[person] * MINUTE + wait
            yield tuple(begin[n] for n in range(len(stays)))


def _fit(options: Sequence[Sequence[Way]], chosen: tuple[Way, ...]) -> bool:
    if len(chosen) == len(options):
        return True
    return any(
        all(way.beside(other) for other in chosen) and _fit(options, (*chosen, way)) for way in options[len(chosen)]
    )

"""Free times for several people who come together: at the same time, or one right after the other.

Each person's starts are found as in any search. Then the ticks at which all of them could begin are gone through, the
soonest first, and those kept at which they can do so together: by the very choice of hands, lanes, devices and places
by which they are claimed.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property, reduce
from heapq import merge
from itertools import chain, islice
from operator import or_

from scheduler.catalogue import Catalogue, Offer
from scheduler.errors import RangeTooLong
from scheduler.search.arrangements import Arrangement, Together, most_with_one
from scheduler.search.availability import Availability
from scheduler.search.joint_choice import practitioners_do_both, shared_out
from scheduler.search.parts import set_parts
from scheduler.search.resource_choice import WantedStart
from scheduler.search.set_query import Relation, SetQuery, SlotSet
from scheduler.search.set_readings import PersonTimes, SetReading, readings
from scheduler.slots import TickPlan
from scheduler.ticks import TICK, each

LONGEST = timedelta(days=31)
FUTILE = 4_000
"""So often a search looks in vain whether some of them can begin together; then it shows what it has found so far."""

Staffed = list[WantedStart]
"""The starts of some of them, each with who treats them."""


def sets(query: SetQuery, *, at: datetime) -> list[SlotSet]:
    """Return the soonest sets, at most `query.limit`, by when the first of each begins; of one start the nearest.

    Raises RangeTooLong, and what a search for one of them raises, with the number of that person as the fact `person`.
    """
    if query.ends_at - query.starts_at > LONGEST:
        raise RangeTooLong
    found: list[SlotSet] = []
    for part, known in set_parts(query):
        found += _sets(replace(part, limit=query.limit - len(found)), known, at=at)
        if len(found) >= query.limit:
            break
    return found


def _sets(query: SetQuery, known: Catalogue, *, at: datetime) -> list[SlotSet]:
    found: list[SlotSet] = []
    for reading in readings(query, known, at=at):
        of_sites = (_SetsAtSite(query, reading, site, futile=FUTILE).soonest() for site in reading.sites)
        found = list(islice(merge(*of_sites, key=lambda one: one.start), query.limit))
        if len(found) >= query.limit:
            break
    return found


@dataclass
class _SetsAtSite:
    """Offers first who was offered least so far, and gives up after `FUTILE` tries in vain."""

    query: SetQuery
    reading: SetReading
    site: int
    futile: int
    given: Counter[int] = field(default_factory=Counter)

    @cached_property
    def people(self) -> tuple[PersonTimes, ...]:
        return self.reading.people

    @cached_property
    def offers(self) -> list[list[tuple[Offer, int]]]:
        """By person: who offers what they want here, each with the starts."""
        known: dict[Hashable, list[tuple[Offer, int]]] = {}
        for one in self.people:
            if one.asks_for not in known:
                known[one.asks_for] = one.starts_at(self.site)
        return [known[one.asks_for] for one in self.people]

    @cached_property
    def together(self) -> Together:
        """When they could begin, as far as each one's own starts go."""
        return Together(
            relation=self.query.relation,
            within=self.query.within // TICK,
            starts=tuple(reduce(or_, (starts for _, starts in mine), 0) for mine in self.offers),
            stays=tuple(one.available.plan.tick_plan.patient for one in self.people),
            total=self.people[0].available.frame.total,
            alike=_alike([one.asks_for for one in self.people]),
            hands=tuple(one.available.plan.tick_plan.hands for one in self.people),
        )

    @cached_property
    def by_practitioner(self) -> list[int]:
        """All the starts that any of them could have, by who treats."""
        starts: dict[int, int] = defaultdict(int)
        for offer, mine in chain.from_iterable(self.offers):
            starts[offer.practitioner.id] |= mine
        return list(starts.values())

    def _has_hands(self, tick: int) -> bool:
        """Whether hands could do for all, the first beginning at a tick, wherever they lie and whoever is whose."""
        fit, late = self.together.fit, self.together.within
        if self.query.relation is not Relation.SAME_TIME or fit >> late & 1:
            return True
        last = self.together.total - 1 - tick - late
        window, many = (1 << late + 1) - 1, len(self.people)
        return (
            sum(
                most_with_one((mine << -last if last < 0 else mine >> last) & window, fit, late, many)
                for mine in self.by_practitioner
            )
            >= many
        )

    def soonest(self) -> Iterator[SlotSet]:
        """Yield the sets, the soonest first, each so long after the one before as is asked."""
        frame = self.people[0].available.frame
        allowed = frame.between(self.reading.starts_at, self.reading.ends_at)
        begun: datetime | None = None
        for tick in each(self.together.beginnings & allowed, total=frame.total):
            if begun is None or frame.at(tick) >= begun + self.query.step:
                found = self._at(tick)
                if found is not None:
                    begun = frame.at(tick)
                    yield found
                if self.futile <= 0:
                    return

    def _at(self, tick: int) -> SlotSet | None:
        """Return the nearest to each other that they can begin, the first of them at a tick."""
        failed, left = False, self.futile

        def possible(some: Arrangement) -> bool:
            # Only once it is known that something stands in the way: mostly the first way in which they could do.
            return not failed or (self.futile > 0 and self._staffed(some) is not None)

        for arrangement in self.together.begin_at(tick, possible):
            if not self._fits(arrangement):
                continue
            found = self._staffed(arrangement)
            if found is not None:
                self.futile = left
                return self._shown(arrangement, found)
            if self.futile <= 0 or (not failed and (not self._has_hands(tick) or self._is_crowded(tick))):
                return None
            failed = True
        return None

    def _fits(self, arrangement: Arrangement) -> bool:
        """Whether a set lies as near to what it is to lie near to."""
        if self.query.anchor is None:
            return True
        frame, stays = self.people[0].available.frame, self.together.stays
        last = max(tick + stays[person] for person, tick in arrangement.items())
        return self.query.anchor.fits(frame.at(min(arrangement.values())), frame.at(last))

    def _shown(self, arrangement: Arrangement, found: Staffed) -> SlotSet:
        by_person = dict(zip(arrangement, found, strict=True))
        self.given.update(one.offer.practitioner.id for one in found)
        return SlotSet(slots=tuple(one.slot(by_person[n].offer, arrangement[n]) for n, one in enumerate(self.people)))

    def _staffed(self, arrangement: Arrangement) -> Staffed | None:
        """Return who treats those who begin so, where all have what they need together; else None."""
        seen: set[tuple[frozenset[str], ...]] = set()
        candidates = [self._candidates(person, tick) for person, tick in arrangement.items()]
        for staffed, among in self._combinations(candidates):
            self.futile -= 1
            if among not in seen and shared_out(staffed) is not None:
                return staffed
            if len({one.offer.practitioner.id for one in staffed}) == len(staffed):
                # It was the places or the devices: with others who may treat in the same suites it is no better.
                seen.add(among)
                if not any(among):
                    return None
        return None

    def _candidates(self, person: int, tick: int) -> list[tuple[WantedStart, frozenset[str]]]:
        """Return who could treat somebody then, each with the suites they may do so in: who was shown least first."""
        one, many = self.people[person], len(self.people)
        bit = 1 << (self.together.total - 1 - tick)
        free = [offer for offer, starts in self.offers[person] if starts & bit]
        if self.given:
            free.sort(key=lambda offer: self.given[offer.practitioner.id])
        start, taken, found = one.available.frame.at(tick), Counter[frozenset[str]](), []
        for offer in free:
            suites = self._suites(one.available, offer, bit)
            taken[suites] += 1
            # Of as many as there are people one is left, whoever treats the others.
            if taken[suites] <= many:
                found.append((WantedStart(one.available, offer, start), suites))
            elif not suites:
                break
        return found

    def _suites(self, available: Availability, offer: Offer, bit: int) -> frozenset[str]:
        """Return the suites where a practitioner may have a patient then; nothing where there is but one."""
        known = available.catalogue
        if not known.spread(self.site):
            return frozenset()
        return frozenset(s for s in known.suites[self.site] if available.never_outside((self.site, s), offer) & bit)

    def _combinations(
        self,
        candidates: Sequence[list[tuple[WantedStart, frozenset[str]]]],
        chosen: Staffed | None = None,
        among: tuple[frozenset[str], ...] = (),
    ) -> Iterator[tuple[Staffed, tuple[frozenset[str], ...]]]:
        """Yield who could treat them as far as practitioners go; one for two of them comes last."""
        chosen = chosen or []
        if len(chosen) == len(candidates):
            yield chosen, among
            return
        busy = {one.offer.practitioner.id for one in chosen}
        mine = sorted(candidates[len(chosen)], key=lambda pair: pair[0].offer.practitioner.id in busy)
        for one, suites in mine:
            if all(practitioners_do_both(other, one) for other in chosen):
                yield from self._combinations(candidates, [*chosen, one], (*among, suites))

    def _is_crowded(self, tick: int) -> bool:
        """Whether too few places or devices are free in what all stays at the same time have in common."""
        late, first = self.together.within, self.people[0].available
        if self.query.relation is not Relation.SAME_TIME or late >= min(self.together.stays):
            return False
        if not late or first.catalogue.spread(self.site):
            return False
        core, start = [_last_part(one.available, late) for one in self.people], first.frame.at(tick + late)
        return shared_out([WantedStart(one, one.offers_at(self.site)[0], start) for one in core]) is None


def _alike(asked: Sequence[Hashable]) -> tuple[int | None, ...]:
    """Return by person who was the last before them to ask for the same."""
    last: dict[Hashable, int] = {}
    found = []
    for person, wish in enumerate(asked):
        found.append(last.get(wish))
        last[wish] = person
    return tuple(found)


def _last_part(available: Availability, late: int) -> Availability:
    """Return the same for what is left of a visit after so many ticks, whoever treats."""
    whole = available.plan.tick_plan
    rest = TickPlan(hands=(), nearby=(), patient=whole.patient - late, place=whole.place - late)
    return replace(available, plan=replace(available.plan, tick_plan=rest))

"""In which order, and at which ticks, people who come together can begin: arithmetic, without who treats them where."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import permutations
from operator import and_, or_

from scheduler.search.set_query import Relation
from scheduler.slots import Run

IN_ANY_ORDER = 3
"""So many people come one after the other in whichever order; more than six orders are too many to look through."""

Arrangement = Mapping[int, int]
"""By person, in the order of time: the tick at which they begin."""


@dataclass(frozen=True)
class Together:
    """How people come together. `starts`: each one's starts by themselves; `stays`: ticks until they leave.

    `within`: how many ticks apart, or how many of waiting; `total`: ticks in all. `alike`: by person, who of those
    before them asks for the very same, or None: who of two such begins first makes no difference. `hands`: for each
    one the stretches for which whoever treats has their hands full.
    """

    relation: Relation
    within: int
    starts: tuple[int, ...]
    stays: tuple[int, ...]
    total: int
    alike: tuple[int | None, ...] = ()
    hands: tuple[tuple[Run, ...], ...] = ()

    @property
    def reach(self) -> int:
        """How many ticks there are at most from when the first begins until the last one leaves."""
        if self.relation is Relation.SAME_TIME:
            return self.within + max(self.stays)
        return sum(self.stays) + self.within * (len(self.stays) - 1)

    @property
    def beginnings(self) -> int:
        """The ticks at which the first of them could begin, as far as each one's own starts go."""
        if self.relation is Relation.BACK_TO_BACK:
            return reduce(or_, (self.starts[order[0]] for order in self._orders()), 0)
        soon = [reduce(or_, (one << late for late in range(self.within + 1)), 0) for one in self.starts]
        return reduce(and_, soon) & reduce(or_, self.starts)

    @cached_property
    def fit(self) -> int:
        """How many ticks apart one practitioner could begin with some two of them, as bits: the highest says 0."""
        pairs = list(permutations(self.hands, 2))
        return sum(
            1 << self.within - apart
            for apart in range(self.within + 1)
            if any(_hold_both(first, then, apart) for first, then in pairs)
        )

    def begin_at(self, tick: int, possible: Callable[[Arrangement], bool]) -> Iterator[Arrangement]:
        """Yield how they could begin, the first of them at a tick; those with the least waiting come first.

        `possible`: whether some of them could, asked before the others are looked at.
        """
        for most in range(self.within + 1):
            if self.relation is Relation.SAME_TIME:
                yield from self._side_by_side(tick, most, {}, possible)
            else:
                for order in self._orders():
                    yield from self._in_a_row(tick, most, order, {}, possible=possible)

    def _orders(self) -> Iterator[tuple[int, ...]]:
        people = range(len(self.starts))
        if len(self.starts) > IN_ANY_ORDER:
            yield tuple(people)
            return
        twins = [(other, person) for person, other in enumerate(self.alike) if other is not None]
        yield from (order for order in permutations(people) if all(order.index(a) < order.index(b) for a, b in twins))

    def _has(self, person: int, tick: int) -> bool:
        return tick < self.total and bool(self.starts[person] >> (self.total - 1 - tick) & 1)

    def _side_by_side(
        self, first: int, most: int, chosen: Arrangement, possible: Callable[[Arrangement], bool]
    ) -> Iterator[Arrangement]:
        if len(chosen) == len(self.starts):
            # With less apart they were looked at before.
            if {min(chosen.values()), max(chosen.values())} == {first, first + most}:
                yield chosen
            return
        person = len(chosen)
        twin = self.alike[person] if self.alike else None
        for tick in range(first if twin is None else chosen[twin], first + most + 1):
            if self._has(person, tick):
                more = {**chosen, person: tick}
                if len(more) == len(self.starts) or possible(more):
                    yield from self._side_by_side(first, most, more, possible)

    def _in_a_row(
        self,
        since: int,
        most: int,
        order: tuple[int, ...],
        chosen: Arrangement,
        *,
        possible: Callable[[Arrangement], bool],
        waited: int = 0,
    ) -> Iterator[Arrangement]:
        if len(chosen) == len(order):
            if waited == most:
                yield chosen
            return
        person = order[len(chosen)]
        for late in range(most + 1) if chosen else (0,):
            tick = since + late
            if self._has(person, tick):
                more, leaves = {**chosen, person: tick}, tick + self.stays[person]
                if len(more) == len(order) or possible(more):
                    yield from self._in_a_row(leaves, most, order, more, possible=possible, waited=max(waited, late))


def most_with_one(starts: int, fit: int, within: int, enough: int) -> int:
    """Return how many of some starts one practitioner could take at most, up to `enough`.

    `starts`: within + 1 ticks as bits, the highest the first; `fit`: the same, of how many ticks apart two may begin.
    """
    if not starts or not enough:
        return 0
    first = starts.bit_length() - 1
    others = starts ^ (1 << first)
    with_it = 1 + most_with_one(others & fit >> within - first, fit, within, enough - 1)
    if with_it >= min(enough, starts.bit_count()):
        return with_it
    return max(with_it, most_with_one(others, fit, within, enough))


def _hold_both(first: tuple[Run, ...], then: tuple[Run, ...], apart: int) -> bool:
    return not any(a < apart + b + long and apart + b < a + short for a, short in first for b, long in then)

"""Which resources several visits take that are wanted together, so that none takes what another cannot do without.

One after the other each would take the first that will do, and a bed with a lift could be gone that only the next of
them needs. Here a choice is taken back where it leaves another with none. Lanes, devices and places are chosen apart:
no choice among one of them narrows another.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import combinations

from scheduler.catalogue import Bay
from scheduler.search.resource_choice import Choice, WantedStart
from scheduler.sheets.free_time import Stretch
from scheduler.ticks import TICK


@dataclass(frozen=True, slots=True)
class _Option:
    """What one visit could take: some stretches, and the place that they are of."""

    visit: int
    stretches: tuple[Stretch, ...]
    bay: Bay | None = None


@dataclass(slots=True)
class _Options:
    """What a visit could take, found as far as somebody asks: mostly the first will do."""

    rest: Iterator[_Option]
    known: list[_Option] = field(default_factory=list)

    def __iter__(self) -> Iterator[_Option]:
        yield from self.known
        for option in self.rest:
            self.known.append(option)
            yield option


def joint_choice(wanted: Sequence[WantedStart]) -> list[Choice] | None:
    """Return what each of several visits takes, so that all have what they need; None where that cannot be."""
    if not all(one.practitioner_is_free for one in wanted):
        return None
    return shared_out(wanted)


def shared_out(wanted: Sequence[WantedStart]) -> list[Choice] | None:
    """Return the same for visits of each of which it is known that whoever treats is free for it."""
    hands = [one.hands for one in wanted]
    if not all(practitioners_do_both(one, other) for one, other in combinations(wanted, 2)):
        return None
    if not all(_blocks_have_room(one, wanted) for one in wanted):
        return None
    found: list[_Option] = []
    for needs in (*_devices(wanted), *_lanes(wanted), _places(wanted)):
        chosen = _chosen(needs, _clash(wanted))
        if chosen is None:
            return None
        found += chosen
    stretches, bays = {n: list(mine) for n, mine in enumerate(hands)}, {one.visit: one.bay for one in found}
    for one in found:
        stretches[one.visit] += one.stretches
    return [Choice(bays.get(n), tuple(mine)) for n, mine in stretches.items()]


def practitioners_do_both(one: WantedStart, other: WantedStart) -> bool:
    """Whether whoever treats can hold two visits: with two different people they are none of each other's."""
    if one.offer.practitioner.id != other.offer.practitioner.id:
        return True
    if any(_meet(mine, theirs) for mine in one.hands for theirs in other.hands):
        return False
    way = one.available.catalogue.travel.get(one.offer.site, {}).get(other.offer.site, 0) * TICK
    stays = one.available.plan.features and other.available.plan.features
    if one.offer.site == other.offer.site or not (way and stays):
        return True
    (start, end), (since, until) = _contact(one), _contact(other)
    return not (start < until + way and since - way < end)


def _blocks_have_room(mine: WantedStart, wanted: Sequence[WantedStart]) -> bool:
    """Whether the blocks that a visit is in have room for it and for all who come to the same practitioner with it."""
    access, (start, end) = mine.available.narrowed.access, _contact(mine)
    for one in access.limited_in(start, end, mine.offer):
        with_us = (each for each in wanted if each.offer.practitioner.id == mine.offer.practitioner.id)
        contacts = [until - since for since, until in map(_contact, with_us) if since < one.end and one.start < until]
        if not access.has_room_beside(one, contacts):
            return False
    return True


def _contact(wanted: WantedStart) -> tuple[datetime, datetime]:
    return wanted.start, wanted.start + wanted.available.plan.contact


def _meet(one: Stretch, other: Stretch) -> bool:
    return one.resource == other.resource and one.start < other.end and other.start < one.end


def _clash(wanted: Sequence[WantedStart]) -> Callable[[_Option, _Option], bool]:
    """Return what says whether two visits cannot both have what was chosen for them."""

    def clash(one: _Option, other: _Option) -> bool:
        if any(_meet(mine, theirs) for mine in one.stretches for theirs in other.stretches):
            return True
        if one.bay is None or other.bay is None or (one.bay.site, one.bay.suite) == (other.bay.site, other.bay.suite):
            return False
        # While needles rest they may be with the next patient, but not in another part of the building.
        first, second = wanted[one.visit], wanted[other.visit]
        if first.offer.practitioner.id != second.offer.practitioner.id or one.bay.site != other.bay.site:
            return False
        (start, end), (since, until) = _contact(first), _contact(second)
        return start < until and since < end

    return clash


def _chosen(
    needs: Sequence[_Options], clash: Callable[[_Option, _Option], bool], chosen: tuple[_Option, ...] = ()
) -> tuple[_Option, ...] | None:
    if len(chosen) == len(needs):
        return chosen
    for option in needs[len(chosen)]:
        if not any(clash(before, option) for before in chosen):
            found = _chosen(needs, clash, (*chosen, option))
            if found is not None:
                return found
    return None


def _devices(wanted: Sequence[WantedStart]) -> Iterator[list[_Options]]:
    for pool in sorted({pool for one in wanted for pool in one.available.plan.pools}):
        # Of as many units as there are visits one is left, whatever the others take.
        yield [
            _Options(_Option(n, (unit,)) for unit, _ in zip(one.devices(pool), wanted, strict=False))
            for n, one in enumerate(wanted)
            if pool in one.available.plan.pools
        ]


def _lanes(wanted: Sequence[WantedStart]) -> Iterator[list[_Options]]:
    runs: dict[int, list[_Options]] = defaultdict(list)
    for n, one in enumerate(wanted):
        for run in one.available.plan.tick_plan.nearby:
            runs[one.offer.practitioner.id].append(_Options(_lanes_for(n, one.lanes(run))))
    yield from runs.values()


def _lanes_for(visit: int, free: Iterable[Stretch]) -> Iterator[_Option]:
    return (_Option(visit, (lane,)) for lane in free)


def _places(wanted: Sequence[WantedStart]) -> list[_Options]:
    rooms = any(one.available.plan.fills_room for one in wanted)
    return [
        _Options(_few(n, one.bays(), len(wanted), suites=_suites(one), rooms=rooms))
        for n, one in enumerate(wanted)
        if one.available.plan.features
    ]


def _suites(wanted: WantedStart) -> int:
    return len({bay.suite for bay in wanted.available.bays(wanted.offer.site)})


def _few(
    visit: int, free: Iterable[tuple[Bay, tuple[Stretch, ...]]], most: int, *, suites: int, rooms: bool
) -> Iterator[_Option]:
    """Yield as many places of each suite as leave one, whatever the other visits take.

    `rooms`: some of them fill a room, so that it takes as many rooms, and as many places of each.
    """
    by_suite: dict[str, set[int]] = defaultdict(set)
    by_room: Counter[int] = Counter()
    for bay, stretches in free:
        room = bay.room if rooms else bay.resource
        by_suite[bay.suite].add(room)
        by_room[room] += 1
        if len(by_suite[bay.suite]) <= most and by_room[room] <= most:
            yield _Option(visit, stretches, bay)
        elif not rooms and len(by_suite) == suites and all(len(found) > most for found in by_suite.values()):
            return

"""Which resources a visit takes of those that are free: hands, lanes, devices, and the least capable place."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from scheduler.catalogue import Bay, Offer
from scheduler.search.availability import Availability
from scheduler.search.place_access import in_order
from scheduler.sheets.free_time import Stretch
from scheduler.slots import Run, during
from scheduler.ticks import TICK, erode


@dataclass(frozen=True, slots=True)
class Choice:
    """What a visit takes: a place, if it needs one, and every stretch to claim."""

    bay: Bay | None
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class WantedStart:
    """A start with somebody, and what is free for it. `although_closed`: nothing closed stands in its way.

    `place`: the one (its id) that alone will do, where somebody has chosen it.
    """

    available: Availability
    offer: Offer
    start: datetime
    although_closed: bool = False
    place: int | None = None

    @property
    def here(self) -> int:
        """The tick at which it starts."""
        return self.available.frame.only(self.start)

    @property
    def practitioner_is_free(self) -> bool:
        """Whether whoever treats has their hands free then, is there in time, and nothing is closed."""
        given = -1 if self.although_closed else self.available.while_open(self.offer.site)
        return bool(self.available.hands(self.offer) & self.available.in_time(self.offer) & given & self.here)

    @property
    def hands(self) -> tuple[Stretch, ...]:
        """What it takes of the practitioner's hands."""
        runs = self.available.plan.tick_plan.hands
        return tuple(Stretch(self.offer.hands, *self._period(first, length)) for first, length in runs)

    def lanes(self, run: Run) -> Iterator[Stretch]:
        """Yield the lanes that are free for a stretch spent nearby; alike, so that the later ones stay free whole."""
        here = self.here
        for lane in self.offer.lanes:
            if during(self.available.of(lane, self.offer.site), run) & here:
                yield Stretch(lane, *self._period(*run))

    def devices(self, pool: str) -> Iterator[Stretch]:
        """Yield the units of a pool that are free."""
        here, available = self.here, self.available
        for device in available.catalogue.units.get((self.offer.site, pool), ()):
            # Cleaning is the unit's, not the pool's: one that is quicker to clean may be free where its neighbour is
            # not.
            length = available.plan.tick_plan.patient + device.reprocess
            if erode(available.of(device.resource, self.offer.site), length) & here:
                yield Stretch(device.resource, *self._period(0, length))

    def bays(self) -> Iterator[tuple[Bay, tuple[Stretch, ...]]]:
        """Yield the places that are free, the least capable first, kept ones last, each with what is taken with it."""
        known, site, here = self.available.catalogue, self.offer.site, self.here
        plan = self.available.plan
        for bay in in_order(self.available, site, self.start):
            if self.place not in {None, bay.id}:
                continue
            filled = known.filled_by(bay, plan)
            free = all(erode(self.available.of(one, site), plan.tick_plan.place) & here for one in filled)
            near = not known.spread(site) or self.available.never_outside((site, bay.suite), self.offer) & here
            if free and near:
                yield bay, tuple(Stretch(one, *self._period(0, plan.tick_plan.place)) for one in filled)

    def _period(self, first: int, length: int) -> tuple[datetime, datetime]:
        return self.start + first * TICK, self.start + (first + length) * TICK


def choice(wanted: WantedStart) -> Choice | None:
    """Return what a visit that starts then takes, of what is free the least capable; None where something is not."""
    if not wanted.practitioner_is_free:
        return None
    plan, stretches = wanted.available.plan, list(wanted.hands)
    # Hands, lanes and devices before places: where one of them lacks, no place has to be looked for.
    for found in (
        *(next(wanted.lanes(run), None) for run in plan.tick_plan.nearby),
        *(next(wanted.devices(pool), None) for pool in plan.pools),
    ):
        if found is None:
            return None
        stretches.append(found)
    if not plan.features:
        return Choice(None, tuple(stretches))
    bay, filled = next(wanted.bays(), (None, ()))
    return Choice(bay, (*stretches, *filled)) if bay else None

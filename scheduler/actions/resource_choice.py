"""Which resources a visit takes of those that are free: hands, lanes, devices, and the least capable place."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from scheduler.catalogue import Bay, Offer
from scheduler.search.availability import Availability
from scheduler.sheets.free_time import Stretch
from scheduler.slots import during
from scheduler.ticks import TICK, erode


@dataclass(frozen=True, slots=True)
class Choice:
    """What a visit takes: a place, if it needs one, and every stretch to claim."""

    bay: Bay | None
    stretches: tuple[Stretch, ...]


def choice(available: Availability, offer: Offer, start: datetime, *, although_closed: bool = False) -> Choice | None:
    """Return what a visit that starts then takes, of what is free the least capable; None where something is not free.

    `although_closed`: neither a closed site nor a closed therapy stands in the way.
    """
    here, given = available.frame.only(start), -1 if although_closed else available.while_open(offer.site)
    if not available.hands(offer) & available.in_time(offer) & given & here:
        return None
    stretches = [
        Stretch(offer.hands, *_period(start, first, length)) for first, length in available.plan.tick_plan.hands
    ]
    # Hands, lanes and devices before places: where one of them lacks, no place has to be looked for.
    for find in (_lanes, _devices):
        found = find(available, offer, start, here)
        if found is None:
            return None
        stretches += found
    bay = next(_bays(available, offer, here), None)
    if bay is None and available.plan.features:
        return None
    if bay:
        whole = _period(start, 0, available.plan.tick_plan.place)
        stretches += [Stretch(one, *whole) for one in available.catalogue.filled_by(bay, available.plan)]
    return Choice(bay, tuple(stretches))


def _period(start: datetime, first: int, length: int) -> tuple[datetime, datetime]:
    return start + first * TICK, start + (first + length) * TICK


def _bays(available: Availability, offer: Offer, here: int) -> Iterator[Bay]:
    known, site = available.catalogue, offer.site
    for bay in available.bays(site):
        filled = known.filled_by(bay, available.plan)
        free = all(erode(available.of(one, site), available.plan.tick_plan.place) & here for one in filled)
        near = not known.spread(site) or available.never_outside((site, bay.suite), offer) & here
        if free and near:
            yield bay


def _lanes(available: Availability, offer: Offer, start: datetime, here: int) -> list[Stretch] | None:
    found = []
    for run in available.plan.tick_plan.nearby:
        # The first that is free: lanes are alike, and the later ones then stay free as a whole.
        lane = next((one for one in offer.lanes if during(available.of(one, offer.site), run) & here), None)
        if lane is None:
            return None
        found.append(Stretch(lane, *_period(start, *run)))
    return found


def _devices(available: Availability, offer: Offer, start: datetime, here: int) -> list[Stretch] | None:
    found = []
    for pool in available.plan.pools:
        for device in available.catalogue.units.get((offer.site, pool), ()):
            # Cleaning is the unit's, not the pool's: one that is quicker to clean may be free where its neighbour is
            # not.
            length = available.plan.tick_plan.patient + device.reprocess
            if erode(available.of(device.resource, offer.site), length) & here:
                found.append(Stretch(device.resource, *_period(start, 0, length)))
                break
        else:
            return None
    return found

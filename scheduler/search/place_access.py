"""Places that blocks keep beside somebody's time: whose a visit would be in, and from when on others may be."""

from datetime import datetime

from scheduler.catalogue import Bay, Offer
from scheduler.catalogue.block_cards import Occurrence
from scheduler.search.availability import Availability
from scheduler.ticks import TICK, erode


def keeps_places(available: Availability, site: int) -> bool:
    """Whether blocks keep places of a site that a visit could be in: of most sites none."""
    blocks = available.catalogue.blocks.get(site)
    return bool(blocks and blocks.places and available.plan.features)


def keeping(available: Availability, bay: Bay, start: datetime) -> list[Occurrence]:
    """Return what keeps a place, or others of its room that are taken with it, for some alone during a visit."""
    end = start + available.plan.tick_plan.place * TICK
    return available.narrowed.access.keeps_place(
        bay.site, available.catalogue.filled_by(bay, available.plan), start, end
    )


def in_order(available: Availability, site: int, start: datetime) -> list[Bay]:
    """Return the places that would do, those that nobody keeps first: whoever may have a kept one can do without it."""
    bays = available.bays(site)
    if not keeps_places(available, site):
        return list(bays)
    return sorted(bays, key=lambda bay: bool(keeping(available, bay, start)))


def only_for(available: Availability, offer: Offer, start: datetime, *, bay: Bay | None = None) -> str:
    """Return the audience to which alone a start is open, by whose time it is or, failing that, by its place.

    `bay`: the place, where it is chosen already; else that which would be chosen.
    """
    tick = available.frame.ticks(start, start)[0]
    word = available.only_for(offer, tick)
    if word or not keeps_places(available, offer.site):
        return word
    if bay is None:
        free = (one for one in in_order(available, offer.site, start) if _is_free(available, one, start))
        bay = next(free, None)
    kept = keeping(available, bay, start) if bay else []
    return next((available.narrowed.access.word(one) for one in kept), "")


def _is_free(available: Availability, bay: Bay, start: datetime) -> bool:
    plan, here = available.plan, available.frame.only(start)
    filled = available.catalogue.filled_by(bay, plan)
    return all(erode(available.of(one, bay.site), plan.tick_plan.place) & here for one in filled)


def are_for_others(available: Availability, offer: Offer, start: datetime) -> bool:
    """Whether no place that would do is free for whoever asks, and some are kept for others, taken or not."""
    if not keeps_places(available, offer.site) or available.places(offer.site) & available.frame.only(start):
        return False
    return opens_at(available, offer, start) is not None


def opens_at(available: Availability, offer: Offer, start: datetime) -> datetime | None:
    """Return from when on whoever asks may have one of the places that are kept for others; None where none is."""
    access = available.narrowed.access
    kept = (keeping(available, bay, start) for bay in available.bays(offer.site))
    theirs = ([access.opens_at(one) for one in mine if not access.may_use(one)] for mine in kept)
    return min((max(moments) for moments in theirs if moments), default=None)

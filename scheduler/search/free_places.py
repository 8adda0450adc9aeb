"""Which places are free for a start: for whoever chooses one of them, which a claim otherwise does by itself."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.text.languages import localized
from scheduler.audience import Audience
from scheduler.catalogue import catalogue
from scheduler.models import Place
from scheduler.search.availability import Availability
from scheduler.search.frames import Frame
from scheduler.search.resource_choice import WantedStart
from scheduler.search.slot_ids import Slot, resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceCard:
    """A place as others see it."""

    id: int
    public_id: UUID
    name: str


def free_places(slot: Slot, *, at: datetime, audience: Audience, moving: UUID | None = None) -> list[PlaceCard]:
    """Return the places that are free for a start and have what its person needs, the least capable first.

    `moving`: an allocation whose own claims do not count. Raises UnknownSlot.
    """
    known = catalogue()
    offer, plan = resolve(slot.key, known)
    frame = Frame.around(slot.start, known.reach(plan, offer.site))
    available = Availability(known, plan, [offer], at, frame, (moving,) if moving else (), audience)
    available.load(frame.weeks)
    available.load_unmade()
    wanted = WantedStart(available, offer, slot.start)
    ids = [bay.id for bay, _stretches in wanted.bays()] if wanted.practitioner_is_free and plan.features else []
    cards = {one.id: one for one in place_cards(ids)}
    return [cards[one] for one in ids]


def place_cards(ids: Collection[int]) -> list[PlaceCard]:
    """Return places by their ids, in one query."""
    rows = Place.objects.filter(pk__in=ids).select_related("room")
    return [PlaceCard(id=one.pk, public_id=one.public_id, name=_named(one)) for one in rows]


def place_id(public_id: UUID, *, site: int) -> int | None:
    """Return the id of a place of a site that is in use; None for any other."""
    found = Place.objects.filter(public_id=public_id, room__site=site, active=True)
    return found.values_list("pk", flat=True).first()


def _named(place: Place) -> str:
    return localized(place.name) or place.key

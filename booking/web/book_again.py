"""A therapy that somebody had, and where its times are: what they book again without looking for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.urls import reverse

from booking.models import Appointment
from booking.status import Status
from booking.web.labels import therapy_in_words
from booking.web.times_list import address
from scheduler import public as scheduler
from scheduler.public import VisitType


@dataclass(frozen=True, slots=True, kw_only=True)
class BookAgain:
    """A therapy that somebody had, and where its times are, with whom they know first."""

    name: str
    with_whom: str
    url: str

    @classmethod
    def of(cls, visit: Appointment, *, at: datetime) -> Self | None:
        """Return it where patients book it themselves; None where somebody has to be called."""
        card = next((one for one in scheduler.therapies(at=at) if one.key == visit.therapy.key), None)
        kind = _kind(card, visit) if card and card.self_bookable else None
        if card is None or kind is None:
            return None
        offered = scheduler.offered(card.key, kind)
        known = any(one.practitioner.public_id == visit.practitioner.public_id for one in offered)
        asked = {"visit": kind, "technique": visit.technique}
        if known:
            asked["practitioner"] = str(visit.practitioner.public_id)
        return cls(
            name=therapy_in_words(card.name, visit.technique),
            with_whom=visit.practitioner.name if known else "",
            url=address(reverse("times", args=[card.key]), asked),
        )


def _kind(card: scheduler.TherapyCard, visit: Appointment) -> str | None:
    """Return as which visit of a course it is booked again; None where it is not offered like that any more."""
    # Whoever called a first appointment off was not treated yet.
    same = [VisitType(visit.visit)] if visit.status == Status.CANCELLED else []
    kinds = (*same, VisitType.FOLLOWUP, VisitType.FIRST)
    return next((kind.value for kind in kinds if card.length(kind, visit.technique) is not None), None)

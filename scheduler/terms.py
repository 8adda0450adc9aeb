"""On what terms people book: by themselves or through staff, how soon and how far ahead."""

from dataclasses import dataclass
from datetime import datetime

from core.policies import BookingPolicy
from scheduler.catalogue import catalogue
from scheduler.errors import UnknownSlot
from scheduler.models import Therapy


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Whether a therapy is offered at all, and whether patients book it themselves."""

    therapy_id: int
    active: bool
    self_bookable: bool


def terms(therapy: str) -> Terms:
    """Return the terms of a therapy by its key. Raises UnknownSlot: only slots ask."""
    row = Therapy.objects.filter(key=therapy).values_list("pk", "active", "self_bookable").first()
    if row is None:
        raise UnknownSlot
    return Terms(therapy_id=row[0], active=row[1], self_bookable=row[2])


def booking_policy(site: int, *, at: datetime) -> BookingPolicy:
    """Return the booking policy in force at a site (its id). Raises LookupError when none is loaded."""
    return catalogue().booking_policy(site, at=at)

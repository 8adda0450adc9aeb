"""Seats that are kept for families at a site, as staff see them, in few queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from booking.models import FamilyLink, Hold, Reservation, Seat
from booking.models.holds import HoldState
from booking.models.reservations import WAITING_FOR_SOMEBODY
from booking.seats.seat_rules import REMINDED
from core.database.compiled import Argument, for_each_kind
from core.models import Site
from core.principal import Principal
from scheduler import public as scheduler

MOST = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatsOfSite:
    """Reservations at a site that are not over, the soonest first, and until when seats are held just now (by id).

    `links_seen`: the family links (ids) that whoever asks may see; `uncovered`: what is kept (allocations) and cannot
    be booked any more, as where whoever treats is away since.
    """

    reservations: Sequence[Reservation]
    held_until: dict[int, datetime]
    links_seen: frozenset[int] = frozenset()
    uncovered: frozenset[UUID] = frozenset()


SHOWN = (
    "practitioner",
    "therapy",
    "place",
    "appointment",
    "named_for__patient",
    "named_for__relative",
    "named_for__site",
)


def seats_of_site(
    site: int, *, by: Principal, at: datetime, mine: bool = False, only: Reservation | None = None
) -> SeatsOfSite:
    """Return what is kept at a site, by whoever asks or by all, with the seats; in five queries at most.

    `only`: of one reservation, over or not.
    """
    seats = Seat.objects.visible_to(by).select_related(*SHOWN).order_by("number")
    ahead = Seat.objects.visible_to(by).filter(period__endswith__gt=at).order_by().values("reservation")
    kept = Reservation.objects.filter(site=site)
    kept = kept.filter(pk=only.pk) if only else kept.filter(pk__in=ahead)
    if mine:
        kept = kept.filter(made_by=by.key)
    rows = kept.select_related("site").prefetch_related(Prefetch("seats", seats)).order_by("name_by", "pk")
    found = sorted(rows[:MOST], key=lambda one: min(seat.period.lower for seat in one.seats.all()))
    numbers = [seat.pk for one in found for seat in one.seats.all()]
    holds = Hold.objects.filter(seat__in=numbers, state=HoldState.OPEN, expires_at__gt=at) if numbers else ()
    named = [seat.named_for_id for one in found for seat in one.seats.all() if seat.named_for_id]
    links = FamilyLink.objects.visible_to(by).filter(pk__in=named).values_list("pk", flat=True) if named else ()
    ends = {hold.seat_id: hold.expires_at for hold in holds if hold.seat_id}
    waiting = [seat.allocation for one in found for seat in one.seats.all() if seat.state in WAITING_FOR_SOMEBODY]
    gone = scheduler.uncovered_allocations(waiting, at=at) if waiting else frozenset()
    return SeatsOfSite(reservations=found, held_until=ends, links_seen=frozenset(links), uncovered=gone)


def count_waiting(by: Principal, *, at: datetime) -> int:
    """Count the seats that somebody keeps, wherever, and nobody has yet: as many as that count for their limit."""
    return Seat.objects.waiting(at=at).filter(reservation__made_by=by.key).count()


def due_seats(site: Site, *, by: Principal, at: datetime) -> QuerySet[Seat, Any]:
    """Return the seats at a site that somebody keeps, nobody has yet, and that are free for others within a day."""
    return _due(by, {"site": site.pk, "made_by": by.key, "name_by__gt": at, "name_by__lte": at + REMINDED})


def due_of_kind(kind: Principal) -> QuerySet[Seat, Any]:
    """Return them as a query that is told what `due_seats_now` returns."""
    site, key, at, soon = map(Argument, ("site", "key", "at", "soon"))
    return _due(kind, {"site": site, "made_by": key, "name_by__gt": at, "name_by__lte": soon})


def due_seats_now(site: Site, *, by: Principal, at: datetime) -> dict[str, object]:
    """Return what a query of `due_of_kind` is told."""
    return {"site": site.pk, "key": by.key, "at": at, "soon": at + REMINDED}


def _due(by: Principal, kept: dict[str, Any]) -> QuerySet[Seat, Any]:
    mine = Seat.objects.visible_to(by).filter(**{f"reservation__{name}": one for name, one in kept.items()})
    return mine.filter(state__in=WAITING_FOR_SOMEBODY)


@for_each_kind
def _due_numbers(kind: Principal) -> QuerySet[Seat, Any]:
    return due_of_kind(kind).order_by().values_list("pk")


def count_due(site: Site, *, by: Principal, at: datetime) -> int:
    """Count the seats that `due_seats` lists, in one query."""
    return len(_due_numbers(by.kind).tuples(**due_seats_now(site, by=by, at=at)))

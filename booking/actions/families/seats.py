"""Having a seat that is kept for families: it is held under its own claims, and then booked like any time."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from booking.actions import booking_checks, hold_limits, holds
from booking.actions.booking_checks import BookingCheck
from booking.actions.families import seat_claims
from booking.actions.patients import person_locks
from booking.actions.suitability import suitability_checks
from booking.actions.suitability.suitable_places import claim_for
from booking.errors import refuse
from booking.families.family_programs import may_be_for
from booking.models import Hold, Patient, Seat, SeatAct
from booking.models.holds import HoldState
from booking.models.reservations import WAITING_FOR_SOMEBODY
from booking.seats.seat_errors import SeatGone, SeatHeld
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Missing
from scheduler import public as scheduler


@unit
def take(
    seat_id: UUID,
    *,
    by: Principal,
    at: datetime,
    patient: Patient | None = None,
    serving: tuple[str, str, str] | None = None,
    address: str = "",
    reviews: frozenset[scheduler.ReviewReason] = frozenset(),
    needs: frozenset[str] = frozenset(),
) -> Hold:
    """Hold a seat for somebody who decides about it, as long as any time is held; its claims are the hold's.

    `serving`: another therapy, visit and technique at the same start, for which all that is claimed is changed, or
    nothing. Of two at once one has it, and the other is told until when. The same person's second press is the first.
    Raises Missing, SeatGone, SeatBooked, SeatHeld, SlotTaken, NotOpenYet, and what rules and answers refuse.
    """
    person_locks.wait_for_others_of(by)
    seat = locked(seat_id)
    seat_claims.insist_on_theirs(seat, patient, by=by, at=at)
    mine = _hold_of_others_gone(seat, by=by, at=at)
    if mine is not None:
        if serving is None or mine.slot == _slot(seat, serving).id:
            return mine
        holds.give_back(mine, at=at)
        seat.refresh_from_db()
    check = BookingCheck(slot=_slot(seat, serving), patient=patient, by=by, at=at, only_for=seat.only_for)
    check = suitability_checks.as_answered(check, None, reviews=reviews, needs=needs)
    booking_checks.check_hold(check, moving=None)
    refuse(check.broken_by(seat.only_for), staff=check.audience.is_staff)
    hold = holds.unsaved(check, until=at + hold_limits.count(check, address=address, but=None))
    hold.seat, hold.address, hold.only_for = seat, address, seat.only_for
    _share_claims(hold, seat, check)
    hold.save(force_insert=True)
    return hold


def locked(seat_id: UUID) -> Seat:
    """Lock a seat, after whatever holds it. Raises Missing."""
    number = Seat.objects.filter(public_id=seat_id).values_list("pk", flat=True).first()
    if number is None:
        raise Missing
    list(Hold.objects.filter(seat=number, state=HoldState.OPEN).select_for_update(no_key=True).order_by("pk"))
    return Seat.objects.select_for_update(no_key=True).get(pk=number)


def _hold_of_others_gone(seat: Seat, *, by: Principal, at: datetime) -> Hold | None:
    """Return the hold of the seat that somebody has already; what has run out is given back.

    Raises SeatBooked, SeatHeld, SeatGone.
    """
    seat_claims.refuse_booked(seat, at=at)
    mine = None
    for hold in Hold.objects.filter(seat=seat, state=HoldState.OPEN).select_related("seat__reservation__site"):
        if hold.expires_at <= at:
            holds.give_back(hold, at=at, as_state=HoldState.LAPSED)
            seat.refresh_from_db()
        elif hold.made_by != by.key:
            raise SeatHeld(until=hold.expires_at, zone=seat.reservation.site.tz)
        else:
            mine = hold
    if seat.state not in WAITING_FOR_SOMEBODY or seat.reservation.name_by <= at:
        raise SeatGone
    # Weeks lie between: who treats may be away by now, or the site closed. Its claims stand, and nobody would be there.
    if scheduler.uncovered_allocations([seat.allocation], at=at):
        raise SeatGone
    return mine


def _slot(seat: Seat, serving: tuple[str, str, str] | None) -> scheduler.Slot:
    """Return the start of a seat, for what it was kept for or for something else. Raises NotOffered."""
    if serving in {None, (seat.therapy.key, seat.visit, seat.technique)}:
        return replace(scheduler.slot(seat.slot), end=seat.period.upper)
    if not may_be_for(seat.reservation.program, serving[0], site=seat.reservation.site_id):
        raise scheduler.NotOffered(_("This cannot be had at that time. Choose another therapy."))
    try:
        return scheduler.slot(seat.slot, serving=serving)
    except scheduler.UnknownSlot as error:
        raise scheduler.NotOffered(
            _("Whoever treats at that time does not offer this. Choose another therapy.")
        ) from error


def _share_claims(hold: Hold, seat: Seat, check: BookingCheck) -> None:
    """Let a hold have the seat's claims, changed where something else is wanted of the place or the time."""
    name_by = seat.reservation.name_by
    hold.allocation, hold.place_id = seat.allocation, seat.place_id
    if hold.slot == seat.slot and scheduler.place_has(seat.place_id, check.needs):
        if hold.expires_at > name_by:
            scheduler.postpone(seat.allocation, until=hold.expires_at, at=check.at)
        return
    wanted = scheduler.ClaimRequest(
        slot=check.slot,
        allocation=uuid4(),
        audience=check.audience,
        expires_at=max(name_by, hold.expires_at),
        replacing=seat.allocation,
    )
    claimed, _aside = claim_for(wanted, check)
    hold.allocation, hold.place_id = wanted.allocation, claimed.place_id
    seat.allocation, seat.place_id = wanted.allocation, claimed.place_id
    seat.save(update_fields=["allocation", "place"])
    if hold.slot != seat.slot:
        seat_claims.record(seat, SeatAct.CHANGED, by=check.by, at=check.at)


@unit
def take_again(hold: Hold, *, by: Principal, at: datetime) -> Hold:
    """Hold the seat of a hold that has run out once more, for the same. Raises what `take` does."""
    seat, key = Seat.objects.get(holds=hold), scheduler.SlotKey.decode(hold.slot)
    serving = (key.therapy, key.visit, key.technique)
    return take(seat.public_id, by=by, at=at, patient=hold.patient, serving=serving, address=hold.address)

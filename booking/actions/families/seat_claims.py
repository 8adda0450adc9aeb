"""What becomes of a seat's claims while somebody holds it, and when they do not book it after all."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction
from psycopg.types.range import TimestamptzRange

from booking.families.errors import FamilyLinkEnded
from booking.models import Appointment, Hold, Patient, Reservation, Seat, SeatAct, SeatChange, SeatState
from booking.models.reservations import WAITING_FOR_SOMEBODY
from booking.seats.seat_errors import SeatBooked, SeatGone
from core.principal import Principal
from core.refusals import Missing
from core.rights import Action, sites_for
from scheduler import public as scheduler

STAFF = scheduler.Audience.STAFF_WITH_REASON
"""Who kept it may have it back as it was, whatever has become of the hours since."""


def locked(hold: Hold) -> Seat:
    """Lock and return the seat of a hold, itself locked, with its reservation: after holds, before people."""
    seat = Seat.objects.select_for_update(no_key=True).get(pk=hold.seat_id or 0)
    seat.reservation = Reservation.objects.get(pk=seat.reservation_id)
    return seat


def insist_on_theirs(seat: Seat, patient: Patient | None, *, by: Principal, at: datetime) -> None:
    """Refuse whoever is neither staff who keep seats there nor whom the seat is for: to them it is not there."""
    if not _is_theirs(seat, patient, by=by, at=at):
        raise Missing


def _is_theirs(seat: Seat, patient: Patient | None, *, by: Principal, at: datetime) -> bool:
    if seat.reservation.site_id in sites_for(by, Action.RESERVE_SEATS):
        return True
    link = seat.named_for
    return link is not None and patient is not None and link.relative_id == patient.pk and link.is_in_force(at=at)


def refuse_booked(seat: Seat, *, at: datetime, instead: str = "") -> None:
    """Refuse a locked seat that was booked: somebody has it, or it is kept no more since. Raises SeatBooked, SeatGone.

    `instead`: what to do where somebody has it.
    """
    if seat.state == SeatState.BOOKED:
        raise SeatBooked(instead) if seat.is_had(at=at) else SeatGone


def refuse_ended(hold: Hold, patient: Patient, *, by: Principal, at: datetime) -> None:
    """Refuse to book a seat that is held, if any is, once the link by which it was theirs has ended.

    Raises FamilyLinkEnded.
    """
    if hold.seat is not None and not _is_theirs(hold.seat, patient, by=by, at=at):
        raise FamilyLinkEnded


def until(hold: Hold) -> datetime:
    """Return until when a hold's claims are kept: those of a seat until its name-by date at least."""
    if hold.seat is None:
        return hold.expires_at
    return max(hold.expires_at, hold.seat.reservation.name_by)


def hand_back(hold: Hold, *, at: datetime) -> None:
    """Leave the seat of a hold as it was before, as far as its time is still kept. The hold is locked."""
    seat = locked(hold)
    name_by = seat.reservation.name_by
    # Once its hold had run out it may have been given back, and kept again under claims of its own.
    if seat.state not in WAITING_FOR_SOMEBODY or name_by <= at or seat.allocation != hold.allocation:
        scheduler.release(hold.allocation, at=at)
        return
    if hold.expires_at > name_by:
        scheduler.postpone(hold.allocation, until=name_by, at=at)
    if hold.slot != seat.slot:
        _change_back(seat, hold, at=at)


def _change_back(seat: Seat, hold: Hold, *, at: datetime) -> None:
    """Let a seat be what it was kept for again; where somebody has a part of that since, it stays what it is now."""
    wanted = scheduler.ClaimRequest(
        slot=scheduler.slot(seat.slot),
        allocation=uuid4(),
        audience=STAFF,
        expires_at=seat.reservation.name_by,
        replacing=hold.allocation,
    )
    try:
        with transaction.atomic():
            claimed = scheduler.claim([wanted], at=at)[0]
    except (scheduler.SlotTaken, scheduler.UnknownSlot):
        put_on(seat, scheduler.slot(hold.slot))
        seat.place_id = hold.place_id
        seat.save(update_fields=["slot", "visit", "technique", "therapy", "practitioner", "period", "place"])
        return
    seat.allocation, seat.place_id = wanted.allocation, claimed.place_id
    seat.save(update_fields=["allocation", "place_id"])


def put_on(seat: Seat, slot: scheduler.Slot) -> None:
    """Write into a seat what a start is: of which therapy, with whom, when."""
    seat.slot, seat.visit, seat.technique = slot.id, slot.visit, slot.technique
    seat.therapy_id = scheduler.booking_terms(slot.therapy).therapy_id
    seat.practitioner_id = slot.practitioner.id
    seat.period = TimestamptzRange(slot.start, slot.end, "[)")


def note_booked(hold: Hold | None, visit: Appointment, *, by: Principal, at: datetime) -> None:
    """Note which appointment came of a seat, where a hold was of one."""
    if hold is None or hold.seat_id is None:
        return
    seat = locked(hold)
    seat.state, seat.appointment, seat.allocation = SeatState.BOOKED, visit, visit.allocation
    seat.save(update_fields=["state", "appointment", "allocation"])
    record(seat, SeatAct.BOOKED, by=by, at=at, facts={"appointment": str(visit.public_id)})


def record(seat: Seat, act: SeatAct, *, by: Principal, at: datetime, facts: dict[str, object] | None = None) -> None:
    """Write what was done to a seat."""
    SeatChange.objects.create(seat=seat, act=act, by=by.key, at=at, facts=facts or {})

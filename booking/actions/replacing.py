"""Something else in place of an appointment that stands: booked as one of its own where more is to be asked first."""

from datetime import datetime
from uuid import UUID

from booking.actions import appointments
from booking.actions.as_seen import refuse_changed
from booking.actions.booking_checks import insist_on_staff
from booking.actions.moves import locked, move
from booking.cancel_reasons import CancelReason
from booking.errors import MoveNotAllowed
from booking.models import Appointment
from booking.status import Move, Status
from core.database.transactions import unit
from core.principal import Principal
from scheduler import public as scheduler


@unit
def book_in_place(
    appointment_id: UUID,
    slot: scheduler.Slot,
    *,
    by: Principal,
    at: datetime,
    as_seen: str | None = None,
    by_link: bool = False,
    override_reason: str = "",
) -> Appointment:
    """Cancel an appointment and book a time for something else in its place, whole or not at all; return the new one.

    `by_link`: its patient is asked by link what they have not answered; else it is looked at first where that is due.
    What belongs to others that were booked together is not replaced. Raises AppointmentChanged, MoveNotAllowed,
    StaffOnly, and what booking refuses.
    """
    visit = locked(appointment_id)
    refuse_changed(visit, as_seen)
    insist_on_staff(visit, by)
    if visit.status != Status.BOOKED or visit.linked_id is not None:
        raise MoveNotAllowed(stands=visit.status, move=Move.RESCHEDULE.value)
    gone = move(appointment_id, Move.CANCEL, by=by, at=at, reason=CancelReason.OTHER, heard=True)
    # Nobody takes that back: its time goes to the new one with the claim, and both lie on one lock of their sheets.
    gone.undo_until = None
    gone.save(update_fields=["undo_until"])
    return appointments.book(
        patient=gone.patient,
        by=by,
        at=at,
        slot=slot,
        replaces=gone.public_id,
        replacing=gone.allocation,
        questions_by_link=by_link,
        override_reason=override_reason,
        note=gone.note,
    )

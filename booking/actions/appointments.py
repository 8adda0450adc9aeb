"""The promise: to book, to move, to call off, and everything that happens on the day."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from booking.actions.create_appointment import NewAppointment
from booking.actions.moves import move
from booking.cancel_reasons import CancelReason
from booking.models import Appointment, Patient
from booking.status import Move
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Invalid

__all__ = ["book", "cancel", "move", "request", "reschedule", "undo", "wait"]


@unit
def book(
    *,
    patient: Patient,
    by: Principal,
    at: datetime,
    hold_id: UUID | None = None,
    slot_id: str | None = None,
    override_reason: str = "",
    note: str = "",
    replaces: UUID | None = None,
    replacing: UUID | None = None,
) -> Appointment:
    """Book a held or a free time for a patient. `replaces`: the called-off appointment that this one stands for.

    `replacing`: an allocation of a hold that has run out and gives back what it may still have.
    Raises HoldExpired, HoldUsed, SlotTaken, UnknownSlot, PatientBusy, and what the rules refuse.
    """
    order = NewAppointment(
        patient=patient,
        by=by,
        at=at,
        hold_id=hold_id,
        slot_id=slot_id,
        override_reason=override_reason,
        note=note,
        replaces=replaces,
        replacing=replacing,
    )
    return order.create(Move.BOOK)


@unit
def request(
    *,
    patient: Patient,
    by: Principal,
    at: datetime,
    until: datetime,
    hold_id: UUID | None = None,
    slot_id: str | None = None,
    note: str = "",
    replacing: UUID | None = None,
) -> Appointment:
    """Propose a visit that a check must approve first; its time is kept until `until` at most."""
    if until <= at:
        raise Invalid(_("Say until when the time is kept."), pointer="/until")
    order = NewAppointment(
        patient=patient,
        by=by,
        at=at,
        hold_id=hold_id,
        slot_id=slot_id,
        until=until,
        note=note,
        replacing=replacing,
    )
    return order.create(Move.REQUEST)


@unit
def wait(*, patient: Patient, by: Principal, at: datetime, slot_id: str, note: str = "") -> Appointment:
    """Put a patient on the waiting list for a visit such as the slot's; nothing is claimed."""
    return NewAppointment(patient=patient, by=by, at=at, slot_id=slot_id, note=note).create(Move.WAIT)


def reschedule(
    appointment_id: UUID,
    *,
    by: Principal,
    at: datetime,
    slot_id: str | None = None,
    hold_id: UUID | None = None,
    override_reason: str = "",
    if_version: int | None = None,
) -> Appointment:
    """Move a visit to another slot or to a time held for it: all of it, or nothing changes."""
    return move(
        appointment_id,
        Move.RESCHEDULE,
        by=by,
        at=at,
        if_version=if_version,
        slot_id=slot_id,
        hold_id=hold_id,
        override_reason=override_reason,
    )


def cancel(
    appointment_id: UUID, *, by: Principal, at: datetime, reason: CancelReason | None, if_version: int | None = None
) -> Appointment:
    """Call a visit off, with a reason; for ten minutes it can be undone, unless the reason frees the time at once."""
    return move(appointment_id, Move.CANCEL, by=by, at=at, if_version=if_version, reason=reason)


def undo(appointment_id: UUID, *, by: Principal, at: datetime, if_version: int | None = None) -> Appointment:
    """Undo a cancel within ten minutes, or, for staff, what was marked the same day."""
    return move(appointment_id, Move.UNDO, by=by, at=at, if_version=if_version)

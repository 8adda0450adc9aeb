"""The promise: to book, to move, to call off, and everything that happens on the day."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from booking.actions.moves import move
from booking.actions.orders import Order
from booking.models import Appointment, Patient
from booking.reasons import CancelReason
from booking.status import Move
from core.principal import Principal
from core.refusals import Invalid
from core.transactions import unit

__all__ = [
    "approve", "arrive", "await_document", "book", "cancel", "check_in", "complete", "decline", "enter_in_error",
    "expire", "fulfil", "mark_no_show", "move", "put_on_waiting_list", "request", "reschedule", "take_offer", "undo",
    "wait",
]  # fmt: skip


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
) -> Appointment:
    """Book a held or a free time for a patient. `replaces`: the called-off appointment that this one stands for.

    Raises HoldExpired, HoldUsed, SlotTaken, UnknownSlot, PatientBusy, and what the rules refuse.
    """
    order = Order(
        patient=patient,
        by=by,
        at=at,
        hold_id=hold_id,
        slot_id=slot_id,
        override_reason=override_reason,
        note=note,
        replaces=replaces,
    )
    return order.place(Move.BOOK)


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
) -> Appointment:
    """Propose a visit that a check must approve first; its time is kept until `until` at most."""
    if until <= at:
        raise Invalid(_("Say until when the time is kept."), pointer="/until")
    order = Order(patient=patient, by=by, at=at, hold_id=hold_id, slot_id=slot_id, until=until, note=note)
    return order.place(Move.REQUEST)


@unit
def wait(*, patient: Patient, by: Principal, at: datetime, slot_id: str, note: str = "") -> Appointment:
    """Put a patient on the waiting list for a visit such as the slot's; nothing is claimed."""
    return Order(patient=patient, by=by, at=at, slot_id=slot_id, note=note).place(Move.WAIT)


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


def arrive(appointment_id: UUID, *, by: Principal, at: datetime) -> Appointment:
    """Note that the patient is there; after a no-show the time is taken again, or refused."""
    return move(appointment_id, Move.ARRIVE, by=by, at=at)


def check_in(appointment_id: UUID, *, by: Principal, at: datetime) -> Appointment:
    """Note that the patient is checked in."""
    return move(appointment_id, Move.CHECK_IN, by=by, at=at)


def fulfil(appointment_id: UUID, *, by: Principal, at: datetime) -> Appointment:
    """Note that the visit is done."""
    return move(appointment_id, Move.FULFIL, by=by, at=at)


def mark_no_show(appointment_id: UUID, *, by: Principal, at: datetime) -> Appointment:
    """Note that the patient did not come, twenty minutes after the start at the earliest; the time is given back."""
    return move(appointment_id, Move.NO_SHOW, by=by, at=at)


def enter_in_error(appointment_id: UUID, *, by: Principal, at: datetime) -> Appointment:
    """Note that this was never a visit; its time is given back."""
    return move(appointment_id, Move.ENTER_IN_ERROR, by=by, at=at)


def approve(appointment_id: UUID, *, by: Principal, at: datetime) -> Appointment:
    """Book a proposed visit, as long as its time is kept."""
    return move(appointment_id, Move.APPROVE, by=by, at=at)


def await_document(appointment_id: UUID, *, by: Principal, at: datetime, until: datetime | None) -> Appointment:
    """Let a visit wait for a document, and keep its time until `until` at most."""
    return move(appointment_id, Move.AWAIT, by=by, at=at, until=until)


def complete(appointment_id: UUID, *, by: Principal, at: datetime) -> Appointment:
    """Book a visit whose document has come, as long as its time is kept."""
    return move(appointment_id, Move.COMPLETE, by=by, at=at)


def expire(appointment_id: UUID, *, by: Principal, at: datetime) -> Appointment:
    """Call off a visit that was not approved or completed in time."""
    return move(appointment_id, Move.EXPIRE, by=by, at=at)


def decline(appointment_id: UUID, *, by: Principal, at: datetime) -> Appointment:
    """Call off a visit that a check has declined."""
    return move(appointment_id, Move.DECLINE, by=by, at=at)


def put_on_waiting_list(appointment_id: UUID, *, by: Principal, at: datetime) -> Appointment:
    """Give a booked visit's time back and let the patient wait for another."""
    return move(appointment_id, Move.WAIT, by=by, at=at)


def take_offer(appointment_id: UUID, *, by: Principal, at: datetime, slot_id: str) -> Appointment:
    """Book the time that somebody on the waiting list was offered."""
    return move(appointment_id, Move.OFFER_TAKEN, by=by, at=at, slot_id=slot_id)

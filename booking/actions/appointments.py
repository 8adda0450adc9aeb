"""Booking: an appointment comes to be from a hold or from a free slot, at once or as a request."""

from datetime import datetime
from typing import TypedDict, Unpack
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from booking.actions import booking_checks, holds
from booking.actions.booking_checks import BookingCheck
from booking.actions.ledger import record, where_to
from booking.actions.move_effects import put_on
from booking.actions.moves import expire_lapsed, move
from booking.models import Appointment, Hold, Patient
from booking.rules import CheckAnswer, Decision
from booking.status import MOVES, OCCUPYING, Move
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Invalid
from scheduler import public as scheduler

__all__ = ["book", "move"]


class Wanted(TypedDict, total=False):
    """What some bookings say beside for whom and when.

    `until`: how long the time is kept while a check is awaited. `replaces`: the called-off appointment that this one
    stands for. `replacing`: an allocation of a hold that has run out and gives back what it may still have.
    """

    until: datetime | None
    override_reason: str
    note: str
    replaces: UUID | None
    replacing: UUID | None


@unit
def book(
    *,
    patient: Patient,
    by: Principal,
    at: datetime,
    slot: scheduler.Slot | None = None,
    hold_id: UUID | None = None,
    what: Move = Move.BOOK,
    **wanted: Unpack[Wanted],
) -> Appointment:
    """Book a held or a free time for a patient, or request it (`until` a check).

    Raises HoldExpired, HoldUsed, SlotTaken, UnknownSlot, PatientBusy, and what the rules refuse.
    """
    # The one order of locks: hold, lapsed visits (skipped where somebody has them), person and record, then sheets.
    hold = _held(hold_id, patient, by=by, at=at) if hold_id and slot is None else None
    if hold:
        slot = holds.slot_held(hold, by=by, at=at)
    elif hold_id or slot is None:
        raise Invalid(_("Give a slot or a hold."), pointer="/slot")
    expire_lapsed(patient, at=at)
    patient = holds.lock_patient(patient)
    reason = booking_checks.clean_line(wanted.get("override_reason", ""), pointer="/override_reason")
    check = BookingCheck(slot=slot, patient=patient, by=by, at=at, override_reason=reason).after(hold)
    decision = booking_checks.check_booking(check)
    if what is Move.BOOK and decision.answer is CheckAnswer.REVIEW:
        what, wanted["until"] = Move.REQUEST, decision.until
    visit = _unsaved(check, patient, what, wanted)
    # Claimed before it is written: only the claim knows which place the visit has, and for whom alone its time is open.
    decision = decision.setting_aside(check.broken_by(_claim(visit, check, hold, replacing=wanted.get("replacing"))))
    visit.override_reason = check.override_reason if decision.overridden else ""
    with booking_checks.one_place_at_a_time(visit, by=by, at=at, takes_time=visit.status in OCCUPYING):
        visit.save(force_insert=True)
    record(visit, what, before=None, by=by, at=at, facts={"to": where_to(slot)} | _reasons(decision))
    return visit


def _reasons(decision: Decision) -> dict[str, object]:
    """Return what the ledger says of a decision: which rules were set aside, and why somebody looks at it first."""
    found = {"overrode": decision.overridden, "review": decision.reviews}
    return {name: [reason.value for reason in reasons] for name, reasons in found.items() if reasons}


def _unsaved(check: BookingCheck, patient: Patient, what: Move, wanted: Wanted) -> Appointment:
    slot, until, replaces = check.slot, wanted.get("until"), wanted.get("replaces")
    if what is Move.REQUEST and (until is None or until <= check.at):
        raise Invalid(_("Say until when the time is kept."), pointer="/until")
    if until is not None:
        booking_checks.ends_before(until, slot.start)
    visit = Appointment(
        patient=patient,
        therapy_id=scheduler.booking_terms(slot.therapy).therapy_id,
        visit=slot.visit,
        status=MOVES[None, what],
        kept_until=until,
        replaces=_replaced(replaces, patient) if replaces else None,
        note=booking_checks.clean_line(wanted.get("note", ""), pointer="/note"),
        booked_by_id=check.by.user_id,
        created_at=check.at,
        updated_at=check.at,
    )
    put_on(visit, slot)
    return visit


def _claim(visit: Appointment, check: BookingCheck, hold: Hold | None, *, replacing: UUID | None) -> str:
    """Let the visit take over what is held for it, or claim it; return to whom alone the time is open, if claimed."""
    if hold is not None:
        # The claims stay the same rows under the same allocation: for no moment is the time anybody else's.
        holds.confirm(hold, at=check.at, until=visit.kept_until)
        visit.allocation, visit.place_id = hold.allocation, hold.place_id
        return ""
    visit.allocation = uuid4()
    wanted = scheduler.ClaimRequest(
        slot=check.slot,
        allocation=visit.allocation,
        audience=check.audience,
        expires_at=visit.kept_until,
        replacing=replacing,
    )
    (claimed,) = scheduler.claim([wanted], at=check.at)
    visit.place_id = claimed.place_id
    return claimed.only_for


def _held(hold_id: UUID, patient: Patient, *, by: Principal, at: datetime) -> Hold:
    hold = holds.own_hold(hold_id, by=by, at=at)
    if hold.moving_id is not None or hold.patient_id not in {None, patient.pk}:
        raise Invalid(_("This time is kept for something else."), pointer="/hold")
    hold.patient = patient if hold.patient_id else None  # at hand: not read once more
    return hold


def _replaced(public_id: UUID, patient: Patient) -> Appointment:
    old = Appointment.objects.filter(public_id=public_id, patient=patient).first()
    if old is None:
        raise Invalid(_("There is no such appointment of this patient."), pointer="/replaces")
    if old.status in OCCUPYING:  # they would be expected at both times
        raise Invalid(_("This appointment still stands. Move it to the new time instead."), pointer="/replaces")
    return old

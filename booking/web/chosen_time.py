"""The time that somebody presses: it is kept for them, in place of one that they chose before."""

from datetime import datetime

from django.http import HttpRequest

from booking.actions import guest_flow, holds, requested_slots
from booking.models import Hold, Patient
from booking.web.patient_session import is_noted
from booking.web.session_draft import SessionDraft
from booking.web.slot_ids import opened
from booking.web.suitability.suitability_page import BeforeBooking
from core.accounts.principals import principal_of
from core.http.networks import network_of
from scheduler.public import Slot


def pressed(request: HttpRequest, patient: Patient | None, *, at: datetime) -> Slot:
    """Return the time that a form sent. Raises what a time raises that cannot be had."""
    sealed = request.POST.get("slot", "")
    return requested_slots.read_slot(opened(sealed), by=principal_of(request), at=at, patient=patient)


def keep(request: HttpRequest, slot: Slot, patient: Patient | None, before: BeforeBooking, *, at: datetime) -> Hold:
    """Keep a time, for what follows from what has been answered by now. Raises TooManyHolds, SlotTaken, and others.

    What the other appointments of whoever is known stand against is refused here, not once all is filled in.
    """
    draft, by = SessionDraft.of(request.session), principal_of(request)
    if patient:
        guest_flow.refuse_full(slot, patient, by=by, at=at, known=is_noted(request))
    held = holds.choose(
        slot,
        by=by,
        at=at,
        patient=patient,
        instead_of=draft.hold_id,
        address=network_of(request) if by.anonymous else "",
        reviews=before.reviews,
        needs=before.needs,
    )
    draft.save_hold(held, request.session)
    return held

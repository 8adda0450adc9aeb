"""For whom and for what somebody asks: names in a body, looked up among what they may see."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from booking import queries
from booking.api.subjects import of_slot
from booking.models import Appointment, Hold, Patient
from core.api.gate import require
from core.principal import Principal
from core.refusals import Invalid, Missing
from core.rights import Action
from core.roles import Role
from scheduler import public as scheduler


def patient_named(public_id: UUID | None, *, by: Principal) -> Patient | None:
    """Return the patient named in a body, or one's own record when none is. Raises Invalid."""
    if public_id is None:
        return queries.own_record(by) if by.has(Role.PATIENT, Role.PROXY) else None
    try:
        return queries.patient(public_id, by=by)
    except Missing as error:
        raise Invalid(_("There is no such patient."), pointer="/patient") from error


def hold_named(public_id: UUID | None, *, by: Principal) -> Hold | None:
    """Return the hold named in a body. Raises Invalid."""
    try:
        return queries.hold(public_id, by=by) if public_id else None
    except Missing as error:
        raise Invalid(_("There is no such hold."), pointer="/hold") from error


def visit_named(public_id: UUID | None, *, by: Principal, pointer: str) -> Appointment | None:
    """Return the appointment named in a body. Raises Invalid."""
    try:
        return queries.appointment(public_id, by=by) if public_id else None
    except Missing as error:
        raise Invalid(_("There is no such appointment."), pointer=pointer) from error


def order_of(sent: dict[str, Any], *, by: Principal) -> dict[str, Any]:
    """Return a booking as its action takes it. Raises Invalid for what is missing, Forbidden for what is not theirs."""
    hold = hold_named(sent.get("hold"), by=by)
    patient = (
        patient_named(sent.get("patient"), by=by)
        if "patient" in sent or hold is None or hold.patient is None
        else hold.patient
    )
    if patient is None:
        raise Invalid(_("Say whom the visit is for."), pointer="/patient")
    visit_named(sent.get("replaces"), by=by, pointer="/replaces")
    slot = scheduler.slot(hold.slot if hold else sent["slot"])
    require(by, Action.BOOK, of_slot(slot, patient, by), site=slot.site.key)
    named = {"hold_id": sent.get("hold"), "slot_id": sent.get("slot"), "replaces": sent.get("replaces")}
    return named | {
        "patient": patient,
        "note": sent.get("note", ""),
        "override_reason": sent.get("override_reason", ""),
    }

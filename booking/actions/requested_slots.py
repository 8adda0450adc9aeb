"""The time that somebody asks for by an id that they were given: read once, where it comes in."""

from datetime import datetime
from typing import TypedDict, Unpack

from booking.models import Appointment, Patient
from booking.queries import audience_for, was_reviewed
from core.models import Site
from core.principal import Principal
from scheduler import public as scheduler


class SlotContext(TypedDict, total=False):
    """For whom a slot id is read: their record, a visit that moves there, why a soft rule should be set aside.

    `serving`: the therapy, visit and technique for which it is read, whatever the id itself names.
    """

    patient: Patient | None
    moving: Appointment | None
    override_reason: str
    serving: tuple[str, str, str] | None


def read_slot(slot_id: str, *, by: Principal, at: datetime, **context: Unpack[SlotContext]) -> scheduler.Slot:
    """Return the start that an id names. Raises UnknownSlot.

    Raises SlotTaken, with others to choose, for what was offered when the id was given out and is not any more: to
    whoever chose it, a practitioner who has left is a time that is gone, not one that never was.
    """
    serving = context.get("serving")
    try:
        return scheduler.slot(slot_id, serving=serving)
    except scheduler.UnknownSlot as error:
        key = scheduler.SlotKey.decode(slot_id)
        key = key.serving(*serving) if serving else key
        if not scheduler.was_offered(key):
            raise
        instead = nearest_to(key, by=by, at=at, **context)
        raise scheduler.SlotTaken(alternatives=instead) from error


def nearest_to(
    key: scheduler.SlotKey, *, by: Principal, at: datetime, **context: Unpack[SlotContext]
) -> list[scheduler.Slot]:
    """Return up to three free slots nearest to one that cannot be had, of those that whoever asks may book."""
    site, moving = Site.objects.filter(key=key.site).first(), context.get("moving")
    patient, reason = context.get("patient"), context.get("override_reason", "")
    audience = scheduler.Audience.PATIENT
    if site is not None:
        audience = audience_for(by, site_id=site.pk, patient=patient, reason=reason)
    own_claims = moving.allocation if moving else None
    try:
        return scheduler.alternatives(key, audience=audience, at=at, moving=own_claims, reviewed=was_reviewed(moving))
    except scheduler.NotOffered:
        return []


def slot_for(appointment: Appointment, slot_id: str, *, by: Principal, at: datetime) -> scheduler.Slot:
    """Return the start that an id names, for an appointment: whatever therapy the id itself names, or none.

    Who moves a visit like this learns from no answer what it is for. Raises UnknownSlot, SlotTaken.
    """
    serving = (appointment.therapy.key, appointment.visit, appointment.technique)
    context = SlotContext(patient=appointment.patient, moving=appointment, serving=serving)
    return read_slot(slot_id, by=by, at=at, **context)

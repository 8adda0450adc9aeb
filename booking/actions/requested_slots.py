"""The time that somebody asks for by an id that they were given: read once, where it comes in."""

from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from booking.audiences import audience_for
from booking.models import Appointment, Patient
from booking.queries import reviews_of_visit, was_reviewed
from booking.screening.rights import first_day_of
from booking.subjects import of_slot
from booking.suitability.visits import place_needs_of_visit
from core.models import Site
from core.principal import Principal
from core.refusals import Forbidden
from core.rights import Action, may
from scheduler import public as scheduler
from scheduler.public import lengths


def read_slot(
    slot_id: str,
    *,
    by: Principal,
    at: datetime,
    patient: Patient | None = None,
    moving: Appointment | None = None,
    override_reason: str = "",
    serving: tuple[str, str, str] | None = None,
) -> scheduler.Slot:
    """Return the start that an id names; `serving`: for that therapy, visit and technique, whatever the id names.

    Raises UnknownSlot, and SlotTaken, with others to choose, for what was offered when the id was given out and is not
    any more: to whoever chose it, a practitioner who has left is a time that is gone, not one that never was. Staff,
    who can ask for any time of anybody, hear NotGiven of somebody who gives other things.
    """
    try:
        found = scheduler.slot(slot_id, serving=serving)
        return found.lasting(lengths_in(found, moving))
    except scheduler.UnknownSlot as error:
        key = scheduler.SlotKey.decode(slot_id)
        key = key.serving(*serving) if serving else key
        gone = scheduler.gone_slot(key, staff=_is_staff(by, key, at=at))
        if gone is None:
            raise
        near = nearest_to(key, by=by, at=at, patient=patient, moving=moving, override_reason=override_reason)
        gone.facts["alternatives"] = near
        raise gone from error


def _is_staff(by: Principal, key: scheduler.SlotKey, *, at: datetime) -> bool:
    site = Site.objects.filter(key=key.site).first()
    return site is not None and audience_for(by, site_id=site.pk, at=at).is_staff


def lengths_in(there: scheduler.Slot | scheduler.SlotKey, moving: Appointment | None) -> lengths.Segments | None:
    """Return the lengths of its own that an appointment takes along to a time; none where it is for something else."""
    return lengths_of(moving, there.therapy, there.visit, there.technique)


def lengths_of(moving: Appointment | None, therapy: str, visit: str, technique: str) -> lengths.Segments | None:
    """Return the same for what is wanted, as keys; None where nothing moves."""
    return moving.lengths_for(therapy, visit, technique) if moving else None


def nearest_to(
    key: scheduler.SlotKey,
    *,
    by: Principal,
    at: datetime,
    patient: Patient | None = None,
    moving: Appointment | None = None,
    override_reason: str = "",
    reviews: frozenset[scheduler.ReviewReason] = frozenset(),
    needs: frozenset[str] = frozenset(),
) -> list[scheduler.Slot]:
    """Return up to three free slots nearest to one that cannot be had, of those that whoever asks may book.

    `moving`: a visit that goes there, and to no day on which its patient is not to come yet; `override_reason`: why a
    soft rule should be set aside; `reviews`: why somebody looks at it first, because of answers; `needs`: what the
    place must have for the patient.
    """
    reviews, needs = reviews | reviews_of_visit(moving), needs | place_needs_of_visit(moving, at=at)
    first_day = first_day_of(moving, by=by, at=at) if moving else None
    site, audience = Site.objects.filter(key=key.site).first(), scheduler.Audience.PATIENT
    if site is not None:
        asked: dict[str, Any] = {"reason": override_reason, "reviews": reviews, "needs": needs, "moving": moving}
        audience = audience_for(by, site_id=site.pk, at=at, patient=patient, **asked)
    own_claims = moving.allocation if moving else None
    key = replace(key, segments=lengths_in(key, moving))
    if first_day == date.max:
        return []  # nobody knows yet from when on they may come
    since = datetime.combine(first_day, time(), moving.site.tz) if moving and first_day else None
    try:
        near = scheduler.alternatives(
            key, audience=audience, at=at, moving=own_claims, reviewed=was_reviewed(moving), since=since
        )
    except scheduler.NotOffered:
        return []
    # A day begins later at a site to the west.
    return [slot for slot in near if first_day is None or day_of(slot) >= first_day]


def day_of(slot: scheduler.Slot) -> date:
    """Return the day on which a start is, by its site's clock."""
    return slot.start.astimezone(slot.site.tz).date()


def insist_on_reach(slot: scheduler.Slot, patient: Patient | None, *, by: Principal) -> None:
    """Refuse to move somebody into a calendar, or to a site, where whoever moves them may not. Raises Forbidden."""
    if not may_move_to(slot, patient, by=by):
        raise Forbidden


def may_move_to(slot: scheduler.Slot, patient: Patient | None, *, by: Principal) -> bool:
    """Whether somebody may move a patient to a time: who works in their own calendar, within that alone."""
    return may(by, Action.MOVE, of_slot(slot, patient, by))


def slot_for(appointment: Appointment, slot_id: str, *, by: Principal, at: datetime) -> scheduler.Slot:
    """Return the start that an id names, for an appointment: whatever therapy the id itself names, or none.

    Who moves a visit like this learns from no answer what it is for. Raises UnknownSlot, SlotTaken.
    """
    serving = (appointment.therapy.key, appointment.visit, appointment.technique)
    return read_slot(slot_id, by=by, at=at, patient=appointment.patient, moving=appointment, serving=serving)

"""For whom and for what somebody asks: names in a body, looked up among what they may see."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from booking import queries
from booking.actions import requested_slots
from booking.errors import TherapyNotOffered
from booking.models import Appointment, Hold, Patient
from booking.subjects import of_appointment, of_slot
from core.api.permissions import require
from core.principal import Principal
from core.refusals import Invalid, Missing, Refusal
from core.rights import Action, acting, may
from core.roles import Role
from scheduler import public as scheduler

THERAPY_FACTS = frozenset({"slot", "alternatives"})
"""Facts of refusals that name a therapy."""


def find_patient(public_id: UUID | None, *, by: Principal) -> Patient | None:
    """Return the patient named in a body, or one's own record when none is. Raises Invalid."""
    if public_id is None:
        return queries.own_record(by) if by.has(Role.PATIENT, Role.PROXY) else None
    try:
        return queries.patient(public_id, by=by)
    except Missing as error:
        raise Invalid(_("There is no such patient."), pointer="/patient") from error


def find_hold(public_id: UUID | None, *, by: Principal) -> Hold | None:
    """Return the hold named in a body. Raises Invalid."""
    try:
        return queries.hold(public_id, by=by) if public_id else None
    except Missing as error:
        raise Invalid(_("There is no such hold."), pointer="/hold") from error


def find_whom(public_id: UUID | None, hold: Hold | None, *, by: Principal) -> Patient:
    """Return for whom somebody books: as they say, or whom their hold is for, or themselves. Raises Invalid."""
    held_for = hold.patient if hold else None
    # Whom a hold of theirs is for they have been allowed to name already.
    if held_for is not None and public_id in {None, held_for.public_id}:
        return held_for
    patient = find_patient(public_id, by=by)
    if patient is None:
        raise Invalid(_("Say whom the appointment is for."), pointer="/patient")
    return patient


def find_appointment(public_id: UUID | None, *, by: Principal, pointer: str) -> Appointment | None:
    """Return the appointment named in a body. Raises Invalid."""
    try:
        return queries.appointment(public_id, by=by) if public_id else None
    except Missing as error:
        raise Invalid(_("There is no such appointment."), pointer=pointer) from error


def named_appointment(public_id: UUID, *rights: Action, by: Principal) -> Appointment:
    """Return the appointment named in a body, to whoever may do all this to it. Raises Invalid, Forbidden."""
    visit = find_appointment(public_id, by=acting(by, rights[0]), pointer="/appointment")
    if visit is None:
        raise Invalid(_("Say which appointment it is about."), pointer="/appointment")
    for right in rights:
        require(by, right, of_appointment(visit, by), site=visit.site.key)
    return visit


def sees_therapy(visit: Appointment, by: Principal) -> bool:
    """Whether somebody may know what an appointment is for; needs its patient and practitioner."""
    return may(by, Action.SEE_THERAPY, of_appointment(visit, by))


def find_slot(
    text: str, right: Action, *, moving: Appointment | None, patient: Patient | None, by: Principal, at: datetime
) -> scheduler.Slot:
    """Return the time named in a body, to which an appointment may move. Raises UnknownSlot, SlotTaken, Forbidden.

    From whoever may not know what that appointment is for, any start is for it.
    """
    if moving is not None and not sees_therapy(moving, by):
        slot = requested_slots.slot_for(moving, text, by=by, at=at)
    else:
        slot = requested_slots.read_slot(text, by=by, at=at, patient=patient, moving=moving)
    require(by, right, of_slot(slot, patient, by), site=slot.site.key)
    return slot


def find_place(public_id: UUID, slot: scheduler.Slot) -> int:
    """Return the id of the place named in a body, of the site of a slot. Raises Invalid."""
    found = scheduler.place_id(public_id, site=slot.site.id)
    if found is None:
        raise Invalid(_("There is no such place at this site."), pointer="/place")
    return found


@contextmanager
def therapy_hidden(visit: Appointment | None, *, by: Principal) -> Iterator[None]:
    """Let no refusal tell what an appointment is for to whoever may not know it.

    A time at which it cannot be had is taken, whyever; slots, which name their therapy, are left out.
    """
    try:
        yield
    except Refusal as refusal:
        if visit is None or sees_therapy(visit, by):
            raise
        # One answer for all three: a practitioner who never gives the therapy, and one who is busy, must look alike.
        if isinstance(refusal, scheduler.UnknownSlot | scheduler.SlotTaken | TherapyNotOffered):
            raise scheduler.SlotTaken from refusal
        if not THERAPY_FACTS.intersection(refusal.facts):
            raise
        facts = {name: fact for name, fact in refusal.facts.items() if name not in THERAPY_FACTS}
        raise type(refusal)(refusal.detail, **facts) from refusal

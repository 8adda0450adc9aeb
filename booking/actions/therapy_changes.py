"""An appointment that is for something else from now on, or with somebody else: who may say so, what is noted."""

from booking.actions import booking_checks
from booking.actions.move_acts import Act
from booking.errors import insist
from booking.models import Appointment, Change
from booking.rules import Broken
from scheduler import public as scheduler

SEGMENTS = "segments"
"""The fact of an act that says from which segments of its own to which an appointment went; null: its therapy's."""


def check_what_for(act: Act, slot: scheduler.Slot) -> None:
    """Refuse a time that is for something else, unless staff mean that; note what it was for.

    It is judged by the answers of its patient as a booking of that would be, where the new time is checked.
    Raises Invalid, StaffOnly.
    """
    visit, was = act.appointment, (act.appointment.therapy.key, act.appointment.visit)
    if (slot.therapy, slot.visit) == was:
        return
    if not act.details.get("other_therapy"):
        booking_checks.check_same_visit_type(slot, visit)
    if not act.staff:
        insist(Broken.STAFF_ONLY)
    act.facts["therapy"] = {"from": visit.therapy.key, "to": slot.therapy}


def put_therapy(visit: Appointment, slot: scheduler.Slot) -> None:
    """Write into an appointment what a slot is for."""
    visit.therapy_id = scheduler.booking_terms(slot.therapy).therapy_id
    visit.visit, visit.technique = slot.visit, slot.technique


def drop_lengths(act: Act, slot: scheduler.Slot) -> None:
    """Let an appointment last as long as its therapy, where a slot is for something else; note its own."""
    visit = act.appointment
    if visit.segments is not None and slot.key.segments is None:
        act.facts[SEGMENTS] = {"from": visit.segments, "to": None}
        visit.segments = None


def bring_lengths_back(act: Act, undone: Change) -> None:
    """Give an appointment the lengths again that a move took from it."""
    if SEGMENTS in undone.facts:
        act.facts[SEGMENTS] = {"from": act.appointment.segments, "to": undone.facts[SEGMENTS]["from"]}
        act.appointment.segments = undone.facts[SEGMENTS]["from"]


def note_who_treats(act: Act, slot: scheduler.Slot) -> None:
    """Note, before an appointment is put on a slot, whether staff put another practitioner in.

    Whoever moves it themselves has chosen with whom; taking a move back asks nobody.
    """
    visit = act.appointment
    if act.undone is not None or not act.staff:
        visit.practitioner_changed_at = None
    elif slot.practitioner.id != visit.practitioner_id:
        visit.practitioner_changed_at = act.at

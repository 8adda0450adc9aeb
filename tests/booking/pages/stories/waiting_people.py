"""People who wait for Tuesday morning in the stories of the waiting list, and a morning that is full."""

from booking.actions import appointments
from booking.actions.waiting import list_entries
from booking.cancel_reasons import CancelReason
from booking.models import ContactPoint
from booking.status import Move
from core import clock as clocks
from scheduler import public as scheduler
from tests.factories.booking import SYSTEM, chicago, make_patient
from tests.factories.scheduler import AT


def fill_tuesday_morning(site):
    """Let every time of Tuesday morning be somebody else's; return the appointments."""
    morning = scheduler.SearchQuery(
        therapy="acu_manual", visit="first", starts_at=chicago(6, 8), ends_at=chicago(6, 12), limit=1
    )
    taken = []
    while found := scheduler.search(morning, at=AT):
        patient = make_patient(site, f"Person {'abcdefghijklmnop'[len(taken)]}")
        taken.append(appointments.book(patient=patient, by=SYSTEM, at=AT, slot=found[0]))
    return taken


def free(visit):
    """Let somebody give their time back."""
    appointments.move(visit.public_id, Move.CANCEL, by=SYSTEM, at=clocks.now(), reason=CancelReason.PATIENT)


def waits(site, name="", *, patient=None, **facts):
    """Let somebody wait for Tuesday morning."""
    preferences = list_entries.Preferences(
        therapy=facts.pop("therapy", "acu_manual"), visit="first", site=site, weekdays=(2,), part_of_day="morning",
        earliest_on=chicago(6, 10).date(), latest_on=chicago(6, 10).date(),
    )  # fmt: skip
    return list_entries.join(preferences, patient or make_patient(site, name), by=SYSTEM, at=clocks.now(), **facts)


def with_phone_alone(patient, number="+13125550142"):
    """Let somebody be reached by phone, and have no e-mail."""
    patient.contacts.all().delete()
    ContactPoint.objects.create(patient=patient, system="phone", value=number)
    return patient

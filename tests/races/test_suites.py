"""One practitioner, two suites, two bookings at once: the second look under the lock, and its twin."""

import pytest

from booking.actions import appointments
from booking.models import Appointment
from scheduler.actions import claims
from scheduler.sheets import free_time
from tests.factories.booking import MINUTE, SYSTEM, chicago, make_patient, read_slot, slot_id
from tests.factories.scheduler import AT, lay_out, make_claim, make_places, make_practitioner, make_site
from tests.races.together import Gate, at_once, tally
from tests.tables import sheet_drift

pytestmark = pytest.mark.django_db(transaction=True)
TEN = chicago(8, 10)


@pytest.fixture
def apart(catalogue, monkeypatch):
    """Two bookings of one practitioner that overlap while patients rest, for which only different suites are free.

    Both have chosen, a lane each, before either takes.
    """
    site = make_site("northside")
    north, _south = (make_places(site, 1, suite=suite)[0] for suite in ("north", "south"))
    li = make_practitioner(site, name="Dr Sol")
    lay_out()
    make_claim(north.resource, TEN + 70 * MINUTE, 60)
    make_claim(li.resources.get(lane=1), TEN + 55 * MINUTE, 20)
    gate, take = Gate(2), free_time.take

    def both_have_chosen(stretches):
        gate.wait()
        return take(stretches)

    monkeypatch.setattr(free_time, "take", both_have_chosen)
    starts = (TEN, TEN + 25 * MINUTE)
    slots = (slot_id(li, start, site="northside", visit="followup") for start in starts)
    people = [make_patient(site, name) for name in ("Alice Adams", "Ben Adams")]
    return [booking(patient, slot) for patient, slot in zip(people, slots, strict=True)]


def booking(patient, slot):
    return lambda: appointments.book(slot=read_slot(slot), patient=patient, by=SYSTEM, at=AT)


def test_no_practitioner_has_patients_in_two_suites_at_once(apart):
    assert tally(at_once(apart)) == {"Appointment": 1, "SlotTaken": 1}
    assert sheet_drift() == []


def test_twin_when_nobody_looks_again_the_patients_lie_in_two_suites(apart, monkeypatch):
    monkeypatch.setattr(claims, "_still_near", lambda *_: True)
    assert tally(at_once(apart)) == {"Appointment": 2}
    assert len({visit.place.room.suite for visit in Appointment.objects.select_related("place__room")}) == 2

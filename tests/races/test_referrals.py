"""A referral for one appointment books one, also where two are booked at once."""

from datetime import date

import pytest

from booking.actions import appointments
from booking.actions.patients import referral_terms, referrals
from scheduler.models import Program
from scheduler.public import CANCER_PROGRAM
from tests.factories.booking import SYSTEM, chicago, read_slot, slot_id
from tests.factories.scheduler import AT
from tests.races.together import Gate, at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two(alice, dr_li):
    """Return two bookings of Alice, who has a referral for one."""
    Program.objects.filter(key=CANCER_PROGRAM).update(referral_required=True)
    paper = {"program": CANCER_PROGRAM, "referred_by": "Dr. Moore", "expires_on": date(2026, 12, 1)}
    referrals.enter(alice.record, **paper, visits_allowed=1, site=alice.record.site, by=SYSTEM, at=AT)
    slots = [read_slot(slot_id(dr_li, chicago(day, 10))) for day in (13, 14)]
    asked = {"patient": alice.record, "by": alice.principal, "at": AT}
    return [lambda s=slot: appointments.book(**asked, slot=s) for slot in slots]


def states(acts):
    return sorted(visit.status for visit in at_once(acts))


def test_of_two_booked_at_once_by_a_referral_for_one_the_other_waits(two):
    assert states(two) == ["booked", "pending"]


def test_twin_when_nobody_waits_for_the_person_both_are_booked_by_it(two, monkeypatch):
    gate, usable = Gate(2), referral_terms.usable

    def look_together(*args, **facts):
        found = usable(*args, **facts)
        gate.wait()
        return found

    monkeypatch.setattr("booking.actions.patients.person_locks.lock_patient", lambda patient, *_others: patient)
    monkeypatch.setattr(referral_terms, "usable", look_together)
    assert states(two) == ["booked", "booked"]

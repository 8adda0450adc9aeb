"""Alice answers differently in the moment in which she is booked by what she said before."""

from dataclasses import replace

import pytest

from booking.actions import appointments
from booking.actions.patients import person_locks
from booking.actions.suitability import suitability
from booking.models import Appointment, Patient
from booking.status import Status
from booking.suitability.answers import answered_no
from booking.suitability.shipped import shipped_rules
from core.principal import Principal
from core.refusals import Refusal
from tests.factories.booking import MINUTE, chicago, read_slot, slot_id
from tests.factories.policies import adopt_suitability
from tests.factories.scheduler import AT
from tests.races.together import beside

pytestmark = pytest.mark.django_db(transaction=True)

NO = answered_no(shipped_rules())
THINNER = "anticoagulant"
DANA = Principal.system("dana")


def booked_while_she_answers_anew(alice, dr_li):
    """Let Dana book by what Alice has answered while she says that she takes a blood thinner by now."""
    site = alice.record.site_id
    suitability.answer(alice.record, NO, site_id=site, by=alice.principal, at=AT)
    anew = replace(NO, answers=NO.answers | {THINNER: "yes"})
    slot = read_slot(slot_id(dr_li, chicago(12, 10)))

    def book():
        try:
            return appointments.book(patient=alice.record, by=DANA, at=AT + 2 * MINUTE, slot=slot)
        except Refusal as refusal:
            return refusal

    def say():
        return suitability.answer(alice.record, anew, site_id=site, by=alice.principal, at=AT + MINUTE)

    return beside(book, while_open=say)[1]


def test_who_answers_differently_meanwhile_is_booked_by_what_they_say_now(alice, dr_li, lakeside):
    adopt_suitability(site=lakeside)
    assert booked_while_she_answers_anew(alice, dr_li).status == Status.PROPOSED


def test_twin_when_nobody_waits_for_the_patient_they_are_booked_by_what_they_say_no_more(
    alice, dr_li, lakeside, monkeypatch
):
    adopt_suitability(site=lakeside)
    monkeypatch.setattr(person_locks, "lock_patient", lambda patient: Patient.objects.get(pk=patient.pk))
    assert booked_while_she_answers_anew(alice, dr_li).status == Status.BOOKED
    assert Appointment.objects.get().suitability == "pass"

"""Alice answers what Carol has asked her by link in the moment in which Carol approves what she saw before."""

from dataclasses import replace

import pytest

from booking.actions import appointments
from booking.actions.suitability import answers_by_link, suitability_checks, suitability_reviews
from booking.models import Appointment
from booking.status import Status
from booking.suitability.answers import SuitabilityAnswers, answered_no
from booking.suitability.errors import AnsweredAnew
from booking.suitability.shipped import shipped_rules
from booking.suitability.visits import judge_visits
from core.refusals import Refusal
from core.roles import Role
from tests.factories.booking import MINUTE, chicago, make_staff, read_slot, slot_id
from tests.factories.policies import adopt_suitability
from tests.factories.scheduler import AT
from tests.races.together import beside

pytestmark = pytest.mark.django_db(transaction=True)

NO = answered_no(shipped_rules())
THINNER = "anticoagulant"


def approved_while_she_answers(alice, dr_li, site):
    """Let Carol approve what she is shown while Alice says that she does take a blood thinner; return what came of it.

    What Carol approves was shown before Alice had answered.
    """
    adopt_suitability(site=site)
    carol = make_staff("carol", Role.CLINICIAN, site=site).principal
    unsure = replace(NO, answers=NO.answers | {THINNER: "not_sure"})
    slot = read_slot(slot_id(dr_li, chicago(12, 10)))
    visit = appointments.book(patient=alice.record, by=alice.principal, at=AT, slot=slot, answers=unsure)
    asked = suitability_reviews.ask(visit.public_id, [THINNER], seen=visit.version, by=carol, at=AT)
    mark = judge_visits([asked], at=AT)[asked.pk].mark

    def approve():
        seen = {"seen": asked.version, "mark": mark}
        try:
            return suitability_reviews.approve(visit.public_id, **seen, by=carol, at=AT + 2 * MINUTE)
        except Refusal as refusal:
            return refusal

    def answer():
        yes = SuitabilityAnswers(answers={THINNER: "yes"})
        return answers_by_link.answer(visit.public_id, yes, by=alice.principal, at=AT + MINUTE)

    return beside(approve, while_open=answer)[1]


def test_what_alice_answers_meanwhile_is_looked_at_before_it_is_booked(alice, dr_li, lakeside):
    assert isinstance(approved_while_she_answers(alice, dr_li, lakeside), AnsweredAnew)
    assert Appointment.objects.get().status == Status.PENDING


def test_twin_when_nobody_asks_what_was_seen_it_is_booked_by_what_nobody_looked_at(alice, dr_li, lakeside, monkeypatch):
    monkeypatch.setattr(suitability_checks, "check_as_seen", lambda *_args, **_facts: None)
    approved_while_she_answers(alice, dr_li, lakeside)
    assert Appointment.objects.get().status == Status.BOOKED

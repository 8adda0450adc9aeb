"""What somebody answers in the name of Gil, whose address they have not shown to be theirs, changes nothing of his."""

from datetime import date

import pytest

from booking.actions import guest_flow, holds
from booking.actions.guest_flow import Guest
from booking.actions.moves import expire_lapsed
from booking.actions.patients import address_verification
from booking.actions.patients.address_verification import code_of
from booking.actions.suitability import suitability_checks
from booking.limit_kinds import VerificationReason
from booking.models import Appointment, CallReason, CallTask, SuitabilityResponse
from booking.status import Status
from booking.suitability.content import Disposition
from booking.suitability.records import SuitabilityRecords, records_of_people
from booking.suitability.visits import judge_visits
from tests.booking.test_booking_by_answers import NO, TEN, THINNER, said
from tests.factories.booking import DAY, HOUR, MINUTE, read_slot, slot_id, visitor
from tests.factories.policies import adopt_suitability
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db

GIL = Guest(name="Gil Guest", email="gil@example.test", birth_date=date(1980, 1, 1))


@pytest.fixture(autouse=True)
def rules(lakeside):
    """Let Lakeside ask what the shipped rules ask."""
    return adopt_suitability(site=lakeside)


def book(dr_li, start, answers, *, by="gil", at=AT):
    hold = holds.take(read_slot(slot_id(dr_li, start)), by=visitor(by), at=at)
    return guest_flow.book(hold.public_id, by=visitor(by), at=at, patient=None, guest=GIL, answers=answers)


def judged(visit, *, at=AT + HOUR):
    row = Appointment.objects.select_related("site", "therapy", "patient").get(pk=visit.pk)
    return judge_visits([row], at=at)[visit.pk].found.disposition


def ask_for_code(monkeypatch, why=VerificationReason.AHEAD):
    monkeypatch.setattr(address_verification, "reason_to_verify", lambda *_, **__: why)


@pytest.fixture
def both(dr_li, monkeypatch):
    """Gil's request, who takes a blood thinner, and one that Mallory makes in his name and says no to all."""
    first = book(dr_li, TEN, said(**{THINNER: "yes"}))
    ask_for_code(monkeypatch)
    second = book(dr_li, TEN + 2 * DAY, NO, by="mallory", at=AT + MINUTE)
    assert second.patient_id == first.patient_id
    return first, second


def test_mallory_who_types_gil_s_name_answers_for_her_own_request_alone(both):
    first, second = both
    assert judged(first) is Disposition.CLINICIAN_REVIEW
    assert (judged(second), second.suitability) == (Disposition.PASS, "pass")


def test_what_she_answered_goes_with_her_request_once_it_lapses(both):
    first, second = both
    expire_lapsed(first.patient, at=AT + 2 * DAY)
    second.refresh_from_db()
    assert second.status == Status.CANCELLED
    assert not SuitabilityResponse.objects.exclude(only_for=None).exists()
    assert judged(first, at=AT + 2 * DAY) is Disposition.CLINICIAN_REVIEW


def test_once_the_address_is_verified_it_counts_for_him_and_what_stands_is_looked_at(dr_li, monkeypatch):
    first = book(dr_li, TEN, NO)
    ask_for_code(monkeypatch)
    second = book(dr_li, TEN + 2 * DAY, said(**{THINNER: "yes"}), at=AT + MINUTE)
    assert (first.status, judged(first)) == (Status.BOOKED, Disposition.PASS)
    assert not CallTask.objects.filter(reason=CallReason.ANSWERS_CHANGED).exists()
    address_verification.type_code(
        second.public_id, code_of(second.public_id, 1), by=visitor("gil"), at=AT + 2 * MINUTE
    )
    assert judged(first) is Disposition.CLINICIAN_REVIEW
    assert CallTask.objects.get(reason=CallReason.ANSWERS_CHANGED).appointment_id == first.pk


def test_once_the_address_is_verified_too_what_a_clinician_is_to_look_at_is_not_answered_away(both):
    first, second = both
    code = code_of(second.public_id, 1)
    address_verification.type_code(second.public_id, code, by=visitor("mallory"), at=AT + 2 * MINUTE)
    assert {judged(first), judged(second)} == {Disposition.CLINICIAN_REVIEW}
    assert CallTask.objects.get(reason=CallReason.ANSWERS_CHANGED).appointment_id == second.pk
    assert records_of_people([first.patient_id])[first.patient_id].answers[0].answers == {
        key: "no" for key in NO.answers if key != THINNER
    }


def test_twin_if_all_of_it_counted_then_nobody_would_look_at_it_any_more(both, monkeypatch):
    first, second = both
    monkeypatch.setattr(suitability_checks, "without_swallowed", lambda _who, answers, *_args, **_facts: answers)
    code = code_of(second.public_id, 1)
    address_verification.type_code(second.public_id, code, by=visitor("mallory"), at=AT + 2 * MINUTE)
    assert judged(first) is Disposition.PASS


def test_without_a_code_too_a_stranger_takes_the_place_of_nothing_that_he_answered(dr_li, monkeypatch):
    ask_for_code(monkeypatch, None)
    first = book(dr_li, TEN, said(**{THINNER: "yes"}))
    second = book(dr_li, TEN + 2 * DAY, NO, by="mallory", at=AT + MINUTE)
    assert (judged(first), judged(second)) == (Disposition.CLINICIAN_REVIEW, Disposition.PASS)


def test_twin_if_they_counted_at_once_his_request_would_pass(dr_li, monkeypatch):
    monkeypatch.setattr(suitability_checks, "is_overlaid", lambda _patient: False)
    monkeypatch.setattr(suitability_checks, "without_swallowed", lambda _who, answers, *_args, **_facts: answers)
    ask_for_code(monkeypatch, None)
    first = book(dr_li, TEN, said(**{THINNER: "yes"}))
    book(dr_li, TEN + 2 * DAY, NO, by="mallory", at=AT + MINUTE)
    assert judged(first) is Disposition.PASS


def test_what_counts_for_one_visit_counts_for_no_other():
    records = SuitabilityRecords(answers=(NO,), apart={1: (said(**{THINNER: "yes"}),)})
    assert records.of_visit(1).answers[0].answers[THINNER] == "yes"
    assert records.of_visit(2).answers == records.of_visit(None).answers == (NO,)

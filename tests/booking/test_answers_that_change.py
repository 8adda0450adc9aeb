"""What Alice says later than she booked cancels nothing, and is not lost: somebody talks with her."""

from dataclasses import replace
from datetime import date

import pytest

from booking.actions import appointments
from booking.actions.patients import patients
from booking.actions.suitability import suitability, suitability_checks
from booking.models import Appointment, CallReason, CallTask
from booking.status import Move, Status
from booking.suitability.answers import answered_no
from booking.suitability.records import answers_known
from booking.suitability.shipped import shipped_rules
from tests.factories.booking import DAY, HOUR, SYSTEM, chicago, make_visit, read_slot, slot_id
from tests.factories.policies import adopt_suitability, end_suitability
from tests.factories.scheduler import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("dr_li")]

NO = answered_no(shipped_rules())
THINNER, CLOT = "anticoagulant", "clot_in_leg_or_arm"


@pytest.fixture(autouse=True)
def rules(lakeside):
    """Let Lakeside ask what the shipped rules ask."""
    return adopt_suitability(site=lakeside)


def said(**answers):
    return replace(NO, answers={**NO.answers, **answers})


@pytest.fixture
def book(alice, dr_li):
    """Return what books Alice with Dr Li."""

    def book(start, answers=None, *, at=AT):
        slot = read_slot(slot_id(dr_li, start))
        return appointments.book(patient=alice.record, by=alice.principal, at=at, slot=slot, answers=answers)

    return book


def say(alice, answers, *, at=AT + HOUR):
    suitability.answer(alice.record, answers, site_id=alice.record.site_id, by=alice.principal, at=at)


def to_talk_about():
    return [call.appointment_id for call in CallTask.objects.filter(reason=CallReason.ANSWERS_CHANGED, done_at=None)]


def test_what_she_says_with_a_later_booking_is_looked_at_for_the_one_that_stands(book):
    first = book(chicago(12, 10), NO)
    second = book(chicago(13, 10), said(**{THINNER: "yes"}), at=AT + HOUR)
    first.refresh_from_db()
    assert (first.status, first.suitability, second.status) == (Status.BOOKED, "pass", Status.PROPOSED)
    assert to_talk_about() == [first.pk]


def test_who_says_the_same_again_or_less_is_called_about_nothing(alice, book):
    visit = book(chicago(12, 10), said(**{THINNER: "yes"}))
    appointments.move(visit.public_id, Move.APPROVE, by=SYSTEM, at=AT)
    say(alice, said(**{THINNER: "yes"}))
    say(alice, NO)
    assert to_talk_about() == []
    say(alice, said(**{CLOT: "yes"}))
    assert to_talk_about() == [visit.pk]


def test_answers_that_have_run_out_are_no_news(alice, book):
    book(chicago(20, 10), NO)
    say(alice, replace(NO, answers={CLOT: "no"}), at=AT + 9 * DAY)
    assert to_talk_about() == []


def test_a_birth_date_that_is_corrected_to_that_of_a_child_is_looked_at_and_cancels_nothing(alice, book):
    visit = book(chicago(12, 10), NO)
    patients.change(alice.record, by=SYSTEM, at=AT + HOUR, birth_date=date(1971, 5, 1))
    assert to_talk_about() == []
    patients.change(alice.record, by=SYSTEM, at=AT + HOUR, birth_date=date(2015, 5, 1))
    assert to_talk_about() == [visit.pk]
    assert Appointment.objects.get().status == Status.BOOKED


def test_what_was_booked_before_anything_was_asked_is_looked_at_too(alice, dr_li):
    end_suitability()
    visit = make_visit(alice.record, slot_id(dr_li, chicago(12, 10)))
    adopt_suitability(site=visit.site)
    say(alice, NO)
    assert to_talk_about() == []
    say(alice, said(**{CLOT: "yes"}))
    assert to_talk_about() == [visit.pk]


def on_record(visit):
    return answers_known(visit, shipped_rules(), at=AT + 3 * HOUR).answers


@pytest.mark.parametrize("waits", ["request", "card"])
def test_what_a_clinician_is_still_to_look_at_is_not_answered_away_by_another_booking(alice, book, waits):
    first = book(chicago(12, 10), NO if waits == "card" else said(**{THINNER: "yes"}))
    if waits == "card":
        say(alice, said(**{THINNER: "yes"}))
    second = book(chicago(13, 10), NO, at=AT + 2 * HOUR)
    assert (second.status, second.suitability) == (Status.PROPOSED, "clinician_review")
    assert (on_record(first)[THINNER], on_record(first)[CLOT]) == ("yes", "no")


def test_twin_if_the_better_answer_counted_the_second_would_be_booked_with_nobody_looking(book, monkeypatch):
    book(chicago(12, 10), said(**{THINNER: "yes"}))
    monkeypatch.setattr(suitability_checks, "without_swallowed", lambda _who, answers, *_args, **_facts: answers)
    assert book(chicago(13, 10), NO, at=AT + HOUR).status == Status.BOOKED


def test_what_was_looked_at_may_be_answered_otherwise_with_the_next_booking(book):
    first = book(chicago(12, 10), said(**{THINNER: "yes"}))
    appointments.move(first.public_id, Move.APPROVE, by=SYSTEM, at=AT)
    assert book(chicago(13, 10), NO, at=AT + HOUR).status == Status.BOOKED

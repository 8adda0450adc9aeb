"""On the day of a therapy people are asked again what matters then: nobody is checked in before, or against it."""

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from booking.actions import appointments, arrivals, calls, check_in_checks, uncovered_visits
from booking.actions.suitability import day_questions, suitability
from booking.actions.suitability.suitability_requests import booked_visits
from booking.calls.calls_to_make import AT_ONCE, due_of_task
from booking.errors import StaffOnly
from booking.models import Appointment, CallReason, CallTask, SuitabilityResponse
from booking.status import Move, Status
from booking.suitability import day_questions as of_the_day
from booking.suitability.answers import SuitabilityAnswers, answered_no
from booking.suitability.day_questions import DayState
from booking.suitability.errors import AnswersOfClinicians, ClinicianFirst, DayQuestionsNeeded, HelpFirst
from booking.suitability.shipped import shipped_content, shipped_rules
from booking.suitability.visits import judge_visits
from booking.web.desk.reviews.suitability_rows import waiting_rows
from core.principal import Principal
from core.refusals import Invalid
from core.roles import Role
from scheduler.public import business_days
from tests.factories.booking import DAY, HOUR, MINUTE, chicago, make_staff, read_slot, slot_id
from tests.factories.policies import SOMEBODY, adopt_suitability
from tests.factories.scheduler import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("dr_li")]

NO = answered_no(shipped_rules())
FEVER, TREATED = "fever_now", "on_active_cancer_treatment"
CLOT, BACK_PAIN = "clot_in_leg_or_arm", "new_back_pain_with_weakness_numbness_or_bladder_bowel_change"
CHEST = "chest_pain_severe_breathlessness_heavy_bleeding_new_confusion"
WOUND, MEAL = "radiation_site_wound_rash_graft_tumour_port_implant", "not_eaten_or_alcohol_today"
STARTS = chicago(9, 10)
HERE = STARTS - 10 * MINUTE


@pytest.fixture
def asking(lakeside):
    """Let Lakeside ask what the shipped rules ask."""
    return adopt_suitability(site=lakeside)


@pytest.fixture
def book(alice, dr_li):
    """Return what books Alice with Dr Li for Friday at ten."""

    def book(answers=NO):
        slot = read_slot(slot_id(dr_li, STARTS))
        visit = appointments.book(patient=alice.record, by=alice.principal, at=AT, slot=slot, answers=answers)
        if visit.status == Status.PROPOSED:
            appointments.move(visit.public_id, Move.APPROVE, by=Principal.system("test"), at=AT + MINUTE)
        return visit

    return book


@pytest.fixture
def visit(asking, book):
    return book()


@pytest.fixture
def carol(lakeside):
    """A clinician of Lakeside."""
    return make_staff("carol", Role.CLINICIAN, site=lakeside)


def said(captures=None, **answers):
    none = dict.fromkeys((FEVER, CHEST, WOUND, MEAL), "no")
    return SuitabilityAnswers(answers=none | answers, captures=captures or {})


def say(visit, by, answers, *, at=HERE):
    return day_questions.answer(visit.public_id, answers, by=by.principal, at=at)


def check_in(visit, by, *, at=HERE + 2 * MINUTE):
    return appointments.move(visit.public_id, Move.CHECK_IN, by=by.principal, at=at).status


def to_talk_about():
    return [call.appointment_id for call in CallTask.objects.filter(reason=CallReason.ANSWERS_CHANGED, done_at=None)]


def seen_to_at_once():
    return CallTask.objects.filter(reason__in=AT_ONCE, done_at=None).select_related("appointment")


def test_nobody_is_checked_in_before_they_were_asked(visit, dana):
    with pytest.raises(DayQuestionsNeeded):
        check_in(visit, dana)
    say(visit, dana, said())
    assert check_in(visit, dana) == Status.CHECKED_IN


def test_without_the_guard_she_would_be_treated_with_a_fever(visit, dana, monkeypatch):
    say(visit, dana, said(**{FEVER: "yes"}))
    with pytest.raises(ClinicianFirst):
        check_in(visit, dana)
    monkeypatch.setattr(check_in_checks, "check_day_questions", lambda *_args, **_facts: None)
    assert check_in(visit, dana) == Status.CHECKED_IN


def test_one_press_says_that_nothing_is_new(visit, dana):
    done = arrivals.check_in(visit.public_id, by=dana.principal, at=HERE)
    assert done.status == Status.CHECKED_IN
    assert SuitabilityResponse.objects.order_by("-pk").first().answered_by == dana.principal.key


def test_nothing_new_does_not_take_away_what_who_treats_must_know(asking, book, dana):
    visit = book(answers=replace(NO, answers={**NO.answers, WOUND: "yes"}, captures={WOUND: ("chest",)}))
    arrivals.check_in(visit.public_id, by=dana.principal, at=HERE)
    assert "avoid_site:chest" in judge_visits([Appointment.objects.get()], at=HERE + HOUR)[visit.pk].found.flags


def test_who_has_not_eaten_comes_in_and_who_treats_is_told(visit, dana):
    assert say(visit, dana, said(**{MEAL: "yes"})).state == DayState.CLEAR
    assert check_in(visit, dana) == Status.CHECKED_IN
    fired = judge_visits([Appointment.objects.get()], at=HERE + HOUR)[visit.pk].fired
    assert [(one.ask, one.disposition) for one in fired] == [(MEAL, "inform")]
    assert to_talk_about() == []


def test_with_a_fever_she_waits_for_a_clinician_who_decides(visit, dana, carol):
    assert say(visit, dana, said(**{FEVER: "yes"})).state == DayState.LOOKED_AT
    assert to_talk_about() == [visit.pk]
    with pytest.raises(AnswersOfClinicians):
        day_questions.let_in(visit.public_id, by=dana.principal, at=HERE + MINUTE)
    with pytest.raises(ClinicianFirst):
        say(visit, dana, said(), at=HERE + MINUTE)
    for _twice in range(2):
        assert day_questions.let_in(visit.public_id, by=carol.principal, at=HERE + MINUTE).state == DayState.CLEAR
    assert to_talk_about() == []
    assert check_in(visit, dana) == Status.CHECKED_IN


def test_who_may_need_help_at_the_door_is_seen_to_at_once_until_it_is_set_right(visit, dana, carol, lakeside):
    say(visit, dana, said(**{CHEST: "yes"}))
    assert [(call.reason, due_of_task(call, business_days(lakeside.pk))) for call in seen_to_at_once()] == [
        (CallReason.HELP_HERE, HERE)
    ]
    (card,) = waiting_rows(booked_visits([lakeside.pk], at=HERE), at=HERE)
    told = " ".join(map(str, (card.call_first.first, *card.call_first.then)))
    assert "They are here and need help now: go to them." in told
    assert "decline" not in told
    say(visit, carol, said(), at=HERE + MINUTE)
    assert not seen_to_at_once()


def test_who_needed_help_at_the_door_is_called_and_not_gone_to_once_they_have_left(visit, dana, lakeside, dr_li):
    say(visit, dana, said(**{CHEST: "yes"}))
    later = read_slot(slot_id(dr_li, STARTS + 3 * DAY))
    appointments.move(visit.public_id, Move.RESCHEDULE, by=dana.principal, at=HERE + MINUTE, slot=later)
    for passed, words in ((HOUR, "go to them"), (DAY, "Write to them now")):
        uncovered_visits.review(at=HERE + passed)
        (card,) = waiting_rows(booked_visits([lakeside.pk], at=HERE + passed), at=HERE + passed)
        assert words in card.call_first.first
        assert seen_to_at_once().exists() is (passed == HOUR)


def test_who_needs_help_at_the_door_does_so_also_when_their_time_is_over(visit, dana):
    say(visit, dana, said(**{CHEST: "yes"}))
    uncovered_visits.review(at=STARTS + 2 * HOUR)
    assert [call.reason for call in seen_to_at_once()] == [CallReason.HELP_HERE]


def test_what_a_clinician_let_pass_holds_for_what_was_said_then(visit, dana, carol):
    say(visit, dana, said(**{FEVER: "yes"}))
    day_questions.let_in(visit.public_id, by=carol.principal, at=HERE + MINUTE)
    say(visit, dana, said(**{FEVER: "yes", MEAL: "yes"}), at=HERE + 2 * MINUTE)
    with pytest.raises(ClinicianFirst):
        check_in(visit, dana, at=HERE + 3 * MINUTE)


def test_a_slip_is_set_right_by_a_clinician(visit, dana, carol):
    for _pressed_twice in range(2):
        say(visit, dana, said(**{FEVER: "yes"}))
    assert SuitabilityResponse.objects.filter(answered_by=dana.principal.key).count() == 1
    assert say(visit, carol, said(), at=HERE + MINUTE).state == DayState.CLEAR


@pytest.mark.parametrize("worst", [{CHEST: "yes"}, {FEVER: "yes", TREATED: "yes"}])
def test_who_needs_help_is_not_treated_whoever_says_so(asking, book, dana, carol, worst):
    treated = {TREATED: worst.pop(TREATED)} if TREATED in worst else {}
    visit = book(answers=replace(NO, answers={**NO.answers, **treated}))
    assert say(visit, dana, said(**worst)).state == DayState.CALL
    with pytest.raises(HelpFirst) as refused:
        check_in(visit, dana)
    assert refused.value.facts["emergency"] == "911"
    with pytest.raises(HelpFirst):
        day_questions.let_in(visit.public_id, by=carol.principal, at=HERE + MINUTE)
    assert to_talk_about() == [visit.pk]


def test_what_was_approved_just_so_is_not_looked_at_again(lakeside, book, dana):
    content = shipped_content() | {"examples": []}
    (rule,) = (one for one in content["rules"] if one["ask"] == WOUND)
    rule["to"]["needling"] = "clinician_review"
    adopt_suitability(site=lakeside, content=content)
    port = {WOUND: ("chest",)}
    visit = book(replace(NO, answers={**NO.answers, WOUND: "yes"}, captures=port))
    assert say(visit, dana, said(port, **{WOUND: "yes"})).state == DayState.CLEAR
    elsewhere = said({WOUND: ("chest", "back")}, **{WOUND: "yes"})
    assert say(visit, dana, elsewhere, at=HERE + MINUTE).state == DayState.LOOKED_AT


def test_what_was_answered_the_day_before_is_asked_again(visit, dana, alice):
    say_before = SuitabilityAnswers(answers={FEVER: "no", CHEST: "no", WOUND: "no"})
    suitability.answer(alice.record, say_before, site_id=visit.site_id, by=alice.principal, at=HERE - DAY)
    with pytest.raises(DayQuestionsNeeded):
        check_in(visit, dana)


def test_nobody_answers_for_themselves_or_by_half(visit, dana, alice):
    with pytest.raises(StaffOnly):
        say(visit, alice, said())
    with pytest.raises(Invalid):
        say(visit, dana, SuitabilityAnswers(answers={FEVER: "no"}))


def test_where_nothing_is_asked_nothing_is_read(book, dana):
    visit = book(None)
    with CaptureQueriesContext(connection) as statements:
        assert check_in(visit, dana) == Status.CHECKED_IN
    assert not [one for one in statements.captured_queries if "suitabilityresponse" in one["sql"]]


def test_what_was_answered_by_link_and_nobody_looked_at_waits_for_a_clinician_at_the_door(visit, dana, carol):
    answer_by_link(visit, **{CLOT: "yes"})
    with pytest.raises(ClinicianFirst):
        arrivals.check_in(visit.public_id, by=dana.principal, at=HERE)
    assert day_questions.let_in(visit.public_id, by=carol.principal, at=HERE + MINUTE).state == DayState.UNANSWERED
    assert to_talk_about() == []
    assert arrivals.check_in(visit.public_id, by=dana.principal, at=HERE + 2 * MINUTE).status == Status.CHECKED_IN


def test_without_looking_at_what_came_by_link_she_would_be_checked_in_with_one_press(visit, dana, monkeypatch):
    answer_by_link(visit, **{CLOT: "yes"})
    monkeypatch.setattr(of_the_day, "to_look_at", lambda _judged: frozenset())
    assert arrivals.check_in(visit.public_id, by=dana.principal, at=HERE).status == Status.CHECKED_IN


def test_what_a_clinician_has_looked_at_before_the_day_is_not_looked_at_again(visit, dana, carol):
    answer_by_link(visit, **{CLOT: "yes"})
    calls.looked_at(visit, by=carol.principal, at=STARTS - DAY)
    assert arrivals.check_in(visit.public_id, by=dana.principal, at=HERE).status == Status.CHECKED_IN


def test_who_was_to_call_and_comes_all_the_same_is_helped_until_a_clinician_has_asked_again(visit, dana, carol):
    answer_by_link(visit, **{BACK_PAIN: "yes"})
    with pytest.raises(HelpFirst):
        arrivals.check_in(visit.public_id, by=dana.principal, at=HERE)
    assert say(visit, carol, said(**{BACK_PAIN: "no"})).state == DayState.CLEAR


def test_what_was_never_answered_is_asked_at_the_door_before_she_is_checked_in(lakeside, book, dana):
    visit = book(None)
    adopt_suitability(site=lakeside)
    found = day_questions.asked_today(visit, at=HERE)
    assert {CLOT, BACK_PAIN, "seizures"} <= set(found.keys)
    with pytest.raises(DayQuestionsNeeded):
        arrivals.check_in(visit.public_id, by=dana.principal, at=HERE)
    none = SuitabilityAnswers(answers=dict.fromkeys(found.keys, "no"))
    for _pressed_twice in range(2):
        assert say(visit, dana, none).state == DayState.CLEAR
    assert check_in(visit, dana) == Status.CHECKED_IN


def test_what_was_answered_before_is_not_answered_away_over_the_wire(visit, dana):
    with pytest.raises(Invalid):
        say(visit, dana, said(**{CLOT: "no"}))


def answer_by_link(visit, **answers):
    """Let Alice answer this two days before, and no clinician look at it."""
    given, at = SuitabilityAnswers(answers=answers), STARTS - 2 * DAY
    suitability.answer(visit.patient, given, site_id=visit.site_id, by=SOMEBODY, at=at)

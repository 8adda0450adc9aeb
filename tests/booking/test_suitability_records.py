"""What is on record of Alice before she books: answers while they count, her counts, and what was cleared."""

from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from booking.actions.patients import merging
from booking.actions.suitability import suitability
from booking.models import Clearance, LabValue, SuitabilityResponse
from booking.suitability.answers import SuitabilityAnswers, answered_no
from booking.suitability.facts import BloodCount, ClearedRule
from booking.suitability.records import facts_of, save_answers
from booking.suitability.shipped import shipped_rules
from core.principal import Principal
from tests.factories.booking import SYSTEM, make_patient
from tests.factories.scheduler import AT, CHICAGO

pytestmark = pytest.mark.django_db

RULES = shipped_rules()
ALICE = Principal(key="user:1", user_id=1)
CLOT, FEVER, DEVICE = "clot_in_leg_or_arm", "fever_now", "pacemaker_icd_neurostimulator_pump"
A_DAY = timedelta(days=1)


@pytest.fixture
def record(alice):
    """Alice's record."""
    return alice.record


def answer(patient, at=AT, captures=None, **answers):
    said = SuitabilityAnswers(answers=answers, captures=captures or {})
    return save_answers(patient, said, rules=RULES, policy_version=3, by=ALICE, at=at)


def known(patient, at=AT, visit_day=date(2026, 7, 13), **facts):
    return facts_of(patient, RULES, at=at, zone=ZoneInfo(CHICAGO), visit_day=visit_day, **facts)


def count(patient, value, taken_on, **facts):
    given = {"kind": "platelets", "entered_at": AT, "entered_by": "user:7"} | facts
    return LabValue.objects.create(patient=patient, value=Decimal(value), taken_on=taken_on, **given)


def clear(patient, **facts):
    given = {"rule": "R16", "given_at": AT, "given_by": "user:7", "ends_on": AT.date() + 90 * A_DAY}
    return Clearance.objects.create(patient=patient, **given | facts)


def test_the_newest_answer_to_each_question_counts_with_its_place(record):
    answer(record, captures={CLOT: ("left_arm",)}, **{CLOT: "yes", FEVER: "no"})
    answer(record, at=AT + A_DAY, captures={CLOT: ("left_leg",)}, **{CLOT: "yes"})
    facts = known(record, at=AT + A_DAY)
    assert (facts.answers, facts.captures) == ({CLOT: "yes", FEVER: "no"}, {CLOT: ("left_leg",)})


@pytest.mark.parametrize(("days", "left"), [(6, {FEVER, DEVICE}), (7, {DEVICE}), (364, {DEVICE}), (365, set())])
def test_an_answer_counts_as_long_as_its_question_says(record, days, left):
    answer(record, **{FEVER: "no", DEVICE: "no"})
    assert known(record, at=AT + days * A_DAY).answers.keys() == left


def test_no_older_answer_comes_back_for_one_that_nobody_can_open_any_more(record):
    answer(record, **{CLOT: "no"})
    answer(record, at=AT + A_DAY, **{CLOT: "yes"})
    SuitabilityResponse.objects.filter(answered_at__gt=AT).update(answers="sealed with a key that is gone")
    assert known(record, at=AT + A_DAY).answers == {}


def test_answers_are_read_in_no_table(record):
    made = answer(record, **{CLOT: "yes"})
    made.refresh_from_db()
    assert CLOT not in made.answers
    assert "yes" not in made.answers
    assert (made.policy_version, made.answered_by, made.answered_at) == (3, "user:1", AT)


def test_whoever_answers_nothing_that_is_asked_leaves_nothing_behind(record):
    assert answer(record, asked_once="yes") is None
    assert not SuitabilityResponse.objects.exists()


def test_alices_age_is_that_on_the_day_of_the_visit(lakeside):
    child = make_patient(lakeside, "Charlie Adams")
    child.birth_date = date(2008, 7, 13)
    assert [known(child, visit_day=date(2026, 7, day)).age for day in (12, 13)] == [17, 18]


def test_the_count_that_was_taken_last_counts_and_none_that_was_entered_by_mistake(record):
    count(record, "60", AT.date())
    count(record, "15", AT.date() - A_DAY, entered_at=AT + A_DAY)
    count(record, "900", AT.date() + A_DAY, withdrawn_at=AT, withdrawn_by="user:7")
    assert known(record).labs == {"platelets": BloodCount(Decimal(60), AT.date())}


def test_what_was_cleared_is_known_until_it_is_withdrawn(record):
    clear(record, therapy="acu_manual")
    clear(record, rule="R18", withdrawn_at=AT, withdrawn_by="user:7")
    ends_on = AT.date() + 90 * A_DAY
    assert known(record).clearances == (ClearedRule(rule="R16", ends_on=ends_on, therapies=frozenset({"acu_manual"})),)


def test_all_that_is_known_of_alice_is_read_at_once(record, django_assert_num_queries):
    answer(record, **answered_no(RULES).answers)
    count(record, "60", AT.date())
    clear(record)
    with django_assert_num_queries(1):
        facts = known(record, place="infusion_bay")
    assert (len(facts.labs), len(facts.clearances), facts.place) == (1, 1, "infusion_bay")
    assert set(facts.answers.values()) == {"no"}


@pytest.mark.parametrize(
    ("make", "wrong"),
    [
        (count, {"entered_by": ""}),
        (count, {"value": "-1"}),
        (count, {"withdrawn_at": AT}),
        (clear, {"given_by": ""}),
        (clear, {"withdrawn_by": "user:7"}),
    ],
)
def test_no_count_and_no_clearance_is_on_record_of_which_nobody_says_who(record, make, wrong):
    given = {"value": "60", "taken_on": AT.date()} if make is count else {}
    with pytest.raises(IntegrityError), transaction.atomic():
        make(record, **given | wrong)


def test_no_answers_are_on_record_of_which_nobody_says_who_gave_them(record):
    with pytest.raises(IntegrityError), transaction.atomic():
        save_answers(record, answered_no(RULES), rules=RULES, policy_version=1, by=Principal(key=""), at=AT)


def test_two_records_of_alice_become_one_with_all_that_was_answered(record, lakeside):
    other = make_patient(lakeside)
    answer(other, **{CLOT: "yes"})
    count(other, "60", AT.date())
    clear(other)
    merging.merge(kept=record, given_up=other, by=SYSTEM, at=AT)
    facts = known(record)
    assert (facts.answers, len(facts.labs), len(facts.clearances)) == ({CLOT: "yes"}, 1, 1)


def test_answers_are_let_go_of_once_none_of_them_counts(record):
    volatile, device = answer(record, **{FEVER: "no"}), answer(record, **{FEVER: "no", DEVICE: "no"})
    assert suitability.forget_answers(at=AT + 7 * A_DAY) == 0
    assert suitability.forget_answers(at=AT + 8 * A_DAY) == 1
    assert list(SuitabilityResponse.objects.filter(answers="")) == [volatile]
    assert suitability.forget_answers(at=AT + 366 * A_DAY) == 1
    device.refresh_from_db()
    assert (device.answers, device.policy_version, device.answered_by) == ("", 3, "user:1")

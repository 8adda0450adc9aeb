"""What the same answers meant from 2020 on, by the rules of the day on which somebody came, at two sites."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.screening.outcomes import ImmuneSystem, ScreeningAnswers, Severity, screen
from booking.screening.policies import Masks, ScreeningContent, as_screening_policy
from booking.screening.questionnaire import AnswerChoice, Outcome
from core.policies.content import read_content
from tests.rules.test_screening import COUGH, FEVER, HOUSEHOLD, ROWS, TEST, in_force

DAY = timedelta(days=1)
TRAVEL, TASTE, TOLD = "travel_14d", "loss_of_taste_or_smell", "told_to_isolate"
FIRST_WAVE, SUMMER, WINTER, SPRING, NOW = (
    date(2020, 5, 20), date(2020, 8, 1), date(2022, 3, 1), date(2023, 6, 1), date(2024, 3, 4),
)  # fmt: skip
HEALTHCARE = 10
"""Days that health care has counted after a positive test in all these years, whatever people outside did."""

POLICIES = [as_screening_policy(read_content(ScreeningContent, row.content), version=1) for row in ROWS]


def then(site, on, audience="patient"):
    content = in_force(site, on, audience)
    return as_screening_policy(content, version=1)


def said(policy, on, **answers):
    """Return answers given on a day, of somebody who is well but for what is `said`."""
    facts = {name: answers.pop(name) for name in list(answers) if name not in policy.questions}
    choices = dict.fromkeys(policy.questions, AnswerChoice.NO) | answers
    return ScreeningAnswers(**({"answered_on": on, "choices": choices} | facts))


def outcome(site, on, **answers):
    """Return the outcome for a visit two days later."""
    policy = then(site, on + 2 * DAY)
    return screen(policy, said(policy, on, **answers), visit_on=on + 2 * DAY).outcome


def test_travel_was_looked_at_in_2020_and_not_asked_about_later():
    assert outcome("lakeside", FIRST_WAVE, **{TRAVEL: AnswerChoice.YES}) is Outcome.REVIEW
    assert not [on for on in (WINTER, SPRING, NOW) if TRAVEL in then("lakeside", on).questions]


def test_who_lives_with_somebody_ill_comes_with_a_mask_in_every_year_since_it_is_asked():
    for on in (FIRST_WAVE, WINTER, SPRING, NOW):
        assert outcome("lakeside", on, **{HOUSEHOLD: AnswerChoice.YES}) is Outcome.PROCEED_MASKED


def test_a_fever_kept_away_for_three_days_in_2020_and_for_one_from_2022_on():
    def first_day(on):
        policy = then("lakeside", on)
        found = screen(policy, said(policy, on, **{FEVER: AnswerChoice.YES}, fever_free_since=on), visit_on=on)
        return (found.earliest_day - on).days

    assert [first_day(on) for on in (FIRST_WAVE, WINTER, SPRING, NOW)] == [3, 1, 1, 1]


@pytest.mark.parametrize(("hours", "days"), [(0, 1), (24, 1), (25, 2), (72, 3), (73, 4)])
def test_hours_without_a_fever_are_counted_as_whole_days_and_never_as_fewer(hours, days):
    policy = replace(then("lakeside", NOW), fever_free=timedelta(hours=hours))
    found = screen(policy, said(policy, NOW, **{FEVER: AnswerChoice.YES}, fever_free_since=NOW), visit_on=NOW)
    assert found.earliest_day == NOW + days * DAY


def test_on_one_day_of_2020_a_temperature_was_a_fever_at_one_site_and_none_at_the_other():
    warm = Decimal("100.2")
    found = {
        site: screen(then(site, SUMMER), said(then(site, SUMMER), SUMMER, temperature_f=warm), visit_on=SUMMER).outcome
        for site in ("lakeside", "riverside")
    }
    assert found == {"lakeside": Outcome.PROCEED, "riverside": Outcome.REBOOK}


def test_on_that_day_companions_came_to_one_site_and_not_to_the_other_and_were_asked_their_own_questions():
    assert [then(site, SUMMER).companions_max for site in ("lakeside", "riverside")] == [0, 1]
    assert in_force("lakeside", SUMMER, "companion") is None
    assert TASTE not in then("riverside", SUMMER, "companion").questions


@pytest.mark.parametrize("on", [FIRST_WAVE, SUMMER, WINTER, SPRING, NOW, date(2024, 3, 1), date(2026, 11, 26)])
@pytest.mark.parametrize("site", ["lakeside", "riverside"])
def test_a_positive_test_keeps_away_by_the_line_of_health_care_at_every_date(site, on):
    if in_force(site, on) is None or TEST not in then(site, on).questions:
        assert on < date(2020, 7, 22)  # the other site began then
        return
    policy = then(site, on)
    tested = {TEST: AnswerChoice.YES, "tested_on": on - DAY, "severity": Severity.MILD, "fever_free_since": on - DAY}
    strong = screen(policy, said(policy, on, **tested, weak_immune_system=ImmuneSystem.STRONG), visit_on=on + 2 * DAY)
    assert (strong.outcome, strong.earliest_day) == (Outcome.REBOOK, on + (HEALTHCARE - 1) * DAY)


ASKING_FOR_TESTS = [one for one in POLICIES if TEST in one.questions]
PAST = st.integers(0, 9).map(lambda days: NOW - days * DAY)
ILLNESSES = st.fixed_dictionaries(
    {
        "tested_on": PAST,
        "symptoms_began_on": st.none() | PAST,
        "fever_free_since": st.none() | PAST,
        "severity": st.sampled_from(Severity),
        "weak_immune_system": st.sampled_from(ImmuneSystem),
    }
)


@given(policy=st.sampled_from(ASKING_FOR_TESTS), ill=ILLNESSES, days=st.integers(0, 30))
def test_nobody_with_a_positive_test_comes_before_the_days_of_health_care_are_over(policy, ill, days):
    visit_on = NOW + days * DAY
    found = screen(policy, said(policy, NOW, **{TEST: AnswerChoice.YES}, **ill), visit_on=visit_on)
    at_risk = ill["weak_immune_system"] is not ImmuneSystem.STRONG or ill["severity"] is Severity.IN_HOSPITAL
    over = (ill["symptoms_began_on"] or ill["tested_on"]) + (2 if at_risk else 1) * HEALTHCARE * DAY
    assert found.reviewed == at_risk
    if visit_on < over:
        assert found.outcome is Outcome.REBOOK
        assert found.earliest_day >= over


def test_with_a_weak_immune_system_somebody_is_looked_at_on_day_twelve_and_kept_away_until_day_twenty():
    policy = then("lakeside", NOW)
    facts = {"tested_on": NOW - 12 * DAY, "severity": Severity.MILD, "weak_immune_system": ImmuneSystem.WEAK}
    found = screen(policy, said(policy, NOW, **{TEST: AnswerChoice.YES}, **facts), visit_on=NOW + DAY)
    assert (found.outcome, found.reviewed, found.earliest_day) == (Outcome.REBOOK, True, NOW + 8 * DAY)


def test_who_is_looked_at_wears_a_mask_where_anybody_does_and_none_where_nobody_does():
    policies = {mask: replace(then("lakeside", NOW), mask=mask) for mask in Masks}
    usual = {COUGH: AnswerChoice.USUAL_FOR_ME}
    worn = {mask: screen(one, said(one, NOW, **usual), visit_on=NOW).masked for mask, one in policies.items()}
    assert worn == {Masks.NONE: False, Masks.SYMPTOMATIC: True, Masks.WAITING: True, Masks.ALL: True}


def test_who_needs_help_now_is_not_asked_for_the_day_of_a_test():
    policy = then("lakeside", NOW)
    found = screen(policy, said(policy, NOW, **{TEST: AnswerChoice.YES}, emergency=True), visit_on=NOW)
    assert found.outcome is Outcome.SEEK_CARE

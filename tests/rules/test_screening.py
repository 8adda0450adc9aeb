"""What follows from screening answers, at dates of four years: for people with a test, or symptoms, or neither."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from booking.screening.outcomes import ImmuneSystem, ScreeningAnswers, Severity, screen, screen_on_arrival
from booking.screening.policies import (
    SCREENING,
    AwayDays,
    Masks,
    ScreeningContent,
    as_screening_policy,
    wrong_with,
)
from booking.screening.questionnaire import QUESTIONNAIRE, AnswerChoice, Outcome
from booking.web.desk.arrivals.arrival_search import is_meant
from core.policies.content import read_content
from core.refusals import Invalid
from demo.screening import FILE, timeline

ROWS = list(timeline(yaml.safe_load(FILE.read_text(encoding="utf-8"))))
TODAY = date(2026, 11, 26)
FEVER, COUGH = "fever_or_chills_24h", "new_cough_breathless_sore_throat_runny_nose"
TOLD = "told_to_isolate"
GUT, TEST, HOUSEHOLD = "vomiting_or_diarrhoea", "positive_covid_flu_rsv_10d", "household_positive_10d"


def in_force(site: str, on: date, audience: str = "patient") -> ScreeningContent | None:
    """Return the content for a site on a day: its own row before the one for all."""
    live = [
        r
        for r in ROWS
        if r.audience == audience and r.site in (site, "") and r.begins <= on and (r.ends or date.max) > on
    ]
    best = max(live, key=lambda row: bool(row.site), default=None)
    return best and read_content(ScreeningContent, best.content)


POLICY = as_screening_policy(in_force("lakeside", TODAY), version=1)


def answers(**said) -> ScreeningAnswers:
    """Return answers of somebody who is well but for what is `said`."""
    dates = {name: said.pop(name) for name in list(said) if name not in QUESTIONNAIRE.questions}
    choices = dict.fromkeys(POLICY.questions, AnswerChoice.NO) | said
    return ScreeningAnswers(**({"answered_on": TODAY, "choices": choices} | dates))


def positive(days_ago: int, **more) -> ScreeningAnswers:
    """Return answers of somebody who tested positive so many days ago."""
    facts = {"severity": Severity.MILD, "weak_immune_system": ImmuneSystem.STRONG} | more
    return answers(**{TEST: AnswerChoice.YES, "tested_on": TODAY - timedelta(days=days_ago)} | facts)


def result(given_answers: ScreeningAnswers, *, in_days: int = 2):
    return screen(POLICY, given_answers, visit_on=TODAY + timedelta(days=in_days))


def test_alice_is_well_and_comes():
    found = result(answers())
    assert (found.outcome, found.reasons, found.earliest_day, found.reviewed) == (Outcome.PROCEED, (), None, False)
    assert found.notices == ("masks_in_waiting_rooms",)


def test_ben_lives_with_somebody_who_is_ill_and_comes_with_a_mask():
    found = result(answers(**{HOUSEHOLD: AnswerChoice.YES}))
    assert (found.outcome, found.masked) == (Outcome.PROCEED_MASKED, True)
    assert found.notices == ("masks_in_waiting_rooms", "bring_mask")


def test_the_cough_of_hay_fever_is_looked_at_and_keeps_nobody_away():
    found = result(answers(**{COUGH: AnswerChoice.USUAL_FOR_ME}))
    assert (found.outcome, found.earliest_day, found.reviewed) == (Outcome.REVIEW, None, True)


def test_dora_tested_positive_two_days_ago_and_hears_her_first_day():
    found = result(positive(2))
    assert (found.outcome, found.earliest_day) == (Outcome.REBOOK, TODAY + timedelta(days=8))
    assert not found.reviewed


def test_days_away_count_from_the_first_symptom():
    assert result(positive(2, symptoms_began_on=TODAY - timedelta(days=5))).earliest_day == TODAY + timedelta(days=5)


@pytest.mark.parametrize("immune", [ImmuneSystem.WEAK, ImmuneSystem.NOT_SURE])
def test_a_weak_immune_system_or_not_knowing_takes_the_longer_days_and_a_review(immune):
    found = result(positive(2, weak_immune_system=immune))
    assert (found.outcome, found.earliest_day, found.reviewed) == (Outcome.REBOOK, TODAY + timedelta(days=18), True)


def test_a_stay_in_hospital_takes_the_longer_days_and_a_review():
    found = result(positive(2, severity=Severity.IN_HOSPITAL))
    assert (found.earliest_day, found.reviewed) == (TODAY + timedelta(days=18), True)


def test_a_fever_that_goes_late_keeps_longer_than_the_days():
    found = result(positive(10, fever_free_since=TODAY), in_days=0)
    assert (found.outcome, found.earliest_day) == (Outcome.REBOOK, TODAY + timedelta(days=1))


def test_whose_days_are_over_by_the_visit_comes_with_a_mask():
    found = result(positive(9), in_days=1)
    assert (found.outcome, found.earliest_day) == (Outcome.PROCEED_MASKED, None)


def test_whose_longer_days_are_over_by_the_visit_is_looked_at():
    found = result(positive(19, weak_immune_system=ImmuneSystem.WEAK), in_days=1)
    assert (found.outcome, found.earliest_day) == (Outcome.REVIEW, None)


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ({FEVER: AnswerChoice.YES}, 2),  # a fever that has not gone yet: tomorrow's morning is less than a day from now
        ({FEVER: AnswerChoice.YES, "fever_free_since": TODAY}, 1),
        ({FEVER: AnswerChoice.YES, "fever_free_since": TODAY - timedelta(days=1)}, 1),
        ({COUGH: AnswerChoice.YES}, 1),
        ({GUT: AnswerChoice.YES}, 1),
    ],
)
def test_who_is_ill_without_a_test_comes_tomorrow_at_the_earliest_and_with_a_fever_later(said, days):
    found = result(answers(**said))
    assert (found.outcome, found.earliest_day) == (Outcome.REBOOK, TODAY + timedelta(days=days))


@pytest.mark.parametrize(("last_day", "first"), [(0, 1), (1, 2), (9, 10), (60, 61)])
def test_whoever_was_told_to_stay_at_home_comes_after_their_last_day_there(last_day, first):
    found = result(answers(**{TOLD: AnswerChoice.YES, "isolate_until": TODAY + timedelta(days=last_day)}))
    assert (found.outcome, found.earliest_day) == (Outcome.REBOOK, TODAY + timedelta(days=first))
    assert not found.reviewed


@pytest.mark.parametrize("more", [{}, {FEVER: AnswerChoice.YES}])
def test_whoever_does_not_know_until_when_hears_no_day_but_from_a_clinician(more):
    found = result(answers(**{TOLD: AnswerChoice.YES} | more))
    assert (found.outcome, found.earliest_day, found.reviewed) == (Outcome.REBOOK, None, True)


def test_of_a_positive_test_the_clinic_knows_the_days_unless_they_are_over():
    told = {TOLD: AnswerChoice.YES}
    found = result(positive(2, **told))
    assert (found.earliest_day, found.reviewed) == (TODAY + timedelta(days=8), True)
    found = result(positive(9, **told))
    assert (found.outcome, found.earliest_day, found.reviewed) == (Outcome.REBOOK, None, True)


@pytest.mark.parametrize("days", [-366, -1, 61, 366, 36500])
def test_a_last_day_at_home_that_nobody_can_mean_is_asked_again(days):
    with pytest.raises(Invalid) as refused:
        result(answers(**{TOLD: AnswerChoice.YES, "isolate_until": TODAY + timedelta(days=days)}))
    assert [one["pointer"] for one in refused.value.facts["errors"]] == ["/isolate_until"]


def test_who_cannot_breathe_is_sent_for_help_whatever_else_is_answered():
    assert result(answers(emergency=True)).outcome is Outcome.SEEK_CARE
    assert result(replace(positive(2), emergency=True)).outcome is Outcome.SEEK_CARE


def test_the_worst_answer_wins_and_each_names_its_reason():
    found = result(answers(**{HOUSEHOLD: AnswerChoice.YES, COUGH: AnswerChoice.USUAL_FOR_ME, FEVER: AnswerChoice.YES}))
    assert found.outcome is Outcome.REBOOK
    assert [(one.question, one.outcome) for one in found.reasons] == [
        (FEVER, Outcome.REBOOK), (COUGH, Outcome.REVIEW), (HOUSEHOLD, Outcome.PROCEED_MASKED),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"choices": {}}, f"/answers/{FEVER}"),
        ({"choices": answers().choices | {FEVER: AnswerChoice.USUAL_FOR_ME}}, f"/answers/{FEVER}"),
        ({"choices": answers().choices | {"shoe_size": AnswerChoice.NO}}, "/answers/shoe_size"),
        ({"choices": answers().choices | {TEST: AnswerChoice.YES}}, "/tested_on"),
        ({"fever_free_since": TODAY + timedelta(days=1)}, "/fever_free_since"),
    ],
)
def test_what_cannot_be_understood_is_asked_again_by_its_name(wrong, pointer):
    with pytest.raises(Invalid) as refused:
        result(replace(answers(), **wrong))
    assert pointer in [one["pointer"] for one in refused.value.facts["errors"]]


# --- what held when -------------------------------------------------------------------------------------------------


def test_each_year_asks_what_its_hospitals_asked():
    def asked(*day):
        content = in_force("lakeside", date(*day))
        return content and (content.mask, content.companions_max, content.fever_free_hours)

    assert asked(2020, 3, 15) is None
    assert asked(2020, 3, 16) == (Masks.ALL, 0, 72)
    assert asked(2020, 12, 1) == (Masks.ALL, 0, 72)
    assert asked(2022, 3, 1) == (Masks.ALL, 1, 24)
    assert asked(2023, 5, 11) == (Masks.SYMPTOMATIC, 2, 24)
    assert asked(2024, 1, 2) == (Masks.WAITING, 1, 24)
    assert asked(2024, 12, 2) == (Masks.WAITING, 1, 24)


def test_two_sites_have_different_rules_on_one_day():
    day = date(2020, 8, 1)
    assert in_force("lakeside", day).companions_max == 0
    assert (in_force("riverside", day).companions_max, str(in_force("riverside", day).fever_f)) == (1, "100.0")


def test_a_policy_for_all_ends_what_a_site_had_of_its_own():
    assert in_force("lakeside", date(2024, 12, 2)) == in_force("riverside", date(2024, 12, 2))


def test_after_march_2024_a_clinic_still_counts_ten_days_and_never_the_day_of_the_community():
    policy = as_screening_policy(in_force("lakeside", date(2024, 3, 4)), version=1)
    said = ScreeningAnswers(
        answered_on=date(2024, 3, 2),
        choices=dict.fromkeys(policy.questions, AnswerChoice.NO) | {TEST: AnswerChoice.YES},
        tested_on=date(2024, 3, 1), severity=Severity.NONE, weak_immune_system=ImmuneSystem.STRONG,
    )  # fmt: skip
    assert screen(policy, said, visit_on=date(2024, 3, 4)).earliest_day == date(2024, 3, 11)


def test_therapies_were_closed_in_march_2020_and_open_again_in_may():
    assert in_force("lakeside", date(2020, 4, 1)).therapies_closed == ("*",)
    assert not in_force("lakeside", date(2020, 6, 1)).therapies_closed


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.site}-{row.audience}-{row.begins}")
def test_every_policy_of_the_demo_can_be_read_and_names_what_there_is(row):
    assert list(wrong_with(SCREENING.read(row.content))) == []


# --- properties -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mistyped", "pointer"),
    [
        ({"tested_on": TODAY - timedelta(days=366)}, "/tested_on"),
        ({"tested_on": date(1900, 1, 1)}, "/tested_on"),
        ({"symptoms_began_on": TODAY - timedelta(days=300)}, "/symptoms_began_on"),
    ],
)
def test_a_mistyped_year_lets_nobody_in_who_has_just_tested_positive(mistyped, pointer):
    with pytest.raises(Invalid) as refused:
        result(positive(1, **mistyped))
    assert [one["pointer"] for one in refused.value.facts["errors"]] == [pointer]


def test_no_day_that_was_typed_ends_a_fever_of_the_last_24_hours():
    policy = replace(POLICY, fever_free=timedelta(hours=72))
    long_ago = answers(**{FEVER: AnswerChoice.YES, "fever_free_since": TODAY - timedelta(days=365)})
    assert screen(policy, long_ago, visit_on=TODAY).earliest_day == TODAY + timedelta(days=2)
    measured = answers(temperature_f=Decimal(102), fever_free_since=TODAY - timedelta(days=365))
    assert screen(policy, measured, visit_on=TODAY).earliest_day == TODAY + timedelta(days=4)


PAST = st.integers(0, 25).map(lambda days: TODAY - timedelta(days=days))
POLICIES = st.builds(
    lambda mild, more, most, fever: replace(
        POLICY, days=AwayDays(mild=mild, severe=mild + more, immunocompromised=mild + most),
        fever_free=timedelta(hours=fever),
    ),
    st.integers(1, 15), st.integers(0, 15), st.integers(0, 15), st.integers(0, 80),
)  # fmt: skip
ANSWERS = st.builds(
    ScreeningAnswers,
    answered_on=st.just(TODAY),
    choices=st.fixed_dictionaries(
        {key: st.sampled_from(QUESTIONNAIRE.questions[key].choices) for key in POLICY.questions}
    ),
    emergency=st.booleans(),
    tested_on=PAST,
    symptoms_began_on=st.none() | PAST,
    fever_free_since=st.none() | PAST,
    severity=st.sampled_from(Severity),
    weak_immune_system=st.sampled_from(ImmuneSystem),
    isolate_until=st.none() | st.integers(0, 60).map(lambda days: TODAY + timedelta(days=days)),
).filter(lambda said: not said.symptoms_began_on or said.symptoms_began_on >= said.tested_on - timedelta(days=10))
VISITS = st.integers(0, 40).map(lambda days: TODAY + timedelta(days=days))


def worse(said: ScreeningAnswers, key: str):
    """Yield the same answers with one question answered worse."""
    question = QUESTIONNAIRE.questions[key]
    now = question.outcome(said.choices[key])
    for choice in question.choices:
        if question.outcome(choice).rank > now.rank:
            yield replace(said, choices={**said.choices, key: choice})


@given(policy=POLICIES, said=ANSWERS, degrees=st.none() | st.just(Decimal(102)))
def test_whoever_has_a_fever_hears_no_day_that_begins_before_the_hours_without_one_can_be_over(policy, said, degrees):
    feverish = {**said.choices, FEVER: AnswerChoice.YES}
    ill = replace(said, choices=feverish, fever_free_since=None, temperature_f=degrees)
    day = screen(policy, ill, visit_on=TODAY).earliest_day
    assert day is None or day - (TODAY + timedelta(days=1)) >= policy.fever_free  # today ends when tomorrow begins


def looked_at(found, *, but: str) -> set[str]:
    """Return why somebody looks at answers, beside one question: a cough that is usual is looked at, a new one not."""
    why = {reason.question for reason in found.reasons if reason.outcome is Outcome.REVIEW}
    assert found.reviewed is bool(why)
    return why - {but}


@given(policy=POLICIES, said=ANSWERS, visit_on=VISITS, key=st.sampled_from(POLICY.questions))
def test_a_worse_answer_never_makes_it_better(policy, said, visit_on, key):
    now = screen(policy, said, visit_on=visit_on)
    for other in worse(said, key):
        found = screen(policy, other, visit_on=visit_on)
        assert found.outcome.rank >= now.outcome.rank
        assert looked_at(found, but=key) >= looked_at(now, but=key)
        if now.earliest_day and found.outcome is Outcome.REBOOK:
            assert found.earliest_day is None or found.earliest_day >= now.earliest_day


@given(policy=POLICIES, said=ANSWERS, visit_on=VISITS)
def test_the_first_day_never_comes_sooner_for_whoever_is_more_ill(policy, said, visit_on):
    sicker = [replace(said, severity=Severity.IN_HOSPITAL), replace(said, weak_immune_system=ImmuneSystem.WEAK)]
    if said.fever_free_since:
        sicker.append(replace(said, fever_free_since=min(TODAY, said.fever_free_since + timedelta(days=1))))
    now = screen(policy, said, visit_on=visit_on)
    for other in sicker:
        found = screen(policy, other, visit_on=visit_on)
        assert found.outcome.rank >= now.outcome.rank
        assert (found.earliest_day or date.min) >= (now.earliest_day or date.min)
        assert found.reviewed or not now.reviewed


@given(policy=POLICIES, said=ANSWERS, visit_on=VISITS)
def test_who_stays_away_hears_a_day_after_the_visit_or_after_today(policy, said, visit_on):
    found = screen(policy, said, visit_on=visit_on)
    if found.outcome is Outcome.REBOOK and found.earliest_day is None:
        assert found.reviewed  # whoever does not know until when they stay at home is told by a clinician
        assert said.isolate_until is None
    elif found.outcome is Outcome.REBOOK:
        assert found.earliest_day > min(visit_on, TODAY)


@given(policy=POLICIES, said=ANSWERS, visit_on=VISITS, later=st.integers(1, 60))
def test_who_stays_at_home_for_longer_never_comes_sooner(policy, said, visit_on, later):
    said = replace(said, choices={**said.choices, TOLD: AnswerChoice.YES}, isolate_until=said.isolate_until or TODAY)
    longer = replace(said, isolate_until=min(said.isolate_until + timedelta(days=later), TODAY + timedelta(days=60)))
    now, found = (screen(policy, each, visit_on=visit_on) for each in (said, longer))
    assert found.outcome is now.outcome
    if now.earliest_day is not None:
        assert found.earliest_day >= now.earliest_day > said.isolate_until
    unknown = screen(policy, replace(said, isolate_until=None), visit_on=visit_on)
    assert unknown.earliest_day is None or unknown.earliest_day > TODAY + timedelta(days=1)
    assert unknown.outcome is now.outcome


@given(policy=POLICIES, said=ANSWERS, visit_on=VISITS, degrees=st.decimals("95", "106", places=1))
def test_a_fever_on_the_thermometer_never_makes_it_better_and_is_not_let_in(policy, said, visit_on, degrees):
    now = screen(policy, said, visit_on=visit_on)
    found = screen(policy, replace(said, temperature_f=degrees), visit_on=visit_on)
    assert found.outcome.rank >= now.outcome.rank
    if degrees < Decimal(policy.fever_f):
        assert found == now
    else:
        assert found.outcome.rank >= Outcome.REBOOK.rank
        assert found.earliest_day is None or found.earliest_day > TODAY
        assert found.earliest_day is not None or found.reviewed


def test_at_the_door_only_what_is_asked_once_more_is_answered_and_the_thermometer_is_waited_for():
    policy = replace(POLICY, recheck=(FEVER,), temperature_at_door=True)
    said = ScreeningAnswers(answered_on=TODAY, choices={FEVER: AnswerChoice.NO})
    with pytest.raises(Invalid):
        screen_on_arrival(policy, said, visit_on=TODAY)
    measured = replace(said, temperature_f=Decimal("98.6"))
    assert screen_on_arrival(policy, measured, visit_on=TODAY).outcome is Outcome.PROCEED


def test_somebody_at_the_desk_is_meant_by_words_of_the_name_a_reference_or_digits():
    def means(typed):
        return is_meant(typed, name="Jürgen de la Cruz", reference="K7M-4QZ-92D", phones=["+13125550187"])

    assert all(map(means, ["jur", "Cruz Jürgen", "juergen", "K7M 4QZ", "k7m4qz92d", "0187", "(312) 555-01", "la cruz"]))
    assert not any(map(means, ["", "urgen", "Cruz Ben", "K8M", "87", "0188", "-"]))


@given(policy=POLICIES, said=ANSWERS, visit_on=VISITS)
def test_a_visit_that_is_a_call_keeps_nobody_away_but_whoever_needs_help(policy, said, visit_on):
    found = screen(policy, said, visit_on=visit_on, by_call=True)
    there = screen(policy, said, visit_on=visit_on)
    if there.outcome is Outcome.SEEK_CARE:
        assert found == there
    else:
        assert (found.outcome, found.earliest_day, found.masked, found.reviewed) == (
            Outcome.VIRTUAL,
            None,
            False,
            False,
        )

"""What follows for each therapy from what Alice answers: the shipped rules, their edges, and what always holds."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.suitability import findings
from booking.suitability.content import Disposition
from booking.suitability.facts import BloodCount, BookableTherapy, ClearedRule, SuitabilityFacts
from booking.suitability.judgement import judge, judge_all, questions_for
from booking.suitability.shipped import shipped_catalogue, shipped_rules

RULES = shipped_rules()
CATALOGUE = shipped_catalogue()
THERAPIES = {one.key: one for one in CATALOGUE}
TODAY = date(2026, 11, 26)
NO = {key: "no" for key, question in RULES.questions.items() if not question.source}
PASS, INFORM, REVIEW, BLOCK, STOP = Disposition

FEVER, THINNER, PACEMAKER = "fever_now", "anticoagulant", "pacemaker_icd_neurostimulator_pump"
ON_TREATMENT, TOLD_LOW = "on_active_cancer_treatment", "told_counts_low_value_unknown"
LIMB = "lymphoedema_or_nodes_removed"
LUNGS, VALVE = "asthma_copd_lung_disease_or_smoke_bothers", "heart_valve_or_endocarditis_history"
BLEEDS, BONES = "bleeding_or_liver_clotting_disorder", "bone_metastasis_or_fragile_or_unstable_spine"

FROM_BEST = ("no", "prefer_not_to_say", "not_sure", "maybe", "yes")


def facts(*, age: int | None = 40, labs=None, clearances=(), captures=None, place="", on=TODAY, **answers):
    """Return facts of somebody who answers no to all but `answers`. `labs`: the value and its age in days."""
    values = {key: BloodCount(Decimal(value), on - timedelta(days=days)) for key, (value, days) in (labs or {}).items()}
    return SuitabilityFacts(
        on=on, age=age, answers=NO | answers, labs=values, clearances=clearances, captures=captures or {}, place=place
    )


def judged(therapy: str, technique: str = "", **known):
    return judge(RULES, facts(**known), THERAPIES[therapy], technique=technique, catalogue=CATALOGUE)


def cleared(*, days_ago: int, therapies: frozenset[str] = frozenset()) -> ClearedRule:
    return ClearedRule(rule="R16", ends_on=TODAY + timedelta(days=90 - days_ago), therapies=therapies)


SAID = [
    (key, choice) for key, question in RULES.questions.items() if not question.source for choice in question.choices
]
LABS = [
    (key, value, days)
    for key in ("platelets", "neutrophils")
    for value in ("0.4", "15", "60", "200")
    for days in (1, 9)
]
CLEARANCES = [(), (cleared(days_ago=1),), (cleared(days_ago=1, therapies=frozenset({"acu_manual"})),)]

people = st.builds(
    lambda base, said, labs, **known: SuitabilityFacts(
        on=TODAY,
        answers=base | dict(said),
        labs={key: BloodCount(Decimal(value), TODAY - timedelta(days=days)) for key, value, days in labs},
        **known,
    ),
    base=st.sampled_from([NO, {}]),
    said=st.lists(st.sampled_from(SAID), max_size=5),
    labs=st.lists(st.sampled_from(LABS), max_size=2),
    age=st.sampled_from([None, 10, 40]),
    clearances=st.sampled_from(CLEARANCES),
    place=st.sampled_from(["", "infusion_bay"]),
)
"""Somebody's facts: what they answered beside no, or beside nothing; counts new and old."""

wanted = st.sampled_from([(one, technique) for one in CATALOGUE for technique in ("", *one.techniques)])


def test_alice_with_a_pacemaker_is_offered_needles_without_current():
    found = judged("acu_electro", **{PACEMAKER: "yes"})
    assert found.disposition is BLOCK
    assert found.offers_call_back
    assert {"acu_manual", "acupressure"} <= {one.therapy for one in found.alternatives}
    assert judged("acu_manual", **{PACEMAKER: "yes"}).flags == ("R20",)


@pytest.mark.parametrize(
    ("platelets", "disposition"), [("19.9", BLOCK), ("20", REVIEW), ("49.9", REVIEW), ("50", INFORM), ("100", PASS)]
)
def test_a_count_at_the_limit_belongs_to_the_range_that_begins_there(platelets, disposition):
    assert judged("acu_manual", labs={"platelets": (platelets, 0)}).disposition is disposition


@pytest.mark.parametrize(("days", "disposition"), [(7, INFORM), (8, REVIEW)])
def test_a_low_count_of_more_than_a_week_ago_is_looked_at_though_she_was_told_nothing(days, disposition):
    assert judged("acu_manual", labs={"platelets": ("60", days)}).disposition is disposition


@pytest.mark.parametrize(
    ("answer", "labs", "disposition"),
    [
        ("not_sure", {"platelets": ("120", 3)}, PASS),
        ("not_sure", {"platelets": ("120", 8)}, REVIEW),
        ("not_sure", {"neutrophils": ("3", 3)}, REVIEW),
        ("yes", {"platelets": ("120", 3)}, REVIEW),
        ("yes", {"platelets": ("120", 3), "neutrophils": ("3", 3)}, PASS),
    ],
)
def test_what_she_was_told_counts_unless_the_clinic_knows_the_counts_itself(answer, labs, disposition):
    assert judged("acu_manual", labs=labs, **{TOLD_LOW: answer}).disposition is disposition


@pytest.mark.parametrize(("days_ago", "disposition"), [(0, INFORM), (89, INFORM), (90, REVIEW)])
def test_a_clearance_ends_on_its_last_day_and_leaves_a_word_for_who_treats(days_ago, disposition):
    found = judged("acu_manual", clearances=(cleared(days_ago=days_ago),), **{THINNER: "yes"})
    assert (found.disposition, found.flags) == (disposition, ("R16",))


def test_a_clearance_for_one_therapy_is_none_for_another_and_lifts_no_block():
    one = (cleared(days_ago=1, therapies=frozenset({"acu_manual"})),)
    assert judged("acu_manual", clearances=one, **{THINNER: "yes"}).disposition is INFORM
    assert judged("acu_heated", clearances=one, **{THINNER: "yes"}).disposition is REVIEW
    everything = (cleared(days_ago=1),)
    assert judged("cup_wet", clearances=everything, **{THINNER: "yes"}).disposition is BLOCK
    assert judged("acu_manual", clearances=everything, **{BLEEDS: "yes"}).disposition is REVIEW


@pytest.mark.parametrize(
    ("answer", "on_treatment", "disposition", "number"),
    [
        ("yes", "yes", STOP, True),
        ("yes", "not_sure", STOP, True),
        ("yes", "prefer_not_to_say", STOP, True),
        ("yes", "no", BLOCK, False),
        ("not_sure", "yes", REVIEW, True),
        ("prefer_not_to_say", "no", REVIEW, True),
        ("no", "yes", PASS, False),
    ],
)
def test_a_fever_in_treatment_shows_the_number_at_once(answer, on_treatment, disposition, number):
    found = judged("acupressure", **{FEVER: answer, ON_TREATMENT: on_treatment})
    assert (found.disposition, found.shows_number) == (disposition, number)
    assert found.alternatives == () if disposition is STOP else True


@pytest.mark.parametrize(
    ("therapy", "technique", "answers", "disposition"),
    [
        ("acu_auricular", "", {BLEEDS: "yes"}, REVIEW),
        ("acu_auricular", "ear_seeds", {BLEEDS: "yes"}, PASS),
        ("acu_auricular", "", {VALVE: "yes"}, REVIEW),
        ("acu_auricular", "press_tacks", {VALVE: "yes"}, BLOCK),
        ("acu_heated", "heat_lamp", {LUNGS: "yes"}, PASS),
        ("acu_heated", "needle_top_moxa", {LUNGS: "yes"}, BLOCK),
    ],
)
def test_a_technique_is_judged_on_its_own(therapy, technique, answers, disposition):
    assert judged(therapy, technique, **answers).disposition is disposition


def test_ear_seeds_are_offered_where_ear_needles_are_looked_at_first():
    found = judged("acu_auricular", **{BLEEDS: "yes"})
    assert ("acu_auricular", "ear_seeds") in [(one.therapy, one.technique) for one in found.alternatives]


def test_what_is_offered_begins_with_what_needs_no_look_and_what_the_rule_names():
    found = judged("moxa_indirect", **{LUNGS: "yes", PACEMAKER: "yes"})
    assert found.alternatives[0].therapy == "acupressure"
    ranks = [one.disposition.rank for one in found.alternatives]
    assert ranks == sorted(ranks)
    assert {one.disposition for one in found.alternatives} == {PASS, INFORM, REVIEW}
    assert not {"cup_wet", "moxa_direct", "screening_call", "moxa_indirect"} & {
        one.therapy for one in found.alternatives
    }


def test_who_treats_is_told_which_limb_to_avoid_and_that_nobody_said_which():
    told = judged("acu_manual", captures={LIMB: ("left_arm", "left_leg")}, **{LIMB: "yes"})
    assert told.flags == ("avoid_limb:left_arm", "avoid_limb:left_leg")
    assert judged("acu_manual", **{LIMB: "yes"}).flags == ("avoid_limb:unknown",)


def test_a_child_comes_with_a_guardian_and_somebody_of_unknown_age_is_looked_at():
    child = judged("acupressure", age=17)
    assert (child.disposition, child.needs) == (REVIEW, ("guardian_consent",))
    assert judged("acupressure", age=18).disposition is PASS
    assert judged("acupressure", age=None).unanswered == ("age",)


def test_a_question_for_children_means_nothing_for_ben():
    spleen = "spleen_removed_and_under_18"
    assert judged("acu_manual", age=40, **{spleen: "yes"}).disposition is PASS
    assert "R64" in {one.rule for one in judged("acu_manual", age=10, **{spleen: "yes"}).fired}


def test_beside_the_infusion_nothing_burns():
    assert judged("acu_heated", place="infusion_bay").disposition is BLOCK
    assert judged("acu_electro", place="infusion_bay").disposition is REVIEW
    assert judged("acu_manual", place="infusion_bay").disposition is PASS


@pytest.mark.parametrize(("answer", "disposition"), [("yes", REVIEW), ("not_sure", REVIEW), ("no", PASS)])
def test_cupping_in_treatment_is_looked_at(answer, disposition):
    assert judged("cup_dry", **{ON_TREATMENT: answer}).disposition is disposition


def test_the_call_of_a_clinician_is_never_judged():
    assert judged("screening_call", age=None, **dict.fromkeys(NO, "yes")).disposition is PASS


def test_only_what_can_change_the_outcome_is_asked():
    pressure = questions_for(RULES, RULES.names_of("acupressure"), age=40)
    needles = questions_for(RULES, RULES.names_of("acu_manual"), age=40)
    assert PACEMAKER in needles
    assert PACEMAKER not in pressure
    assert set(pressure) < set(needles)
    assert "spleen_removed_and_under_18" not in needles
    assert "spleen_removed_and_under_18" in questions_for(RULES, RULES.names_of("acu_manual"), age=10)
    assert LUNGS not in questions_for(RULES, RULES.names_of("acu_heated", "heat_lamp"), age=40)
    assert LUNGS in questions_for(RULES, RULES.names_of("acu_heated", "needle_top_moxa"), age=40)
    assert "not_eaten_or_alcohol_today" in questions_for(RULES, RULES.names_of("acupressure"), age=40, asked="door")
    assert questions_for(RULES, RULES.names_of("screening_call"), age=40) == ()


@given(people, wanted, st.data())
def test_a_worse_answer_never_improves_what_follows(known, what, data):
    key = data.draw(st.sampled_from(sorted(NO)))
    choices = sorted(RULES.questions[key].choices, key=FROM_BEST.index)
    better, worse = sorted(data.draw(st.lists(st.sampled_from(choices), min_size=2, max_size=2)), key=FROM_BEST.index)
    first, second = (
        judge(RULES, replace(known, answers={**known.answers, key: answer}), what[0], technique=what[1])
        for answer in (better, worse)
    )
    assert second.disposition.rank >= first.disposition.rank


@given(people, wanted)
def test_whoever_answers_nothing_is_never_better_off_than_whoever_answers_no(known, what):
    whole = judge(RULES, replace(known, answers={**NO, **known.answers}), what[0], technique=what[1])
    assert judge(RULES, known, what[0], technique=what[1]).disposition.rank >= whole.disposition.rank


def unsure_worse_than_yes(known, therapy, technique, key, answer) -> bool:
    unsure, sure = (
        judge(RULES, replace(known, answers={**known.answers, key: one}), therapy, technique=technique)
        for one in (answer, "yes")
    )
    return unsure.disposition.rank > sure.disposition.rank


@given(people, wanted, st.sampled_from(sorted(NO)), st.sampled_from(["not_sure", "prefer_not_to_say"]))
def test_not_being_sure_is_never_worse_than_a_yes(known, what, key, answer):
    assert not unsure_worse_than_yes(known, *what, key, answer)


def test_not_being_sure_would_be_worse_than_a_yes_without_the_cap(monkeypatch):
    monkeypatch.setattr(findings, "_unsure", lambda effects: dict.fromkeys(effects, BLOCK))
    assert unsure_worse_than_yes(facts(), THERAPIES["acu_manual"], "", PACEMAKER, "not_sure")


@given(people, wanted, st.randoms(use_true_random=False))
def test_the_order_of_rules_and_answers_changes_nothing(known, what, random):
    written = list(RULES.rules)
    random.shuffle(written)
    answers = list(known.answers.items())
    random.shuffle(answers)
    one = judge(RULES, known, what[0], technique=what[1], catalogue=CATALOGUE)
    other = judge(
        replace(RULES, rules=tuple(written)), replace(known, answers=dict(answers)), what[0],
        technique=what[1], catalogue=CATALOGUE,
    )  # fmt: skip
    assert one.disposition is other.disposition
    for name in ("fired", "flags", "needs", "alternatives"):
        assert set(getattr(one, name)) == set(getattr(other, name))


@given(people, wanted)
def test_a_no_is_never_a_dead_end(known, what):
    found = judge(RULES, known, what[0], technique=what[1], catalogue=CATALOGUE)
    assert found.disposition is not BLOCK or found.alternatives or found.offers_call_back
    assert found.disposition is not STOP or found.shows_number


@given(people, wanted)
def test_what_is_not_booked_online_is_never_booked_online(known, what):
    closed = replace(what[0], self_bookable=False)
    assert judge(RULES, known, closed, technique=what[1]).disposition.rank >= BLOCK.rank


@pytest.mark.parametrize(("answer", "disposition"), [("yes", BLOCK), ("maybe", REVIEW), ("no", PASS)])
def test_an_answer_that_a_rule_does_not_list_is_never_taken_for_a_no(answer, disposition):
    moxa = judge(RULES, facts(**{LUNGS: answer}), THERAPIES["moxa_indirect"])
    assert moxa.disposition is disposition


@settings(max_examples=30)
@given(people)
def test_a_whole_catalogue_is_judged_as_its_therapies_are_one_by_one(known):
    found = judge_all(RULES, known, CATALOGUE)
    assert {key: one.disposition for key, one in found.items()} == {
        one.key: judge(RULES, known, one).disposition for one in CATALOGUE
    }


def test_a_therapy_of_a_clinics_own_goes_by_its_own_name():
    assert judge(RULES, facts(**{FEVER: "yes"}), BookableTherapy(key="qigong")).disposition is BLOCK
    assert judge(RULES, facts(**{BONES: "yes"}), BookableTherapy(key="qigong")).disposition is PASS


@settings(max_examples=60, deadline=None)
@given(one=wanted, age=st.sampled_from([10, 17, 18, 40]), data=st.data())
def test_whoever_answers_what_is_asked_is_asked_nothing_more(one, age, data):
    therapy, technique = one
    asked = questions_for(RULES, RULES.names_of(therapy.key, technique), age=age)
    said = {key: data.draw(st.sampled_from(RULES.questions[key].choices)) for key in asked}
    known = SuitabilityFacts(on=TODAY, age=age, answers=said)
    assert judge(RULES, known, therapy, technique=technique).unanswered == ()

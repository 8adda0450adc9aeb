"""What Alice answers before she books, as a value: cleaned against the questions there are, and kept as JSON."""

import json
from datetime import UTC, datetime

import pytest

from booking.suitability.answers import SuitabilityAnswers, answered_no, read_answers
from booking.suitability.shipped import shipped_rules
from core.refusals import Invalid

RULES = shipped_rules()
CLOT, LIMB, FEVER = "clot_in_leg_or_arm", "lymphoedema_or_nodes_removed", "fever_now"


def test_what_alice_answers_is_the_same_after_her_draft_was_sealed_and_opened():
    said = read_answers(
        RULES, {CLOT: "yes", FEVER: "no"}, {CLOT: ("left_arm",)}, answered_at=datetime(2026, 11, 26, 12, tzinfo=UTC)
    )
    assert SuitabilityAnswers.from_json(json.loads(json.dumps(said.to_json()))) == said


@pytest.mark.parametrize(
    ("answers", "captures", "pointer"),
    [
        ({"stars_sign": "yes"}, {}, "/answers/stars_sign"),
        ({"platelets": "20"}, {}, "/answers/platelets"),
        ({"age": "44"}, {}, "/answers/age"),
        ({FEVER: "maybe"}, {}, "/answers/fever_now"),
        ({CLOT: "yes"}, {CLOT: ("tail",)}, f"/captures/{CLOT}"),
        ({CLOT: "no"}, {CLOT: ("left_arm",)}, f"/captures/{CLOT}"),
        ({FEVER: "yes"}, {FEVER: ("left_arm",)}, "/captures/fever_now"),
        ({}, {"stars_sign": ("left_arm",)}, "/captures/stars_sign"),
    ],
)
def test_alice_is_told_which_answer_there_is_not(answers, captures, pointer):
    with pytest.raises(Invalid) as refused:
        read_answers(RULES, answers, captures)
    assert [one["pointer"] for one in refused.value.facts["errors"]] == [pointer]


def test_what_other_rules_do_not_ask_counts_as_never_answered():
    said = SuitabilityAnswers(
        answers={CLOT: "yes", "asked_once": "yes", FEVER: "maybe", LIMB: "no"},
        captures={CLOT: ("left_arm", "tail"), LIMB: ("left_arm",)},
    )
    assert said.known_to(RULES) == SuitabilityAnswers(answers={CLOT: "yes", LIMB: "no"}, captures={CLOT: ("left_arm",)})


def test_what_is_answered_anew_replaces_the_answer_with_its_place():
    before = SuitabilityAnswers(answers={CLOT: "yes", FEVER: "no"}, captures={CLOT: ("left_arm",)})
    assert before.beside(SuitabilityAnswers(answers={CLOT: "no"})) == SuitabilityAnswers(
        answers={CLOT: "no", FEVER: "no"}
    )


def test_whoever_says_no_to_all_is_asked_nothing_that_only_staff_know():
    said = answered_no(RULES)
    assert set(said.answers.values()) == {"no"}
    assert not {"age", "platelets", "neutrophils"} & said.answers.keys()
    assert read_answers(RULES, said.answers) == said

"""The suitability rules written down: what is refused, a clinic's examples, the page in the docs."""

import pytest
from django.core.management import CommandError, call_command

from booking.management.commands.suitability_table import page
from booking.suitability.content import Disposition, SuitabilityContent
from booking.suitability.examples import disagreements
from booking.suitability.rules import rule_set
from booking.suitability.shipped import EXAMPLES, shipped_catalogue, shipped_content, shipped_rules
from core.policies.content import read_content
from core.policies.yaml_text import read_yaml
from core.refusals import Invalid
from tests.architecture import tree

RULES = shipped_rules()
CATALOGUE = shipped_catalogue()
EDGES = sorted((tree.ROOT / "tests" / "data" / "suitability").glob("*.yaml"))
"""Where ranges, ages and clearances begin and end, and what several answers do together, in the words of the rules."""
BLOCK = Disposition.BLOCK_SELF_BOOKING
FEVER, THINNER, PACEMAKER = "fever_now", "anticoagulant", "pacemaker_icd_neurostimulator_pump"
ON_TREATMENT, LIMB = "on_active_cancer_treatment", "lymphoedema_or_nodes_removed"


@pytest.mark.parametrize("file", [EXAMPLES, *EDGES], ids=lambda file: file.stem)
def test_every_example_is_kept(file):
    assert list(disagreements(read_yaml(file.read_text(encoding="utf-8")), RULES, CATALOGUE)) == []


@pytest.mark.parametrize(
    ("example", "said"),
    [
        ({"given": {"therapy": "acu_manual"}, "then": "inform"}, "expected inform, found pass (no rule)"),
        ({"given": {"therapy": "acu_manual", THINNER: "yes"}, "then": "pass"}, "found clinician_review (R16)"),
        ({"given": {"therapy": "acu_manual"}, "then": "pass", "flags": ["R16"]}, "expected flags R16, found nothing"),
        (
            {"given": {"therapy": "acu_manual"}, "then": "pass", "rules_include": ["R01"]},
            "expected rules R01 among nothing",
        ),
        (
            {
                "given": {"therapy": "acu_electro", PACEMAKER: "yes"},
                "then": str(BLOCK),
                "alternatives_exclude": ["acu_manual"],
            },
            "did not expect alternatives acu_manual",
        ),
        ({"given": {"therapy": "reiki"}, "then": "pass"}, "there is no therapy 'reiki'"),
        ({"given": {"therapy": "acu_manual", "technique": "ear_seeds"}, "then": "pass"}, "no technique 'ear_seeds'"),
        ({"given": {"therapy": "acu_manual", "humours": "yes"}, "then": "pass"}, "nobody asks humours"),
        ({"given": {"therapy": "acu_manual", FEVER: "maybe"}, "then": "pass"}, "not answered by 'maybe'"),
        ({"given": {"therapy": "acu_manual", "platelets": "many"}, "then": "pass"}, "platelets is no number"),
        ({"given": {"therapy": "acu_manual", "age": 1.5}, "then": "pass"}, "age is no whole number"),
        ({"given": {"therapy": "acu_manual", "age": -3}, "then": "pass"}, "cannot be read: age is less than 0"),
        ({"given": {"therapy": "acu_manual"}, "then": "maybe"}, "cannot be read: there is no outcome 'maybe'"),
        *(
            ({"given": {"therapy": "acu_manual"}, "then": "pass", name: ["reiki"]}, f"there is no {kind} 'reiki'")
            for name, kind in (
                ("alternatives_include", "therapy or technique"),
                ("alternatives_exclude", "therapy or technique"),
                ("flags", "flag"),
                ("needs", "need"),
                ("rules_exclude", "rule"),
                ("day_questions", "question"),
            )
        ),
        (
            {"given": {"therapy": "acu_manual", "platelets_age_days": 3}, "then": "pass"},
            "no value for platelets_age_days",
        ),
        ({"given": {"therapy": "acu_manual", "clearance": 3}, "then": "pass"}, "a clearance names a rule"),
        ({"given": {"therapy": "acu_manual"}, "then": "pass", "colour": ["red"]}, "nothing is known of colour"),
        ({"given": {"therapy": "acu_manual"}, "then": "pass", "flags": "R16"}, "flags has to be a list"),
        ({"given": {"therapy": "acu_manual"}}, "`given` and `then`"),
        (3, "`given` and `then`"),
    ],
)
def test_an_example_that_is_not_kept_or_cannot_be_read_is_named(example, said):
    found = list(disagreements([example], RULES, CATALOGUE))
    assert len(found) == 1
    assert said in found[0]


def test_examples_may_say_yes_without_quotes_and_name_limbs_and_several_clearances():
    examples = [
        {
            "given": {"therapy": "acu_manual", LIMB: True, "limb": "left_arm"},
            "then": "inform",
            "flags": ["avoid_limb:left_arm"],
        },
        {"given": {"therapy": "acu_manual", LIMB: True, "limb": ["left_arm"], FEVER: False}, "then": "inform"},
        {
            "given": {"therapy": "acu_manual", THINNER: "yes", "clearance": [{"rule": "R16", "age_days": 1}]},
            "then": "inform",
        },
        {"given": {"therapy": "any", FEVER: "yes", ON_TREATMENT: "yes"}, "then": "stop_and_call"},
    ]
    assert list(disagreements(examples, RULES, CATALOGUE)) == []
    assert list(disagreements({}, RULES, CATALOGUE)) == ["The file holds no list of examples."]


@pytest.mark.parametrize(
    ("part", "value", "pointer"),
    [
        ("params", {"plt_block": "many"}, "/params/plt_block"),
        ("params", {"plt_block": 60}, "/params/plt_block"),
        ("rules", [{"id": "R1", "ask": FEVER, "when": "yes", "to": {"all": "forbid"}}], "/rules/0/to/all"),
        ("site_restrictions", [{"id": "SR1", "to": {"wet": "inform"}}], "/site_restrictions/0/population"),
        ("questions", {FEVER: {"page": "now", "colour": "red"}}, "/questions/fever_now/colour"),
        ("groups", ["needling"], "/groups"),
    ],
)
def test_rules_that_cannot_be_read_are_refused_with_the_place(part, value, pointer):
    content = shipped_content()
    content[part] = {**content[part], **value} if isinstance(content[part], dict) and isinstance(value, dict) else value
    with pytest.raises(Invalid) as refused:
        read_content(SuitabilityContent, content)
    assert pointer in {one["pointer"] for one in refused.value.facts["errors"]}


def test_a_rule_that_names_a_number_that_nobody_knows_is_refused():
    content = shipped_content()
    content["rules"] = [{"id": "R1", "ask": "platelets", "when": "< plt_blok", "to": {"needling": "inform"}}]
    with pytest.raises(ValueError, match="plt_blok"):
        rule_set(read_content(SuitabilityContent, content))


def test_the_table_in_the_docs_is_that_of_the_shipped_rules():
    assert (tree.ROOT / "docs/suitability.md").read_text(encoding="utf-8") == "\n".join(page()) + "\n"


def examples_file(tmp_path, text: str) -> str:
    file = tmp_path / "examples.yaml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_clinician_checks_examples_of_their_own(tmp_path, capsys):
    call_command("check_examples")
    call_command("check_examples", examples_file(tmp_path, "[{given: {therapy: acu_manual}, then: pass}]"))
    with pytest.raises(SystemExit) as left:
        call_command(
            "check_examples", examples_file(tmp_path, "[{given: {therapy: acu_manual}, then: inform}]"), EXAMPLES
        )
    assert left.value.code == 1
    said = capsys.readouterr().out
    assert "suitability-examples.yaml: every example agrees." in said
    assert "examples.yaml: Example 1, acu_manual: expected inform, found pass (no rule)." in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# mine\n[{given: ", "cannot be read: This is no YAML, in line 2: "),
        ("a: 1\na: 2", "cannot be read: This is given twice, in line 1 and in line 2"),
    ],
)
def test_a_file_of_examples_that_is_no_yaml_is_refused(tmp_path, text, said):
    with pytest.raises(CommandError, match=said):
        call_command("check_examples", examples_file(tmp_path, text))
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("check_examples", str(tmp_path / "nowhere.yaml"))

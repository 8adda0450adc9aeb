"""The suitability rules as a policy: what is refused when they are written, how they are signed, and which hold."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from booking.suitability.examples import disagreements
from booking.suitability.facts import SuitabilityFacts
from booking.suitability.judgement import judge_all
from booking.suitability.policies import KEY, SUITABILITY, rules_in_force
from booking.suitability.records import facts_of
from booking.suitability.shipped import EXAMPLES, asks_nothing, shipped_catalogue, shipped_content, shipped_rules
from core.models import Policy
from core.policies.actions import policies as actions
from core.policies.content import hash_of
from core.policies.errors import PolicyExamplesFail, PolicyUnapproved
from core.policies.keys import PolicyKey, changes_in_words, values_of, yaml_of
from core.policies.yaml_text import read_yaml
from core.principal import Principal
from core.refusals import Invalid
from demo import suitability
from tests.factories.booking import make_patient
from tests.factories.policies import adopt_suitability, end_suitability
from tests.factories.scheduler import make_site

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 10, 5, 12, tzinfo=UTC)
ADULTS = [one for one in shipped_catalogue() if one.self_bookable]
DANA, LI, MAY = (Principal.system(name) for name in ("dana", "dr-li", "dr-may"))


@pytest.fixture
def site(catalogue):
    """A site of a clinic that begins: it has no rules yet."""
    end_suitability()
    return make_site("main")


def drafted(content=None, **where):
    return actions.draft(KEY, content or shipped_content(), by=DANA, at=NOON, **where)


def signed(row, *, at=NOON):
    for clinician in (LI, MAY):
        actions.approve(row.pk, by=clinician, at=at)
    return actions.publish(row.pk, by=DANA, at=at)


def changed(content, value, *path):
    *outer, name = path
    for one in outer:
        content = content[one]
    content[name] = value


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        (("rules", 0, "id"), "R02", "/rules"),
        (("rules", 0, "ask"), "humours", "/rules/0/ask"),
        (("rules", 0, "when"), "often", "/rules/0/when"),
        (("rules", 0, "when"), "< plt_block", "/rules/0/when"),
        (("rules", 0, "when"), [], "/rules/0/when"),
        (("rules", 0, "if_also"), "weather", "/rules/0/if_also"),
        (("rules", 0, "to"), {"yoga": "inform"}, "/rules/0/to"),
        (("rules", 0, "to"), {}, "/rules/0/to"),
        (("rules", 0, "else"), {"yoga": "inform"}, "/rules/0/else"),
        (("rules", 1, "else"), {"all": "inform"}, "/rules/1/else"),
        (("rules", 3, "when"), "yes", "/rules/3/when"),
        (("rules", 3, "when"), "< plt_blocked", "/rules/3/when"),
        (("rules", 4, "when"), "plt_review..plt_block", "/rules/4/when"),
        (("rules", 0, "needs"), "a friend", "/rules/0/needs"),
        (("rules", 0, "capture"), "limb", "/rules/0/capture"),
        (("rules", 0, "flag"), "avoid_limb:{limb}", "/rules/0/flag"),
        (("site_restrictions", 0, "id"), "R01", "/rules"),
        (("site_restrictions", 0, "population"), "sailors", "/site_restrictions/0/population"),
        (("site_restrictions", 0, "population"), "age", "/site_restrictions/0/population"),
        (("site_restrictions", 0, "to"), {"yoga": "inform"}, "/site_restrictions/0/to"),
        (("site_restrictions", 2, "place"), "balcony", "/site_restrictions/2/place"),
        (("predicates", "on_treatment_or_low_counts", "any", 0), {"humours": "yes"},
         "/predicates/on_treatment_or_low_counts/any/0/humours"),
        (("predicates", "on_treatment_or_low_counts", "any", 0), {"neutrophils": "< few"},
         "/predicates/on_treatment_or_low_counts/any/0/neutrophils"),
        (("predicates", "on_treatment_or_low_counts", "any", 0), {"age": "< 18"},
         "/predicates/on_treatment_or_low_counts/any/0/age"),
        (("groups", "needling"), ["yoga"], "/groups/needling"),
        (("technique_groups", "ear_seeds"), ["seeds"], "/technique_groups/ear_seeds"),
        (("technique_groups", "yoga"), ["pressure"], "/technique_groups/yoga"),
        (("exempt",), ["yoga"], "/exempt/0"),
        (("needs", "accessible_room"), {"place": "balcony"}, "/needs/accessible_room"),
        (("needs", "accessible_room"), {"note": False}, "/needs/accessible_room"),
        (("questions", "platelets", "from"), "patient", "/questions/platelets/from"),
        (("questions", "seizures", "page"), "blank", "/questions/seizures/page"),
        (("questions", "seizures", "keep"), "ever", "/questions/seizures/keep"),
        (("questions", "seizures", "asked"), ["later"], "/questions/seizures/asked"),
        (("questions", "seizures", "asked"), [], "/questions/seizures/asked"),
        (("questions", "seizures", "en"), "", "/questions/seizures"),
        (("questions", "seizures", "en"), "Seizures in the last {years} years", "/questions/seizures"),
        (("questions", "seizures", "choices"), ["yes", "not_sure"], "/questions/seizures/choices"),
        (("questions", "seizures", "only_for"), ["yoga"], "/questions/seizures/only_for"),
        (("pages", "now"), {"es": "¿Cómo está?"}, "/pages/now"),
        (("captures", "limb"), [], "/captures/limb"),
        (("texts", "dispositions", "inform"), {"es": "Bien."}, "/texts/dispositions/inform"),
        (("texts", "dispositions", "inform"), {"en": "Ask {somebody}."}, "/texts/dispositions/inform"),
        (("texts", "dispositions", "inform"), {"en": "Your Diagnosis is known."}, "/texts/dispositions/inform"),
        (("texts", "always"), {"en": "You are not eligible."}, "/texts/always"),
        (("texts", "flags", "R40"), {"en": "avoid {leg}"}, "/texts/flags/R40"),
        (("texts", "flags", "R99"), {"en": "be careful"}, "/texts/flags/R99"),
        (("unsure", "default"), "pass", "/unsure/default"),
        (("unsure", "never_worse_than_yes"), False, "/unsure/never_worse_than_yes"),
        (("to_keys",), ["group"], "/to_keys"),
        (("clearance", "valid_until"), "for ever", "/clearance/valid_until"),
        (("params", "plt_block"), 60, "/params/plt_block"),
        (("examples",), [], "/examples"),
        (("order",), {"pages": []}, "/order"),
        (("ruleset",), {"key": "onc-safety"}, "/ruleset"),
    ],
)  # fmt: skip
def test_a_clinician_who_writes_a_rule_that_nobody_could_judge_by_reads_where(path, value, pointer, catalogue):
    content = shipped_content()
    changed(content, value, *path)
    with pytest.raises(Invalid) as refused:
        drafted(content)
    assert pointer in [error["pointer"] for error in refused.value.facts["errors"]]


@pytest.mark.parametrize(
    ("lint", "language", "text", "errors"),
    [
        ({}, "es", "Usted no es elegible, tiene un diagnosis.", [
            ("/texts/dispositions/inform", "People do not read “diagnosis” here."),
            ("/texts/dispositions/inform", "People do not read “elegible” here."),
        ]),
        ({"forbidden": {"es-MX": ["prueba"]}}, "es-MX", "Una prueba.", [
            ("/texts/dispositions/inform", "People do not read “prueba” here."),
        ]),
        ({}, "es", "Puede reservar.", []),
        ({"forbidden_de": ["Diagnose"]}, "de", "Ihre diagnose.", [
            ("/texts/dispositions/inform", "People do not read “Diagnose” here."),
        ]),
        ({"forbidden_de": ["Diagnose"]}, "de", "Gut.", []),
        ({}, "de", "Gut.", [
            ("/texts/dispositions/inform/de",
             "Say first which words people are spared in German: list them under lint as forbidden_de."),
        ]),
        ({"forbidden_de": []}, "de-AT", "Gut.", [
            ("/texts/dispositions/inform/de-AT",
             "Say first which words people are spared in German: list them under lint as forbidden_de."),
        ]),
        ({}, "xx-klingon", "Qapla", [
            ("/texts/dispositions/inform/xx-klingon",
             "Nobody knows the language “xx-klingon”. Write a language tag such as es or zh-Hans."),
        ]),
        ({"forbidden_xx": ["Qapla"]}, "es", "Bien.", [
            ("/lint/forbidden_xx", "Nobody knows the language “xx”. Write a language tag such as es or zh-Hans."),
        ]),
    ],
)  # fmt: skip
def test_a_text_is_looked_through_in_each_language_and_none_is_taken_unlooked_at(
    lint, language, text, errors, catalogue
):
    content = shipped_content()
    content["lint"] |= lint
    content["texts"]["dispositions"]["inform"][language] = text
    if not errors:
        assert drafted(content).content["texts"]["dispositions"]["inform"][language] == text
        return
    with pytest.raises(Invalid) as refused:
        drafted(content)
    assert [(one["pointer"], one["detail"]) for one in refused.value.facts["errors"]] == errors


@pytest.mark.parametrize("where", [("questions", "seizures"), ("pages", "now"), ("texts", "flags", "R40")])
def test_no_text_is_in_a_language_of_which_nobody_has_thought(where, catalogue):
    content, at = shipped_content(), f"/{'/'.join(where)}/fr"
    content["pages"]["now"] = {"en": "How are you now?"}
    changed(content, "Bonjour", *where, "fr")
    with pytest.raises(Invalid) as refused:
        drafted(content)
    assert [one["pointer"] for one in refused.value.facts["errors"]] == [at]


def test_the_shipped_rules_hold_once_two_clinicians_have_signed_them(catalogue, site):
    row = drafted()
    assert rules_in_force(site.pk, at=NOON) is None
    actions.approve(row.pk, by=LI, at=NOON)
    with pytest.raises(PolicyUnapproved):
        actions.publish(row.pk, by=DANA, at=NOON)
    signed(row)
    rules, version = rules_in_force(site.pk, at=NOON)
    assert version == row.version
    assert list(disagreements(read_yaml(EXAMPLES.read_text(encoding="utf-8")), rules, shipped_catalogue())) == []
    assert rules_in_force(site.pk, at=NOON - timedelta(minutes=1)) is None


def test_questions_are_asked_in_the_order_in_which_they_were_written_down(catalogue, site):
    signed(drafted())
    rules, _version = rules_in_force(site.pk, at=NOON)
    assert list(rules.questions) == list(shipped_rules().questions)
    assert list(rules.content.pages) == list(shipped_rules().content.pages)


def test_who_puts_questions_in_another_order_after_it_was_signed_needs_new_signatures(catalogue):
    row, content = drafted(), shipped_content()
    actions.approve(row.pk, by=LI, at=NOON)
    content["pages"] = dict(reversed(content["pages"].items()))
    actions.revise(row.pk, content, by=DANA)
    row.refresh_from_db()
    assert actions.approvers(row) == set()
    assert row.content_hash != hash_of(SUITABILITY.stored(shipped_content()))


def test_rules_that_are_written_out_and_read_in_again_are_the_same_to_the_last_question(catalogue):
    row = drafted()
    row.refresh_from_db()
    again = drafted(read_yaml(yaml_of(row)))
    assert again.content_hash == row.content_hash


def test_rules_are_made_ready_once_for_all_that_are_judged_by_them(catalogue, site):
    signed(drafted())
    first, _version = rules_in_force(site.pk, at=NOON)
    site.save()
    again, _version = rules_in_force(site.pk, at=NOON)
    assert first is again


def test_a_site_with_rules_of_its_own_is_judged_by_them(catalogue, site):
    signed(drafted())
    content = shipped_content()
    content["rules"], content["texts"]["flags"] = content["rules"][:3], {}
    content["examples"] = content["examples"][-1:]
    own = signed(drafted(content, site=site))
    rules, version = rules_in_force(site.pk, at=NOON)
    assert (len(rules.rules), version) == (3, own.version)


def test_a_clinician_reads_each_rule_and_question_in_words_before_signing(catalogue):
    lines = dict(values_of(drafted()))
    assert lines["Rule R52"].startswith(
        "You use oxygen at home or on the way: yes; Acupuncture with heat, all with moxa: not booked online"
    )
    assert lines["Restriction SR3"].startswith(
        "in the place infusion bay; all with cups, all with warmth: not booked online"
    )
    assert "Seizures or epilepsy" in lines["Question seizures"]


def test_a_clinician_reads_which_rule_becomes_another(catalogue):
    before = shipped_content()
    after = deepcopy(before)
    after["rules"][0]["to"]["all"] = "clinician_review"
    after["questions"] = dict(reversed(after["questions"].items()))
    found = changes_in_words(drafted(after), SUITABILITY.stored(before))
    assert [line.partition(":")[0] for line in found] == ["Rule R01", "Order of questions"]


def test_an_operator_imports_what_is_shipped_as_a_draft_by_one_command(catalogue, capsys):
    call_command("policies", "import", KEY)
    row = Policy.objects.get(key=KEY, state="draft")
    assert (row.state, SUITABILITY.completed(row.content)) == ("draft", shipped_content())
    assert "0 of 2 approvals are there." in capsys.readouterr().out


def test_rules_that_were_signed_elsewhere_keep_their_order_and_their_signatures(catalogue, site):
    lasting = DateTimeTZRange(NOON, None)
    row = actions.adopt(KEY, shipped_content(), effective=lasting, by=DANA, at=NOON, approved_by=[LI.key, MAY.key])
    assert actions.approvers(row) == {LI.key, MAY.key}
    rules, _version = rules_in_force(site.pk, at=NOON)
    assert list(rules.questions) == list(shipped_rules().questions)


def test_a_clinic_made_to_try_other_things_asks_nobody_anything(catalogue):
    rules, _version = rules_in_force(make_site("main").pk, at=NOON)
    SUITABILITY.read(asks_nothing())
    assert {one.disposition for one in judge_all(rules, SuitabilityFacts(on=NOON.date()), ADULTS).values()} == {"pass"}


def test_people_of_the_demo_hold_valid_answers_to_the_shipped_rules(catalogue):
    row, alice = adopt_suitability(), make_patient(make_site("main"))
    suitability.answer_for_all(at=NOON)
    rules, version = rules_in_force(alice.site_id, at=NOON)
    facts = facts_of(alice, rules, at=NOON, zone=alice.site.tz, visit_day=NOON.date())
    assert version == row.version
    assert {one.unanswered for one in judge_all(rules, facts, ADULTS).values()} == {()}
    assert actions.approvers(row) == set(), "nobody signed it"


def test_a_rule_of_the_demo_means_something_for_some_of_its_people_and_all_can_be_booked(catalogue, monkeypatch):
    monkeypatch.setattr(suitability, "ONE_TAKES_IT_IN", 1)
    adopt_suitability()
    alice = make_patient(make_site("main"))
    suitability.answer_for_all(at=NOON)
    rules, _version = rules_in_force(alice.site_id, at=NOON)
    facts = facts_of(alice, rules, at=NOON, zone=alice.site.tz, visit_day=NOON.date())
    found = judge_all(rules, facts, ADULTS)
    assert found["acu_manual"].disposition == "inform"
    assert max(one.disposition.rank for one in found.values()) == found["acu_manual"].disposition.rank


def test_rules_that_do_not_do_what_their_examples_say_are_not_published_and_who_signs_reads_which(site):
    content = shipped_content()
    thinner = next(rule for rule in content["rules"] if rule["id"] == "R16")
    thinner["to"]["needling"] = "inform"
    row = drafted(content)
    shown = actions.impact(row, actions.publication(row, at=NOON), at=NOON)
    failed = "Example 6, acu_manual: expected clinician_review, found inform (R16)."
    assert failed in shown
    with pytest.raises(PolicyExamplesFail) as refused:
        signed(row)
    assert [error["detail"] for error in refused.value.facts["errors"]] == [failed]
    assert rules_in_force(site.pk, at=NOON) is None
    content["examples"][5]["then"] = "inform"
    actions.revise(row.pk, content, by=DANA)
    signed(row)
    assert rules_in_force(site.pk, at=NOON)


def test_without_the_trial_rules_that_their_examples_contradict_are_published(site, monkeypatch):
    monkeypatch.setattr(PolicyKey, "failures", lambda _key, _content: [])
    content = shipped_content()
    content["examples"].append({"given": {"therapy": "acu_manual"}, "then": "stop_and_call"})
    signed(drafted(content))
    assert rules_in_force(site.pk, at=NOON)


def test_an_example_that_nobody_can_read_keeps_rules_from_being_published(site):
    content = shipped_content()
    content["examples"].append("Alice is fine")
    with pytest.raises(PolicyExamplesFail):
        signed(drafted(content))

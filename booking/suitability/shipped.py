"""The rule set that is shipped: a draft, until a clinic's own clinicians have signed one."""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from booking.suitability.content import SuitabilityContent
from booking.suitability.facts import BookableTherapy
from booking.suitability.rules import RuleSet, rule_set
from core.policies.content import read_content
from core.policies.yaml_text import read_yaml
from scheduler import public as scheduler

FIXTURES = Path(__file__).parent.parent / "fixtures"
RULES, QUESTIONS = FIXTURES / "suitability-rules.yaml", FIXTURES / "suitability-questions.yaml"
EXAMPLES = FIXTURES / "suitability-examples.yaml"
HEAD = "ruleset"


@cache
def _as_shipped() -> dict[str, Any]:
    rules, questions = (read_yaml(file.read_text(encoding="utf-8")) for file in (RULES, QUESTIONS))
    content = {name: one for name, one in (rules | questions).items() if name != HEAD}
    return content | {"examples": read_yaml(EXAMPLES.read_text(encoding="utf-8"))}


def shipped_content() -> dict[str, Any]:
    """Return the shipped rules, questions and examples as one content, as YAML has them."""
    return deepcopy(_as_shipped())


ASKS_NOTHING: dict[str, Any] = {
    "rules": [],
    "site_restrictions": [],
    "questions": {},
    "pages": {},
    "captures": {},
    "predicates": {},
    "needs": {},
    "groups": {},
    "technique_groups": {},
    "exempt": [],
    "examples": [],
}


def asks_nothing() -> dict[str, Any]:
    """Return a content by which nobody is asked anything, and everybody may book: for clinics made to try others."""
    content = shipped_content() | deepcopy(ASKS_NOTHING)
    content["texts"]["flags"] = {}
    return content


@cache
def shipped_rules() -> RuleSet:
    """Return the shipped rule set ready to judge by."""
    return rule_set(read_content(SuitabilityContent, shipped_content()))


def shipped_catalogue() -> tuple[BookableTherapy, ...]:
    """Return the therapies that are shipped, as far as a judgement cares."""
    return tuple(
        BookableTherapy(
            key=one["key"],
            techniques=tuple(one.get("techniques", ())),
            self_bookable=one["self_bookable"],
            active=one.get("active_default", True),
        )
        for one in scheduler.fixture("therapies")["therapies"]
    )

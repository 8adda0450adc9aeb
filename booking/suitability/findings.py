"""What each rule has to say of somebody, before it is known for which therapy."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from booking.suitability.content import Disposition, RestrictionContent, by_rank
from booking.suitability.facts import BloodCount, SuitabilityFacts
from booking.suitability.rules import (
    AGE,
    BLEEDING,
    INFECTION,
    UNSURE,
    VALUE_UNKNOWN,
    Condition,
    NumberRange,
    RuleSet,
    SuitabilityRule,
)

Effects = Mapping[str, Disposition]
UNANSWERED = "unanswered"
STALE = "stale"
REVIEW = Disposition.CLINICIAN_REVIEW


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """What one rule or restriction means for somebody, before it is known for which therapy."""

    key: str
    ask: str
    answer: str
    effects: Effects
    rule: SuitabilityRule | None = None

    def worst(self, names: frozenset[str]) -> Disposition | None:
        """Return what it means for whatever goes by these names, None where it says nothing of that."""
        return max((self.effects[one] for one in names & self.effects.keys()), key=by_rank, default=None)


def findings(rules: RuleSet, facts: SuitabilityFacts) -> Iterator[RuleFinding]:
    """Yield what each rule and restriction has to say."""
    for rule in rules.rules:
        match rule.condition:
            case NumberRange() as numbers if rule.ask == AGE:
                yield from _by_age(rule, numbers, facts.age)
            case NumberRange() as numbers if rule.ask in facts.labs:
                yield from _by_count(rules, rule, numbers, facts)
            case frozenset() as answers:
                yield from _by_answer(rules, rule, answers, facts)
    for restriction in rules.restrictions:
        yield from _by_restriction(restriction, facts)


def _by_age(rule: SuitabilityRule, numbers: NumberRange, age: int | None) -> Iterator[RuleFinding]:
    if age is None:
        yield RuleFinding(rule.key, AGE, UNANSWERED, _unsure(rule.effects), rule)
    elif Decimal(age) in numbers:
        yield RuleFinding(rule.key, AGE, str(age), rule.effects, rule)


def _by_count(
    rules: RuleSet, rule: SuitabilityRule, numbers: NumberRange, facts: SuitabilityFacts
) -> Iterator[RuleFinding]:
    lab = facts.labs[rule.ask]
    if lab.value in numbers and _is_fresh(rules, lab, facts.on):
        yield RuleFinding(rule.key, rule.ask, str(lab.value), rule.effects, rule)
    elif lab.value in numbers:
        # What was low may be lower by now: a clinician looks, whatever the number alone would mean.
        yield RuleFinding(rule.key, rule.ask, STALE, dict.fromkeys(rule.effects, REVIEW), rule)


def _by_answer(
    rules: RuleSet, rule: SuitabilityRule, answers: frozenset[str], facts: SuitabilityFacts
) -> Iterator[RuleFinding]:
    question = rules.questions[rule.ask]
    answer = facts.answers.get(rule.ask, UNANSWERED)
    not_asked = answer == UNANSWERED and "booking" not in question.asked
    out_of_age = question.age_below and facts.age is not None and facts.age >= question.age_below
    if not_asked or out_of_age or (rule.ask == VALUE_UNKNOWN and _value_known(rules, facts, answer)):
        return
    effects = rule.effects if _holds(rules, rule.if_also, facts) else rule.otherwise
    if answer in answers:
        yield RuleFinding(rule.key, rule.ask, answer, effects, rule)
    elif is_unsure(answer):
        yield RuleFinding(rule.key, rule.ask, answer, _unsure(effects), rule)


def _by_restriction(restriction: RestrictionContent, facts: SuitabilityFacts) -> Iterator[RuleFinding]:
    answer = facts.answers.get(restriction.population, UNANSWERED)
    if restriction.place:
        if restriction.place == facts.place:
            yield RuleFinding(restriction.id, "place", restriction.place, restriction.to)
    elif answer == "yes":
        yield RuleFinding(restriction.id, restriction.population, answer, restriction.to)
    elif is_unsure(answer):
        yield RuleFinding(restriction.id, restriction.population, answer, _unsure(restriction.to))


def _value_known(rules: RuleSet, facts: SuitabilityFacts, answer: str) -> bool:
    """Whether the clinic knows the counts itself, so that what somebody was told of them does not matter.

    Who was told for sure that a count is low, where the platelets are not, may have been told of the others.
    """
    needed = (BLEEDING, INFECTION) if answer == "yes" else (BLEEDING,)
    return all(key in facts.labs and _is_fresh(rules, facts.labs[key], facts.on) for key in needed)


def _is_fresh(rules: RuleSet, lab: BloodCount, on: date) -> bool:
    return (on - lab.taken_on).days <= rules.content.params.lab_max_age_days


def _holds(rules: RuleSet, predicate: str, facts: SuitabilityFacts) -> bool:
    """Whether a predicate holds; one that is not named does. Of who does not say, the worse is taken."""
    return not predicate or any(_part_holds(ask, condition, facts) for ask, condition in rules.predicates[predicate])


def _part_holds(ask: str, condition: Condition, facts: SuitabilityFacts) -> bool:
    if isinstance(condition, NumberRange):
        return ask in facts.labs and facts.labs[ask].value in condition
    answer = facts.answers.get(ask, UNANSWERED)
    return answer in condition or (is_unsure(answer) and not condition.isdisjoint(UNSURE))


def is_unsure(answer: str) -> bool:
    """Whether an answer says neither yes nor no, also where there is none."""
    return answer not in ("yes", "no")


def _unsure(effects: Effects) -> Effects:
    """Return what an answer means that nobody is sure of: a review, and never worse than a yes."""
    return {name: min(REVIEW, disposition, key=by_rank) for name, disposition in effects.items()}

"""What follows for each therapy from somebody's answers: rules and facts in, dispositions with their reasons out.

Software routes a booking to a person; it never judges one. Nothing here knows a database or a clock.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from booking.suitability.content import Disposition, QuestionContent, by_rank
from booking.suitability.facts import BookableTherapy, SuitabilityFacts
from booking.suitability.findings import UNANSWERED, RuleFinding, findings
from booking.suitability.rules import UNSURE, RuleSet, SuitabilityRule

NOT_ONLINE = "not_bookable_online"
REVIEW, INFORM, PASS = Disposition.CLINICIAN_REVIEW, Disposition.INFORM, Disposition.PASS
BLOCK, STOP = Disposition.BLOCK_SELF_BOOKING, Disposition.STOP_AND_CALL


@dataclass(frozen=True, slots=True)
class FiredRule:
    """A rule that had a say: what was answered, and what that alone means for the therapy."""

    rule: str
    ask: str
    answer: str
    disposition: Disposition


@dataclass(frozen=True, slots=True)
class Alternative:
    """What could be booked instead, and what would follow for it. `asks_more`: after some more questions."""

    therapy: str
    technique: str
    disposition: Disposition
    asks_more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Suitability:
    """What follows for one therapy, or one technique of it.

    `fired`: worst first; `flags`: for who treats; `needs`: for who prepares; `day_questions`: asked again at the door;
    `unanswered`: questions whose answer could change this; `shows_number`: the number to call is shown at once.
    `fired` and `unanswered` are for clinicians: who must not read the answers must not read them.
    """

    therapy: str
    technique: str
    disposition: Disposition
    fired: tuple[FiredRule, ...]
    flags: tuple[str, ...]
    needs: tuple[str, ...]
    day_questions: tuple[str, ...]
    unanswered: tuple[str, ...]
    shows_number: bool
    alternatives: tuple[Alternative, ...] = ()

    @property
    def offers_call_back(self) -> bool:
        """Whether somebody may ask to be called about it."""
        return self.disposition is BLOCK


def judge(
    rules: RuleSet,
    facts: SuitabilityFacts,
    wanted: BookableTherapy,
    *,
    technique: str = "",
    catalogue: Sequence[BookableTherapy] = (),
) -> Suitability:
    """Return what follows for a therapy that somebody wants. `catalogue`: what there is to offer instead."""
    found = tuple(findings(rules, facts))
    result = _for_one(rules, facts, found, wanted, technique)
    if result.disposition.rank < REVIEW.rank or result.disposition is STOP:
        return result
    return _with_alternatives(rules, facts, found, result, catalogue)


def judge_all(rules: RuleSet, facts: SuitabilityFacts, catalogue: Sequence[BookableTherapy]) -> dict[str, Suitability]:
    """Return what follows for each therapy of a catalogue, by its key; no technique is chosen yet."""
    found = tuple(findings(rules, facts))
    return {one.key: _for_one(rules, facts, found, one, "") for one in catalogue}


@lru_cache(maxsize=8192)
def questions_for(rules: RuleSet, names: frozenset[str], *, age: int | None, asked: str = "booking") -> tuple[str, ...]:
    """Return what is asked, in the order of the questionnaire: only what can change the outcome for these names.

    `asked`: when, one of `booking`, `before` and `door`.
    """
    wanted: set[str] = set()
    for rule in rules.rules:
        if rule.speaks_of(names):
            wanted |= {rule.ask, *(ask for ask, _condition in rules.predicates.get(rule.if_also, ()))}
    wanted |= {one.population for one in rules.restrictions if not names.isdisjoint(one.to)}
    return tuple(
        key
        for key, question in rules.questions.items()
        if key in wanted and asked in question.asked and _is_for(question, names, age)
    )


def _is_for(question: QuestionContent, names: frozenset[str], age: int | None) -> bool:
    too_old = question.age_below and age is not None and age >= question.age_below
    return not too_old and (not question.only_for or not names.isdisjoint(question.only_for))


def _for_one(
    rules: RuleSet, facts: SuitabilityFacts, found: Sequence[RuleFinding], wanted: BookableTherapy, technique: str
) -> Suitability:
    names = rules.names_of(wanted.key, technique)
    speaking = [(one, worst) for one in found if (worst := one.worst(names)) is not None]
    fired = [
        FiredRule(one.key, one.ask, one.answer, _cleared(one, worst, wanted.key, facts)) for one, worst in speaking
    ]
    if not wanted.self_bookable:
        fired.append(FiredRule(NOT_ONLINE, "", "", BLOCK))
    return Suitability(
        therapy=wanted.key,
        technique=technique,
        disposition=max((one.disposition for one in fired), key=by_rank, default=PASS),
        fired=tuple(sorted(fired, key=lambda one: -one.disposition.rank)),
        flags=tuple(dict.fromkeys(flag for one, _worst in speaking for flag in _flags(rules, one.rule, facts))),
        needs=tuple(
            dict.fromkeys(one.rule.written.needs for one, _worst in speaking if one.rule and one.rule.written.needs)
        ),
        day_questions=questions_for(rules, names, age=facts.age, asked="door"),
        unanswered=tuple(dict.fromkeys(one.ask for one, _worst in speaking if one.answer == UNANSWERED)),
        shows_number=any(worst is STOP or _unsure_of_stop(one) for one, worst in speaking),
    )


def _unsure_of_stop(one: RuleFinding) -> bool:
    return one.rule is not None and one.rule.stops and one.answer in UNSURE


def _cleared(one: RuleFinding, worst: Disposition, therapy: str, facts: SuitabilityFacts) -> Disposition:
    """Return what is left of a review where a clinician has cleared somebody: who treats is told."""
    may_be = worst is REVIEW and one.rule is not None and one.rule.written.clearance
    if may_be and any(given.covers(one.key, therapy, on=facts.on) for given in facts.clearances):
        return INFORM
    return worst


def _flags(rules: RuleSet, rule: SuitabilityRule | None, facts: SuitabilityFacts) -> Iterator[str]:
    """Yield what who treats is told: "avoid_limb:left_arm", or the rule whose words the questionnaire has."""
    if rule is None:
        return
    if not rule.written.flag:
        yield from [rule.key] if rule.key in rules.content.texts.flags else []
        return
    captured = facts.captures.get(rule.ask) or ("unknown",)
    yield from (rule.written.flag.replace(f"{{{rule.written.capture}}}", one) for one in captured)


def _with_alternatives(
    rules: RuleSet,
    facts: SuitabilityFacts,
    found: Sequence[RuleFinding],
    result: Suitability,
    catalogue: Sequence[BookableTherapy],
) -> Suitability:
    """Add what could be booked instead: what needs nobody's look first, what a fired rule offers before others."""
    offered = {name for one in found if one.rule for name in one.rule.written.offer if one.answer != UNANSWERED}
    others = [
        (rank, Alternative(one.therapy, one.technique, one.disposition, asks_more=bool(one.unanswered)))
        for rank, one in enumerate(_others(rules, facts, found, result, catalogue))
        if one.disposition.rank <= REVIEW.rank
    ]
    others.sort(
        key=lambda one: (one[1].disposition.rank, offered.isdisjoint({one[1].therapy, one[1].technique}), one[0])
    )
    return replace(result, alternatives=tuple(one for _rank_before, one in others))


def _others(
    rules: RuleSet,
    facts: SuitabilityFacts,
    found: Sequence[RuleFinding],
    result: Suitability,
    catalogue: Sequence[BookableTherapy],
) -> Iterator[Suitability]:
    """Yield what follows for the other therapies, and for a technique where that is better than its therapy."""
    for one in catalogue:
        if one.key in rules.content.exempt or not one.active:
            continue
        whole = _for_one(rules, facts, found, one, "")
        if one.key != result.therapy:
            yield whole
        for technique in one.techniques:
            if technique in rules.content.technique_groups and technique != result.technique:
                alone = _for_one(rules, facts, found, one, technique)
                if alone.disposition.rank < whole.disposition.rank:
                    yield alone

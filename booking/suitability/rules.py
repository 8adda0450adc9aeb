"""A suitability rule set ready to judge by: what each rule fires for, and which therapies it speaks of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from booking.suitability.content import (
    Disposition,
    ParametersContent,
    PredicateContent,
    QuestionContent,
    RestrictionContent,
    RuleContent,
    SuitabilityContent,
)

EVERY_THERAPY = "all"
UNSURE = frozenset({"not_sure", "prefer_not_to_say"})
"""Answers of whoever does not know, or does not want to say; an answer that is missing counts like these."""

AGE, VALUE_UNKNOWN = "age", "told_counts_low_value_unknown"
BLEEDING, INFECTION = "platelets", "neutrophils"


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Numbers from `least` (None: all there are) to less than `below`."""

    least: Decimal | None
    below: Decimal

    def __contains__(self, value: Decimal) -> bool:
        return (self.least is None or value >= self.least) and value < self.below


Condition = frozenset[str] | NumberRange


@dataclass(frozen=True, slots=True, kw_only=True)
class SuitabilityRule:
    """A rule with its condition read: the answers, or the numbers, for which it fires."""

    key: str
    ask: str
    condition: Condition
    effects: Mapping[str, Disposition]
    otherwise: Mapping[str, Disposition]
    if_also: str
    written: RuleContent

    def speaks_of(self, names: frozenset[str]) -> bool:
        """Whether anything that goes by these names could be another outcome by this rule."""
        return not names.isdisjoint(self.effects) or not names.isdisjoint(self.otherwise)

    @property
    def stops(self) -> bool:
        """Whether it could send somebody to the phone."""
        return Disposition.STOP_AND_CALL in self.effects.values()


# Told apart by identity: a rule set is made once, and what follows from it alone is reckoned once.
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RuleSet:
    """All that a judgement needs to know. `therapy_groups`: the names that a therapy goes by beside its own."""

    content: SuitabilityContent
    rules: tuple[SuitabilityRule, ...]
    therapy_groups: Mapping[str, frozenset[str]]
    predicates: Mapping[str, tuple[tuple[str, Condition], ...]]

    @property
    def questions(self) -> Mapping[str, QuestionContent]:
        """By their keys, which rules name in `ask`."""
        return self.content.questions

    @property
    def restrictions(self) -> tuple[RestrictionContent, ...]:
        """What holds for populations and kinds of places, whatever the rules say."""
        return self.content.site_restrictions

    def speaks_of(self, names: frozenset[str]) -> bool:
        """Whether anything that goes by these names could be another outcome by any rule or restriction."""
        restricted = any(not names.isdisjoint(one.to) for one in self.restrictions)
        return restricted or any(rule.speaks_of(names) for rule in self.rules)

    @lru_cache(maxsize=1024)  # noqa: B019  (few rule sets are ever made)
    def names_of(self, therapy: str, technique: str = "") -> frozenset[str]:
        """Return what rules may call a therapy, done in one technique where that is chosen.

        A technique with groups of its own is judged by these alone: ear seeds are no needles. A therapy that is never
        judged, such as the call of a clinician, has no names.
        """
        if therapy in self.content.exempt:
            return frozenset()
        own = self.content.technique_groups.get(technique)
        groups = frozenset(own) if own is not None else self.therapy_groups.get(therapy, frozenset())
        return groups | {EVERY_THERAPY, therapy} | ({technique} if technique else frozenset())


def rule_set(content: SuitabilityContent) -> RuleSet:
    """Return a content ready to judge by. Raises ValueError for what nobody could judge by, in words."""
    groups: dict[str, set[str]] = {}
    for group, members in content.groups.items():
        for therapy in (members,) if isinstance(members, str) else members:
            groups.setdefault(therapy, set()).add(group)
    return RuleSet(
        content=content,
        rules=tuple(_rule(one, content.params) for one in content.rules),
        therapy_groups={therapy: frozenset(names) for therapy, names in groups.items()},
        predicates={key: tuple(_parts(one, content.params)) for key, one in content.predicates.items()},
    )


def _rule(written: RuleContent, params: ParametersContent) -> SuitabilityRule:
    return SuitabilityRule(
        key=written.id,
        ask=written.ask,
        condition=read_condition(written.when, params),
        effects=written.to,
        otherwise=written.otherwise,
        if_also=written.if_also,
        written=written,
    )


def _parts(predicate: PredicateContent, params: ParametersContent) -> Iterator[tuple[str, Condition]]:
    for one in predicate.any:
        for ask, when in one.items():
            yield ask, read_condition(when, params)


def read_condition(when: str | tuple[str, ...], params: ParametersContent) -> Condition:
    """Return for which answers, or numbers, a rule fires: "yes", ["yes", "maybe"], "< plt_block", "a..b".

    Raises ValueError for a number that is neither written nor one of the parameters.
    """
    if not isinstance(when, str):
        return frozenset(when)
    if when.startswith("<"):
        return NumberRange(None, _number(when.removeprefix("<"), params))
    if ".." in when:
        least, below = when.split("..", maxsplit=1)
        return NumberRange(_number(least, params), _number(below, params))
    return frozenset({when})


def _number(text: str, params: ParametersContent) -> Decimal:
    name = text.strip()
    named: Any = getattr(params, name, None) if name.isidentifier() else None
    if named is not None:
        return Decimal(named)
    if not name.replace(".", "", 1).isdecimal():
        raise ValueError(f"{name} is neither a number nor one of the parameters.")
    return Decimal(name)

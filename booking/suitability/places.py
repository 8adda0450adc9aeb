"""Kinds of places that rules keep from therapies: left out wherever there are others, else judged with."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache

from booking.suitability.content import RestrictionContent
from booking.suitability.facts import BookableTherapy, SuitabilityFacts
from booking.suitability.judgement import Suitability, judge
from booking.suitability.needs import place_needs
from booking.suitability.rules import RuleSet
from scheduler import public as scheduler


@lru_cache(maxsize=1024)
def restricted_kinds(rules: RuleSet, therapy: str, technique: str) -> tuple[str, ...]:
    """Return the kinds of places that a rule set keeps from a therapy, the one with the gravest outcome first."""
    names = rules.names_of(therapy, technique)
    found = [one for one in rules.restrictions if one.place and not names.isdisjoint(one.to)]
    return tuple(dict.fromkeys(one.place for one in sorted(found, key=lambda one: -_worst(one, names))))


def _worst(restriction: RestrictionContent, names: frozenset[str]) -> int:
    return max(restriction.to[name].rank for name in names & restriction.to.keys())


def judge_at(
    site: int,
    rules: RuleSet,
    facts: SuitabilityFacts,
    wanted: BookableTherapy,
    *,
    visit: str,
    at: datetime,
    technique: str = "",
    catalogue: Sequence[BookableTherapy] = (),
) -> Suitability:
    """Return what follows for a therapy at a site (its id): by its kind of place, too, where rules keep that from it.

    Only where there is no other place: search and claims leave it out elsewhere.
    """
    found = judge(rules, facts, wanted, technique=technique, catalogue=catalogue)
    if not restricted_kinds(rules, wanted.key, technique):
        return found
    kind = scheduler.kind_left(wanted.key, visit, technique, site, place_needs(rules, found), at=at)
    return judge(rules, replace(facts, place=kind), wanted, technique=technique, catalogue=catalogue) if kind else found

"""What somebody needs of the place where they are treated, by what they answered: for searches, claims and words."""

from collections.abc import Iterable, Iterator, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from booking.suitability.content import NeedContent
from booking.suitability.findings import UNANSWERED
from booking.suitability.judgement import Suitability
from booking.suitability.rules import RuleSet

NOTHING = frozenset[str]()

WORDS: Mapping[str, str | Promise] = {
    "accessible_room": _("a height-adjustable table"),
    "companion": _("a seat for somebody who comes along"),
    "guardian_consent": _("a form for the parent or guardian who comes along"),
}
"""What a clinic's needs are called in words; others by what the place must have, or by their key."""


def needs_of(rules: RuleSet, found: Suitability) -> list[str]:
    """Return what somebody needs, by the rules' names for it, as far as their answers say: each once."""
    said = {one.rule for one in found.fired if one.answer != UNANSWERED}
    return list(dict.fromkeys(r.written.needs for r in rules.rules if r.key in said and r.written.needs))


def features_of(rules: RuleSet, needs: Iterable[str]) -> Iterator[str]:
    """Yield the features that a place must have for these needs, of those that ask for any."""
    for key in needs:
        if (need := rules.content.needs.get(key)) is not None and need.place:
            yield need.place


def place_needs(rules: RuleSet, found: Suitability) -> frozenset[str]:
    """Return the features that a place must have for somebody."""
    return frozenset(features_of(rules, needs_of(rules, found)))


def places_in_words(rules: RuleSet, found: Suitability) -> Iterator[str]:
    """Yield what a place must have for somebody, in words."""
    yield from (need_in_words(rules, key) for key in needs_of(rules, found) if any(features_of(rules, [key])))


def asks_for_places(rules: RuleSet, names: frozenset[str]) -> bool:
    """Whether anything that goes by these names could ask for a place that has something."""
    return any(any(features_of(rules, [one.written.needs])) for one in rules.rules if one.speaks_of(names))


def need_in_words(rules: RuleSet, key: str) -> str:
    """Return what is prepared for somebody."""
    return need_in_words_of(rules.content.needs, key)


def need_in_words_of(needs: Mapping[str, NeedContent], key: str) -> str:
    """Return what a need is called, among those that a content writes down."""
    need = needs.get(key)
    return str(WORDS.get(key) or (need.place if need and need.place else key).replace("_", " "))

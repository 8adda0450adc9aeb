"""What is refused of suitability rules when they are written: names of nothing, and what the engine would not keep."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from django.utils.translation import gettext

from booking.suitability.content import (
    Disposition,
    NeedContent,
    QuestionContent,
    RuleContent,
    SuitabilityContent,
    TextsContent,
    Words,
)
from booking.suitability.rules import EVERY_THERAPY, NumberRange, read_condition
from booking.suitability.word_lint import forbidden_words, without_words
from core.policies.content import FieldError
from core.text.languages import NO_LANGUAGE, base_of, language_in_words, unknown_languages
from scheduler import public as scheduler

BIRTH_DATE, LAB = "birth_date", "lab"
MOMENTS = ("booking", "before", "door")
PLACEHOLDER = re.compile(r"\{(\w*)\}")
SAID_TO_PEOPLE = frozenset({"due", "phone"})
FEWEST_CHOICES = 2
KEPT = {
    "/to_keys": ("group", "therapy", "technique"),
    "/clearance/valid_until": "granted + clearance_days, end exclusive",
    "/unsure/default": Disposition.CLINICIAN_REVIEW,
    "/unsure/never_worse_than_yes": True,
    "/unsure/stop_rules": "show_the_number_at_once_and_clinician_review",
}
"""What a rule set says about how it is judged: it stands there to be read and signed, and there is no other way."""


@dataclass(frozen=True, slots=True)
class ClinicNames:
    """What the clinic has, looked up once: therapies, techniques, and features of places as rules name them."""

    therapies: frozenset[str]
    techniques: frozenset[str]
    features: frozenset[str]

    @classmethod
    def now(cls) -> Self:
        """Return what the clinic has now."""
        terms = scheduler.all_booking_terms()
        # hi-lo is hi_lo, too.
        features = (name for one in scheduler.place_features() for name in (one, one.replace("-", "_")))
        techniques = (name for one in terms.values() for name in one.techniques)
        return cls(frozenset(terms), frozenset(techniques), frozenset(features))

    def unknown(self, content: SuitabilityContent, names: Iterable[str]) -> list[str]:
        """Return what is neither a group nor a therapy or technique of the clinic."""
        known = {EVERY_THERAPY, *content.groups, *content.technique_groups, *self.therapies, *self.techniques}
        return sorted(set(names) - known)


def wrong_with(content: SuitabilityContent) -> Iterator[FieldError]:
    """Yield what nobody could judge by, or would read in vain, each with its place."""
    clinic = ClinicNames.now()
    for check in (_rules, _restrictions, _predicates, _questions, _names, _texts, _languages, _settled, _examples):
        yield from ({"pointer": at, "detail": detail} for at, detail in check(content, clinic))


def _rules(content: SuitabilityContent, clinic: ClinicNames) -> Iterator[tuple[str, str]]:
    keys = [*(rule.id for rule in content.rules), *(one.id for one in content.site_restrictions)]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield "/rules", gettext("%s stands there twice.") % key
    for number, rule in enumerate(content.rules):
        question = content.questions.get(rule.ask)
        if question is None:
            yield f"/rules/{number}/ask", f"{rule.id}: {_no_question(rule.ask)}"
            continue
        for at, detail in (*_condition(content, rule, question), *_rule_names(content, rule, question, clinic)):
            yield f"/rules/{number}/{at}", f"{rule.id}: {detail}"


def _condition(content: SuitabilityContent, rule: RuleContent, question: QuestionContent) -> Iterator[tuple[str, str]]:
    for detail in _wrong_condition(content, rule.when, question):
        yield "when", detail
    if not rule.to:
        yield "to", gettext("Say for which therapies this holds.")
    if rule.otherwise and not rule.if_also:
        yield "else", gettext("This is read only where if_also says when.")
    if rule.if_also and rule.if_also not in content.predicates:
        yield "if_also", gettext("There is no predicate %s.") % rule.if_also


def _wrong_condition(
    content: SuitabilityContent, when: str | tuple[str, ...], question: QuestionContent
) -> Iterator[str]:
    """Yield what is wrong with the answers, or the numbers, for which something fires."""
    try:
        condition = read_condition(when, content.params)
    except ValueError as error:
        yield str(error)
        return
    if isinstance(condition, NumberRange) is not bool(question.source):
        yield gettext("Answers are listed; a range is for numbers that the clinic knows.")
    elif isinstance(condition, NumberRange):
        if condition.least is not None and condition.least >= condition.below:
            yield gettext("No number lies in this range.")
    else:
        known = frozenset(question.choices)
        yield from (gettext("%s is none of the answers.") % one for one in sorted(condition - known))
        if not condition:
            yield gettext("Say for which answer this fires.")


def _rule_names(
    content: SuitabilityContent, rule: RuleContent, question: QuestionContent, clinic: ClinicNames
) -> Iterator[tuple[str, str]]:
    for at, names in (("to", rule.to), ("else", rule.otherwise)):
        for name in clinic.unknown(content, names):
            yield at, _no_therapy(name)
    if rule.needs and rule.needs not in content.needs:
        yield "needs", gettext("Nothing says what %s needs.") % rule.needs
    if rule.capture != question.capture:
        yield "capture", gettext("What is captured has to be the same for the rule and its question.")
    for name in PLACEHOLDER.findall(rule.flag):
        if name != rule.capture:
            yield "flag", _no_placeholder(name)


def _restrictions(content: SuitabilityContent, clinic: ClinicNames) -> Iterator[tuple[str, str]]:
    for number, one in enumerate(content.site_restrictions):
        at, question = f"/site_restrictions/{number}", content.questions.get(one.population)
        if one.population and (question is None or question.source):
            yield f"{at}/population", f"{one.id}: {_no_question(one.population)}"
        if one.place and one.place not in clinic.features:
            yield f"{at}/place", f"{one.id}: {_no_feature(one.place)}"
        for name in clinic.unknown(content, one.to):
            yield f"{at}/to", f"{one.id}: {_no_therapy(name)}"


def _predicates(content: SuitabilityContent, _clinic: ClinicNames) -> Iterator[tuple[str, str]]:
    for key, predicate in content.predicates.items():
        for number, part in enumerate(predicate.any):
            for ask, when in part.items():
                at, question = f"/predicates/{key}/any/{number}/{ask}", content.questions.get(ask)
                if question is None or question.source == BIRTH_DATE:
                    yield at, _no_question(ask)
                else:
                    yield from ((at, detail) for detail in _wrong_condition(content, when, question))


def _questions(content: SuitabilityContent, clinic: ClinicNames) -> Iterator[tuple[str, str]]:
    for key, question in content.questions.items():
        found = _known_otherwise(question) if question.source else _asked(content, question, clinic)
        yield from ((f"/questions/{key}{at}", detail) for at, detail in found)
    for key, words in content.pages.items():
        if isinstance(words, str) or words.get("en"):
            continue
        yield f"/pages/{key}", _no_english()
    for key, choices in content.captures.items():
        if not choices:
            yield f"/captures/{key}", gettext("Say what can be chosen.")


def _known_otherwise(question: QuestionContent) -> Iterator[tuple[str, str]]:
    if question.source not in (BIRTH_DATE, LAB):
        yield "/from", gettext("Choose from: %s.") % ", ".join((BIRTH_DATE, LAB))


def _asked(content: SuitabilityContent, question: QuestionContent, clinic: ClinicNames) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a question that people are asked."""
    yield from (("", detail) for detail in _wrong_wording(content, question))
    if question.page not in content.pages:
        yield "/page", gettext("There is no page %s.") % question.page
    if question.keep not in content.keep_days:
        yield "/keep", gettext("Nothing says how many days %s is.") % question.keep
    if not question.asked or not set(MOMENTS).issuperset(question.asked):
        yield "/asked", gettext("Choose from: %s.") % ", ".join(MOMENTS)
    if "no" not in question.choices or len(set(question.choices)) < FEWEST_CHOICES:
        yield "/choices", gettext("Let people answer no, and at least one thing besides.")
    if question.capture and question.capture not in content.captures:
        yield "/capture", gettext("Nothing says what can be chosen for %s.") % question.capture
    yield from (("/only_for", _no_therapy(name)) for name in clinic.unknown(content, question.only_for))


def _wrong_wording(content: SuitabilityContent, question: QuestionContent) -> Iterator[str]:
    if not question.words.get("en"):
        yield _no_english()
    named = {name for text in question.words.values() for name in PLACEHOLDER.findall(text)}
    yield from (_no_placeholder(name) for name in sorted(named) if not hasattr(content.params, name))


def _names(content: SuitabilityContent, clinic: ClinicNames) -> Iterator[tuple[str, str]]:
    """Yield groups of nothing, techniques that nobody does, and therapies that are exempt and not there."""
    for group, members in content.groups.items():
        named = () if group == EVERY_THERAPY else (members,) if isinstance(members, str) else members
        yield from ((f"/groups/{group}", _no_therapy(name)) for name in named if name not in clinic.therapies)
    yield from (
        (f"/exempt/{number}", _no_therapy(name))
        for number, name in enumerate(content.exempt)
        if name not in clinic.therapies
    )
    for technique, groups in content.technique_groups.items():
        at = f"/technique_groups/{technique}"
        if technique not in clinic.techniques:
            yield at, gettext("There is no technique %s.") % technique
        yield from ((at, gettext("There is no group %s.") % name) for name in groups if name not in content.groups)
    for key, need in content.needs.items():
        yield from ((f"/needs/{key}", detail) for detail in _wrong_need(need, clinic))


def _wrong_need(need: NeedContent, clinic: ClinicNames) -> Iterator[str]:
    if need.place and need.place not in clinic.features:
        yield _no_feature(need.place)
    if not (need.place or need.note or need.awaits):
        yield gettext("Say what somebody needs: a place, a note, or something to wait for.")


def _texts(content: SuitabilityContent, _clinic: ClinicNames) -> Iterator[tuple[str, str]]:
    """Yield texts that are missing, that name what nobody fills in, or that hold a word people are spared."""
    said = {f"/texts/dispositions/{one}": content.texts.dispositions.get(one, {}) for one in Disposition}
    said["/texts/always"] = content.texts.always
    rules = {rule.id for rule in content.rules}
    for at, words in said.items():
        yield from ((at, detail) for detail in _wrong_words(words, SAID_TO_PEOPLE))
    for key, words in content.texts.flags.items():
        at = f"/texts/flags/{key}"
        if key not in rules:
            yield at, gettext("There is no rule %s.") % key
        yield from ((at, detail) for detail in _wrong_words(words, content.captures.keys()))
    yield from (
        (at, gettext("People do not read “%s” here.") % word)
        for at, words in (said | _flags(content.texts)).items()
        for word in forbidden_words(content.lint, words)
    )


def _languages(content: SuitabilityContent, _clinic: ClinicNames) -> Iterator[tuple[str, str]]:
    """Yield languages that nobody knows, and those of which nobody has said which words people are spared."""
    pages = {f"/pages/{key}": words for key, words in content.pages.items() if not isinstance(words, str)}
    asked = {f"/questions/{key}": question.words for key, question in content.questions.items()}
    shown = {f"/texts/dispositions/{key}": words for key, words in content.texts.dispositions.items()}
    texts = pages | asked | shown | {"/texts/always": content.texts.always} | _flags(content.texts)
    for at, words in texts.items():
        unknown = unknown_languages(words)
        yield from ((f"{at}/{tag}", NO_LANGUAGE % {"tag": tag}) for tag in unknown)
        yield from ((f"{at}/{tag}", _no_words(tag)) for tag in without_words(content.lint, words) if tag not in unknown)
    for tag in unknown_languages(content.lint.forbidden):
        yield f"/lint/forbidden_{tag}", NO_LANGUAGE % {"tag": tag}


def _no_words(tag: str) -> str:
    facts = {"language": language_in_words(tag), "name": f"forbidden_{base_of(tag)}"}
    return gettext("Say first which words people are spared in %(language)s: list them under lint as %(name)s.") % facts


def _flags(texts: TextsContent) -> dict[str, Words]:
    return {f"/texts/flags/{key}": words for key, words in texts.flags.items()}


def _wrong_words(words: Words, placeholders: Collection[str]) -> Iterator[str]:
    if not words.get("en"):
        yield _no_english()
    named = {name for text in words.values() for name in PLACEHOLDER.findall(text)}
    yield from (_no_placeholder(name) for name in sorted(named - set(placeholders)))


def _settled(content: SuitabilityContent, _clinic: ClinicNames) -> Iterator[tuple[str, str]]:
    written = {
        "/to_keys": content.to_keys,
        "/clearance/valid_until": content.clearance.valid_until,
        "/unsure/default": content.unsure.default,
        "/unsure/never_worse_than_yes": content.unsure.never_worse_than_yes,
        "/unsure/stop_rules": content.unsure.stop_rules,
    }
    for at, value in KEPT.items():
        if written[at] != value:
            yield at, gettext("It is always judged so, and nothing else can be written here: %s.") % _shown(value)


def _examples(content: SuitabilityContent, _clinic: ClinicNames) -> Iterator[tuple[str, str]]:
    """Yield that rules come without an example: whether they do what they are meant to is tried by these alone."""
    if content.rules and not content.examples:
        yield "/examples", gettext("Give at least one example: who answers what, and what follows.")


def _shown(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else "true" if value is True else str(value)


def _no_question(name: str) -> str:
    return gettext("There is no question %s.") % name


def _no_therapy(name: str) -> str:
    return gettext("There is no group, therapy or technique %s.") % name


def _no_feature(name: str) -> str:
    return gettext("No place has %s.") % name


def _no_placeholder(name: str) -> str:
    return gettext("Nobody fills in {%s} here.") % name


def _no_english() -> str:
    return gettext("The English text is missing.")

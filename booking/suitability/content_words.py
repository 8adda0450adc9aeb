"""What suitability rules say, line by line, for whoever reads and signs them."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from django.utils.translation import gettext as _

from booking.suitability.content import (
    Disposition,
    NeedContent,
    QuestionContent,
    RestrictionContent,
    RuleContent,
    SuitabilityContent,
    Words,
)
from core.text.languages import localized


def lines_of_content(content: SuitabilityContent) -> Iterator[tuple[str, str]]:
    """Yield a line for each rule, restriction, group, question and text: what it is called, and what it says."""
    for rule in content.rules:
        yield _("Rule %s") % rule.id, "; ".join(_rule(content, rule))
    for one in content.site_restrictions:
        yield _("Restriction %s") % one.id, _restriction(one)
    for key, predicate in content.predicates.items():
        parts = (f"{ask}: {_listed(when)}" for part in predicate.any for ask, when in part.items())
        yield _("Whether %s") % key, _(" or ").join(parts)
    yield from _groups(content)
    yield from _questions(content)
    for key, need in content.needs.items():
        yield _("What %s needs") % key, _need(need)
    yield from _texts(content)
    for number, example in enumerate(content.examples, 1):
        yield _("Example %d") % number, _example(example)


def _example(example: object) -> str:
    if not isinstance(example, Mapping) or not isinstance(example.get("given"), Mapping):
        return str(example)
    given = "; ".join(f"{name}: {one}" for name, one in example["given"].items())
    rest = "; ".join(f"{name}: {one}" for name, one in example.items() if name != "given")
    return f"{given} → {rest}"


def _rule(content: SuitabilityContent, rule: RuleContent) -> Iterator[str]:
    question = content.questions.get(rule.ask)
    asked = _filled(content, localized(question.words)) if question and question.words else rule.ask
    yield f"{asked}: {_listed(rule.when)}"
    yield _effects(rule.to) + (_(" if %s") % rule.if_also if rule.if_also else "")
    if rule.otherwise:
        yield _("else %s") % _effects(rule.otherwise)
    if rule.needs:
        yield _("needs %s") % rule.needs
    if rule.capture:
        yield _("asks which %s") % rule.capture
    if rule.flag:
        yield _("who treats reads %s") % rule.flag
    if rule.offer:
        yield _("offered instead: %s") % ", ".join(rule.offer)
    if rule.day_of:
        yield _("asked again on the day")
    if rule.clearance:
        yield _("a clinician may clear it")
    yield from filter(None, (rule.also, rule.src))


def _filled(content: SuitabilityContent, text: str) -> str:
    """Return a text with the numbers that it names, as people read it."""
    for name, value in asdict(content.params).items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def _restriction(one: RestrictionContent) -> str:
    whom = _("where %s is answered yes") % one.population if one.population else _("in the place %s") % one.place
    return "; ".join(filter(None, (whom, _effects(one.to), one.src)))


def _effects(effects: Mapping[str, Disposition]) -> str:
    names: dict[Disposition, list[str]] = {}
    for name, disposition in effects.items():
        names.setdefault(disposition, []).append(name)
    meant = disposition_words()
    worst_first = sorted(names, key=lambda one: -one.rank)
    return "; ".join(f"{', '.join(sorted(names[one]))}: {meant[one]}" for one in worst_first)


def disposition_words() -> dict[Disposition, str]:
    """Return what follows by each disposition, for those who work here."""
    return {
        Disposition.PASS: _("booked"),
        Disposition.INFORM: _("booked, and who treats is told"),
        Disposition.CLINICIAN_REVIEW: _("a clinician looks first"),
        Disposition.BLOCK_SELF_BOOKING: _("not booked online"),
        Disposition.STOP_AND_CALL: _("told to call now"),
    }


def _groups(content: SuitabilityContent) -> Iterator[tuple[str, str]]:
    for group, members in content.groups.items():
        yield _("Group %s") % group, _("all") if members == "*" else _listed(members)
    for technique, groups in content.technique_groups.items():
        yield _("Technique %s") % technique, _listed(groups)
    if content.exempt:
        yield _("Never judged"), _listed(content.exempt)


def _questions(content: SuitabilityContent) -> Iterator[tuple[str, str]]:
    titles = {key: words if isinstance(words, str) else localized(words) for key, words in content.pages.items()}
    yield _("Pages of questions"), "; ".join(titles.values())
    yield _("Order of questions"), ", ".join(content.questions)
    for kind, days in content.keep_days.items():
        yield _("Days for which an answer counts: %s") % kind, str(days)
    for key, choices in content.captures.items():
        yield _("Choices of %s") % key, _listed(choices)
    for key, question in content.questions.items():
        yield _("Question %s") % key, "; ".join(_question(question, titles))


def _question(question: QuestionContent, titles: Mapping[str, str]) -> Iterator[str]:
    if question.source:
        yield _("known from: %s") % question.source
        return
    yield from (f"{language}: {text}" if language != "en" else text for language, text in question.words.items())
    yield _("on the page “%s”") % titles.get(question.page, question.page)
    yield _("answers: %s") % _listed(question.choices)
    yield _("counts as %s") % question.keep
    yield _("asked: %s") % _listed(question.asked)
    if question.only_for:
        yield _("only for %s") % _listed(question.only_for)
    if question.age_below:
        yield _("only below %d years of age") % question.age_below
    if question.capture:
        yield _("asks which %s") % question.capture


def _need(need: NeedContent) -> str:
    said = {
        _("a place with %s") % need.place: need.place,
        _("a note for who prepares"): need.note,
        _("waits for %s") % need.awaits: need.awaits,
    }
    return "; ".join(words for words, there in said.items() if there)


def _texts(content: SuitabilityContent) -> Iterator[tuple[str, str]]:
    texts, meant = content.texts, disposition_words()
    for disposition, words in texts.dispositions.items():
        yield _("What people read (%s)") % meant[disposition], _words(words)
    yield _("What people read beside the questions"), _words(texts.always)
    for key, words in texts.flags.items():
        yield _("What who treats reads by rule %s") % key, _words(words)
    lint = {**content.lint.forbidden, "en": (*content.lint.forbidden_en, *content.lint.forbidden.get("en", ()))}
    for language, forbidden in lint.items():
        yield _("Words that people are spared (%s)") % language, _listed(forbidden)


def _words(words: Words) -> str:
    return " / ".join(text if language == "en" else f"{language}: {text}" for language, text in words.items())


def _listed(names: str | tuple[str, ...]) -> str:
    return names if isinstance(names, str) else ", ".join(names)

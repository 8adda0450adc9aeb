"""What suitability rules say, line by line, for whoever reads and signs them."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from django.utils.translation import gettext as _

from booking.suitability.content import (
    ASKED_BEFORE,
    Disposition,
    NeedContent,
    QuestionContent,
    RestrictionContent,
    RuleContent,
    SuitabilityContent,
    Words,
)
from booking.suitability.needs import need_in_words_of
from booking.suitability.therapy_words import all_named, named_in_words, therapy_words
from core.text.languages import localized

Names = Mapping[str, str]
"""What the clinic's therapies are called, by key."""


def lines_of_content(content: SuitabilityContent) -> Iterator[tuple[str, str]]:
    """Yield a line for each rule, restriction, group, question and text: what it is called, and what it says."""
    names = therapy_words()
    for rule in content.rules:
        yield _("Rule %s") % rule.id, "; ".join(_rule(content, rule, names))
    for one in content.site_restrictions:
        yield _("Restriction %s") % one.id, _restriction(content, one, names)
    for key, predicate in content.predicates.items():
        parts = (f"{_asked(content, ask)}: {_listed(when)}" for part in predicate.any for ask, when in part.items())
        yield _("Whether %s") % _spaced(key), _(" or ").join(parts)
    yield from _groups(content, names)
    yield from _questions(content, names)
    for key, need in content.needs.items():
        yield _("What %s needs") % key, _need(need)
    yield from _texts(content)
    for number, example in enumerate(content.examples, 1):
        yield _("Example %d") % number, _example(content, example, names)


def _example(content: SuitabilityContent, example: object, names: Names) -> str:
    if not isinstance(example, Mapping) or not isinstance(example.get("given"), Mapping):
        return str(example)
    given = "; ".join(_given(content, name, one, names) for name, one in example["given"].items())
    meant = {str(one): words for one, words in disposition_words().items()}
    then = str(example.get("then", ""))
    rest = [_expected(name, one, names) for name, one in example.items() if name not in ("given", "then")]
    return f"{given} → {'; '.join([meant.get(then, then), *rest])}"


def _given(content: SuitabilityContent, name: str, value: object, names: Names) -> str:
    if name in ("therapy", "technique"):
        return _("any therapy") if value == "any" else named_in_words(str(value), names)
    said = {True: _("yes"), False: _("no")}.get(value, value) if isinstance(value, bool) else value
    return f"{_asked(content, name)}: {said}"


def _expected(name: str, listed: object, names: Names) -> str:
    words = listed if not isinstance(listed, list | tuple) else ", ".join(named_in_words(str(x), names) for x in listed)
    return f"{_spaced(name)}: {words}"


def _spaced(key: str) -> str:
    return key.replace("_", " ")


def _asked(content: SuitabilityContent, key: str) -> str:
    """Return a question as people read it; what is asked of nobody, by what it is called."""
    question = content.questions.get(key)
    return _filled(content, localized(question.words)) if question and question.words else _spaced(key)


def _rule(content: SuitabilityContent, rule: RuleContent, names: Names) -> Iterator[str]:
    yield f"{_asked(content, rule.ask)}: {_listed(rule.when)}"
    yield _effects(rule.to, names) + (_(" if %s") % _spaced(rule.if_also) if rule.if_also else "")
    if rule.otherwise:
        yield _("else %s") % _effects(rule.otherwise, names)
    if rule.needs:
        yield _("needs %s") % need_in_words_of(content.needs, rule.needs)
    yield from _rest_of_rule(rule, names)


def _rest_of_rule(rule: RuleContent, names: Names) -> Iterator[str]:
    """Yield what else a rule leads to, and where it comes from."""
    if rule.capture:
        yield _("asks which %s") % rule.capture
    if rule.flag:
        yield _("who treats reads %s") % rule.flag
    if rule.offer:
        yield _("offered instead: %s") % all_named(rule.offer, names)
    if rule.day_of:
        yield _("asked again on the day")
    if rule.clearance:
        yield _("a clinician may clear it")
    if rule.also:
        yield rule.also
    if rule.src:
        yield _("source: %s") % rule.src


def _filled(content: SuitabilityContent, text: str) -> str:
    """Return a text with the numbers that it names, as people read it."""
    for name, value in asdict(content.params).items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def _restriction(content: SuitabilityContent, one: RestrictionContent, names: Names) -> str:
    if one.population:
        whom = _("where this is answered yes: %s") % _asked(content, one.population)
    else:
        whom = _("in the place %s") % _spaced(one.place)
    source = _("source: %s") % one.src if one.src else ""
    return "; ".join(filter(None, (whom, _effects(one.to, names), source)))


def _effects(effects: Mapping[str, Disposition], names: Names) -> str:
    keys: dict[Disposition, list[str]] = {}
    for key, disposition in effects.items():
        keys.setdefault(disposition, []).append(key)
    meant = disposition_words()
    worst_first = sorted(keys, key=lambda one: -one.rank)
    return "; ".join(f"{all_named(sorted(keys[one]), names)}: {meant[one]}" for one in worst_first)


def disposition_words() -> dict[Disposition, str]:
    """Return what follows by each disposition, for those who work here."""
    return {
        Disposition.PASS: _("booked"),
        Disposition.INFORM: _("booked, and who treats is told"),
        Disposition.CLINICIAN_REVIEW: _("a clinician looks first"),
        Disposition.BLOCK_SELF_BOOKING: _("not booked online"),
        Disposition.STOP_AND_CALL: _("told to call now"),
    }


def _groups(content: SuitabilityContent, names: Names) -> Iterator[tuple[str, str]]:
    for group, members in content.groups.items():
        of_it = (members,) if isinstance(members, str) else members
        said = _("all") if members == "*" else all_named(of_it, names)
        yield _("Group %(key)s (%(words)s)") % {"key": group, "words": named_in_words(group, names)}, said
    for technique, groups in content.technique_groups.items():
        yield _("Technique %s") % named_in_words(technique, names), all_named(groups, names)
    if content.exempt:
        yield _("Never judged"), all_named(content.exempt, names)


def _questions(content: SuitabilityContent, names: Names) -> Iterator[tuple[str, str]]:
    titles = {key: words if isinstance(words, str) else localized(words) for key, words in content.pages.items()}
    yield _("Pages of questions"), "; ".join(titles.values())
    yield _("Order of questions"), ", ".join(content.questions)
    for kind, days in content.keep_days.items():
        asked_late = any(one.keep == kind and "before" in one.asked for one in content.questions.values())
        said = _("%d (asked again by link only when it counts until the appointment)")
        late = asked_late and days < ASKED_BEFORE.days
        yield _("Days for which an answer counts: %s") % kind, said % days if late else str(days)
    for key, choices in content.captures.items():
        yield _("Choices of %s") % key, _listed(choices)
    for key, question in content.questions.items():
        yield _("Question %s") % key, "; ".join(_question(question, titles, names))


def _question(question: QuestionContent, titles: Mapping[str, str], names: Names) -> Iterator[str]:
    if question.source:
        yield _("known from: %s") % question.source
        return
    yield from (f"{language}: {text}" if language != "en" else text for language, text in question.words.items())
    yield _("on the page “%s”") % titles.get(question.page, question.page)
    yield _("answers: %s") % _listed(question.choices)
    yield _("counts as %s") % question.keep
    yield _("asked: %s") % _listed(question.asked)
    if question.only_for:
        yield _("only for %s") % all_named(question.only_for, names)
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
    for language, forbidden in content.lint.forbidden.items():
        yield _("Words that people are spared (%s)") % language, _listed(forbidden)


def _words(words: Words) -> str:
    return " / ".join(text if language == "en" else f"{language}: {text}" for language, text in words.items())


def _listed(names: str | tuple[str, ...]) -> str:
    return names if isinstance(names, str) else ", ".join(names)

"""What somebody is asked before they book, page by page, in words that they read."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass

from booking.suitability.content import Disposition, Words
from booking.suitability.judgement import questions_for
from booking.suitability.rules import AGE, RuleSet
from core.text.languages import localized

BEFORE_BOOKING = ("booking",)
ON_THE_SPOT = ("booking", "door")
"""When something is asked: before a booking, or of whoever stands at the desk and is treated today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedQuestion:
    """A question with the answers to choose from. `places`: of which somebody says which one they mean."""

    key: str
    words: str
    choices: tuple[str, ...]
    places: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPage:
    """A page of the rule set, without the questions that somebody need not answer."""

    title: str
    questions: tuple[AskedQuestion, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """By what the questions are called."""
        return tuple(question.key for question in self.questions)


def question_pages(
    rule_sets: Iterable[RuleSet],
    therapy: str,
    technique: str,
    *,
    age: int | None,
    asked: Collection[str] = BEFORE_BOOKING,
) -> tuple[QuestionPage, ...]:
    """Return what is asked of whoever wants a therapy: only what can change the outcome by one of the rule sets.

    `age`: in years, as far as it is known; `asked`: when. What several sites ask is asked once.
    """
    return pages_for_any(rule_sets, [(therapy, technique)], age=age, asked=asked)


def pages_for_any(
    rule_sets: Iterable[RuleSet],
    wanted: Collection[tuple[str, str]],
    *,
    age: int | None,
    asked: Collection[str] = BEFORE_BOOKING,
) -> tuple[QuestionPage, ...]:
    """Return what is asked of whoever may want one of several therapies, each with its technique."""
    titles: dict[str, str] = {}
    pages: dict[str, dict[str, AskedQuestion]] = {}
    for rules in rule_sets:
        titles = {key: _title(title) for key, title in rules.content.pages.items()} | titles
        names = [rules.names_of(*one) for one in wanted]
        wanted_keys = {key for one in names for when in asked for key in questions_for(rules, one, age=age, asked=when)}
        for key in rules.questions:  # in their order, whatever asks for them
            if key in wanted_keys and not any(key in questions for questions in pages.values()):
                pages.setdefault(rules.questions[key].page, {})[key] = _question(rules, key)
    order = [key for key in titles if key in pages]
    return tuple(QuestionPage(title=titles[key], questions=tuple(pages[key].values())) for key in order)


def grouped(rules: RuleSet, questions: Iterable[AskedQuestion]) -> dict[str, QuestionPage]:
    """Return questions by the page (its number among all) on which the rule set has them, in the order of the pages."""
    numbers = {page: str(number) for number, page in enumerate(rules.content.pages, 1)}
    pages: dict[str, list[AskedQuestion]] = {}
    for one in questions:
        pages.setdefault(rules.questions[one.key].page, []).append(one)
    return {
        number: QuestionPage(title=_title(rules.content.pages[page]), questions=tuple(pages[page]))
        for page, number in numbers.items()
        if page in pages
    }


def asks_age(rules: RuleSet, therapy: str, technique: str) -> bool:
    """Whether it matters for a therapy how old somebody is."""
    names = rules.names_of(therapy, technique)
    return any(rule.ask == AGE and rule.speaks_of(names) for rule in rules.rules)


def in_words(rules: RuleSet, words: Words, facts: Mapping[str, str] | None = None) -> str:
    """Return a text of a rule set as the reader reads it, its numbers and `facts` in place of their names."""
    text = localized(words)
    for name, value in {**asdict(rules.content.params), **(facts or {})}.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def disposition_in_words(rules: RuleSet, disposition: Disposition, facts: Mapping[str, str] | None = None) -> str:
    """Return what somebody reads of what follows, in the rule set's own words; empty where it has none."""
    return in_words(rules, rules.content.texts.dispositions.get(disposition, {}), facts)


def _title(title: str | Words) -> str:
    return title if isinstance(title, str) else localized(title)


def _question(rules: RuleSet, key: str) -> AskedQuestion:
    question = rules.questions[key]
    return AskedQuestion(
        key=key,
        words=in_words(rules, question.words),
        choices=question.choices,
        places=tuple(rules.content.captures.get(question.capture, ())) if question.capture else (),
    )

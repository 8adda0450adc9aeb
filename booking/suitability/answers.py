"""What somebody answers before they book, as a value: cleaned against the questions there are, and JSON both ways."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from booking.suitability.content import QuestionContent
from booking.suitability.facts import SuitabilityFacts
from booking.suitability.rules import RuleSet
from core.refusals import Invalid

YES, NO = "yes", "no"
FEVER = "fever_now"
"""What the question about a fever is called: whoever has one stays home, and reads kind words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuitabilityAnswers:
    """Answers by question, and which limb or place is meant (`captures`), by question.

    `answered_at`: when somebody answered, None where that is when it is written down; `older`: what they answered
    before, and say that it still holds.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    captures: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answered_at: datetime | None = None
    older: "SuitabilityAnswers | None" = None

    def __bool__(self) -> bool:
        return bool(self.answers or self.older)

    @property
    def whole(self) -> "SuitabilityAnswers":
        """All of it as if it were answered at once."""
        return self.older.beside(replace(self, older=None)) if self.older else self

    def known_to(self, rules: RuleSet) -> "SuitabilityAnswers":
        """Return what a rule set still asks like this: the rest counts as never answered."""
        answers = {key: one for key, one in self.answers.items() if _asks(rules, key, one)}
        captures = {
            key: found
            for key, parts in self.captures.items()
            if answers.get(key) == YES
            and (found := tuple(one for one in parts if one in _parts(rules, rules.questions[key])))
        }
        return replace(self, answers=answers, captures=captures)

    def only(self, keys: Collection[str]) -> "SuitabilityAnswers":
        """Return the answers to these questions."""
        answers = {key: one for key, one in self.answers.items() if key in keys}
        captures = {key: one for key, one in self.captures.items() if key in keys}
        return replace(self, answers=answers, captures=captures, older=self.older.only(keys) if self.older else None)

    def beside(self, newer: "SuitabilityAnswers") -> "SuitabilityAnswers":
        """Return these with what was answered anew."""
        captures = {key: one for key, one in self.captures.items() if key not in newer.answers}
        return replace(newer, answers={**self.answers, **newer.answers}, captures={**captures, **newer.captures})

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` reads back; times are ISO 8601 with their offset."""
        return {
            "answers": dict(self.answers),
            "captures": {key: list(parts) for key, parts in self.captures.items()},
            "answered_at": self.answered_at.isoformat() if self.answered_at else None,
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "SuitabilityAnswers":
        """Return what `to_json` wrote."""
        answered_at = written.get("answered_at")
        return cls(
            answers={str(key): str(one) for key, one in written["answers"].items()},
            captures={str(key): tuple(map(str, parts)) for key, parts in written["captures"].items()},
            answered_at=datetime.fromisoformat(answered_at) if answered_at else None,
        )


NO_ANSWERS = SuitabilityAnswers()


def read_answers(
    rules: RuleSet,
    answers: Mapping[str, str],
    captures: Mapping[str, tuple[str, ...]] | None = None,
    *,
    answered_at: datetime | None = None,
) -> SuitabilityAnswers:
    """Return what somebody sent as answers. Raises Invalid, which names each question or choice that there is none of.

    Counts and the birth date are no answers: they come from the records.
    """
    captures = captures or {}
    if found := [{"pointer": at, "detail": detail} for at, detail in _wrong(rules, answers, captures)]:
        raise Invalid(_("Some of the answers cannot be read."), errors=found)
    return SuitabilityAnswers(answers=dict(answers), captures=dict(captures), answered_at=answered_at)


def rest_answered_no(rules: RuleSet, facts: SuitabilityFacts) -> SuitabilityFacts:
    """Return what is known of somebody as if they said no to all that is not answered: nothing better can follow."""
    return replace(facts, answers=dict.fromkeys(rules.questions, NO) | dict(facts.answers))


def answered_no(rules: RuleSet) -> SuitabilityAnswers:
    """Return the answers of somebody who says no to all that is asked before a booking."""
    asked = {key for key, question in rules.questions.items() if not question.source and "booking" in question.asked}
    return SuitabilityAnswers(answers=dict.fromkeys(sorted(asked), NO))


def _wrong(
    rules: RuleSet, answers: Mapping[str, str], captures: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str, str]]:
    for key, answer in answers.items():
        question = rules.questions.get(key)
        if question is None or question.source:
            yield f"/answers/{key}", _("Nobody asks this.")
        elif answer not in question.choices:
            yield f"/answers/{key}", _("Choose from: %s.") % ", ".join(question.choices)
    for key, parts in captures.items():
        if answers.get(key) != YES or not rules.questions[key].capture:
            yield f"/captures/{key}", _("Say where only of what is answered with yes, and asks where.")
            continue
        known = _parts(rules, rules.questions[key])
        if unknown := sorted({*parts} - {*known}):
            yield (
                f"/captures/{key}",
                _("%(unknown)s is none of: %(known)s.")
                % {
                    "unknown": ", ".join(unknown),
                    "known": ", ".join(known),
                },
            )


def _asks(rules: RuleSet, key: str, answer: str) -> bool:
    question = rules.questions.get(key)
    return question is not None and not question.source and answer in question.choices


def _parts(rules: RuleSet, question: QuestionContent) -> tuple[str, ...]:
    return rules.content.captures.get(question.capture, ()) if question.capture else ()

"""The screening questions (FHIR Questionnaire): their words, their choices, and what each answer means for a visit."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

FILE = Path(__file__).parent.parent / "fixtures" / "screening-questions.yaml"
ENGLISH = "en"


class Outcome(StrEnum):
    """What follows for the visit, from the best to the worst."""

    PROCEED = "proceed"
    PROCEED_MASKED = "proceed_masked"
    VIRTUAL = "virtual"
    """By phone or video: of visits that are calls, in place of a review or of another time."""
    REVIEW = "review"
    REBOOK = "rebook"
    SEEK_CARE = "seek_care"

    @property
    def rank(self) -> int:
        """How bad it is: the worst of several wins."""
        return tuple(Outcome).index(self)


class AnswerChoice(StrEnum):
    """A code that is kept, with the words that people choose it by."""

    YES = "yes"
    NO = "no"
    USUAL_FOR_ME = "usual_for_me"


class FollowUp(StrEnum):
    """What is asked beside a yes."""

    TESTED_ON = "tested_on"
    SYMPTOMS_BEGAN_ON = "symptoms_began_on"
    FEVER_FREE_SINCE = "fever_free_since"
    SEVERITY = "severity"
    WEAK_IMMUNE_SYSTEM = "weak_immune_system"
    ISOLATE_UNTIL = "isolate_until"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreeningQuestion:
    """One question. `words`: by language; `outcomes`: by choice, those not named let the visit go on."""

    key: str
    words: Mapping[str, str]
    choices: tuple[AnswerChoice, ...]
    outcomes: Mapping[AnswerChoice, Outcome]
    follow_up: tuple[FollowUp, ...]

    def outcome(self, choice: AnswerChoice) -> Outcome:
        """Return what a choice means for the visit, as far as the question alone goes."""
        return self.outcomes.get(choice, Outcome.PROCEED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """What asks for help at once; it is asked with each of these questions."""

    words: Mapping[str, str]
    ask_with: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Questionnaire:
    """All questions and notices there are, by id; a policy says which of them hold."""

    questions: Mapping[str, ScreeningQuestion]
    follow_ups: Mapping[FollowUp, Mapping[str, str]]
    emergency: Emergency
    notices: Mapping[str, Mapping[str, str]]

    def asks_for_help(self, asked: tuple[str, ...]) -> bool:
        """Whether the question about an emergency belongs to these."""
        return bool(self.emergency.ask_with.intersection(asked))


def read_questionnaire(content: Mapping[str, Any]) -> Questionnaire:
    """Return a file's content as a questionnaire. Raises KeyError or ValueError for what it does not know."""
    outcomes = content["answers"]
    questions = {key: _question(key, one, outcomes.get(key, {})) for key, one in content["questions"].items()}
    if unknown := set(outcomes) - set(questions):
        raise ValueError(f"Answers without a question: {', '.join(sorted(unknown))}.")
    emergency = content["emergency"]
    return Questionnaire(
        questions=MappingProxyType(questions),
        follow_ups={FollowUp(key): _words(one) for key, one in content["follow_up"].items()},
        emergency=Emergency(words=_words(emergency), ask_with=frozenset(emergency["ask_with"])),
        notices={key: _words(one) for key, one in content["notices"].items()},
    )


def _question(key: str, one: Mapping[str, Any], outcomes: Mapping[str, str]) -> ScreeningQuestion:
    return ScreeningQuestion(
        key=key,
        words=_words(one),
        choices=tuple(AnswerChoice(choice) for choice in one.get("choices", (AnswerChoice.YES, AnswerChoice.NO))),
        outcomes={AnswerChoice(choice): Outcome(outcome) for choice, outcome in outcomes.items()},
        follow_up=tuple(FollowUp(name) for name in one.get("follow_up", ())),
    )


def _words(one: Mapping[str, Any]) -> Mapping[str, str]:
    """Keep the entries that are words in a language: those under a language's tag."""
    return {tag: text for tag, text in one.items() if len(tag.split("-")[0]) == len(ENGLISH) and isinstance(text, str)}


QUESTIONNAIRE = read_questionnaire(yaml.safe_load(FILE.read_text(encoding="utf-8")))

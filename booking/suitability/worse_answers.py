"""Which of two answers to a question calls for more care: it counts where they contradict each other."""

from datetime import date

from booking.suitability.answers import NO, YES, SuitabilityAnswers
from booking.suitability.content import Disposition, by_rank
from booking.suitability.facts import SuitabilityFacts
from booking.suitability.findings import findings
from booking.suitability.rules import RuleSet

ANY_DAY = date(2000, 1, 1)
"""What an answer means by itself is the same on each day."""


def worse_of(one: SuitabilityAnswers, other: SuitabilityAnswers, rules: RuleSet) -> SuitabilityAnswers:
    """Return the worse answer to each question that two gave otherwise, with the places of both."""
    answers: dict[str, str] = {}
    captures: dict[str, tuple[str, ...]] = {}
    for key in one.answers.keys() & other.answers.keys():
        said = {one.answers[key], other.answers[key]}
        places = tuple(dict.fromkeys((*one.captures.get(key, ()), *other.captures.get(key, ()))))
        if len(said) > 1 or set(one.captures.get(key, ())) != set(other.captures.get(key, ())):
            answers[key] = max(said, key=lambda answer: (_badness(rules, key, answer), answer))
            captures |= {key: places} if places else {}
    return SuitabilityAnswers(answers=answers, captures=captures)


def worsened(known: SuitabilityAnswers, given: SuitabilityAnswers, rules: RuleSet) -> SuitabilityAnswers:
    """Return what of given answers calls for more care than what is known, or says anything where nothing is known.

    Of the same answer with other places both count.
    """
    answers: dict[str, str] = {}
    captures: dict[str, tuple[str, ...]] = {}
    for key, answer in given.known_to(rules).answers.items():
        before, places = known.answers.get(key), given.captures.get(key, ())
        more = answer == before and not set(places) <= set(known.captures.get(key, ()))
        if before is None or more or _badness(rules, key, answer) > _badness(rules, key, before):
            answers[key] = answer
            both = tuple(dict.fromkeys((*known.captures.get(key, ()), *places))) if more else places
            captures |= {key: both} if both else {}
    return SuitabilityAnswers(answers=answers, captures=captures)


def _badness(rules: RuleSet, question: str, answer: str) -> tuple[int, bool, bool]:
    """Return how bad an answer is by itself, for whatever therapy it is worst; what no rule asks by itself, as said."""
    facts = SuitabilityFacts(on=ANY_DAY, answers={question: answer})
    meant = [each for one in findings(rules, facts) if one.ask == question for each in one.effects.values()]
    return max(meant, key=by_rank, default=Disposition.PASS).rank, answer == YES, answer != NO

"""Answers before booking in words: what was answered and what follows, what who treats is told, what is prepared."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from booking.models import LabKind
from booking.suitability.answer_words import ANSWERS, PLACES
from booking.suitability.answers import NO
from booking.suitability.content import Disposition, Words
from booking.suitability.content_words import disposition_words
from booking.suitability.findings import STALE, UNANSWERED
from booking.suitability.judgement import FiredRule
from booking.suitability.needs import features_of, need_in_words
from booking.suitability.questions import in_words
from booking.suitability.rules import AGE, UNSURE
from booking.suitability.visits import JudgedVisit
from core.text.languages import date_in_words
from scheduler import public as scheduler

PLACE = "place"


def answers_against() -> str:
    """Return what the desk reads where somebody's answers stand against what they want."""
    return _("Their answers stand against it. A clinician here can say more: ask one, or choose something else.")


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """What somebody answered, or is known of them. `follows`: what that alone means; empty where it means nothing."""

    words: str
    follows: str = ""


def answer_lines(judged: JudgedVisit) -> list[AnswerLine]:
    """Return what has a say first, the worst on top, then what else was not answered with no. Never a rule's name."""
    meant = disposition_words()
    said: dict[str, AnswerLine] = {}
    for one in judged.fired:
        said.setdefault(one.ask, AnswerLine(fired_in_words(judged, one), meant[one.disposition]))
    others = {key: answer for key, answer in judged.facts.answers.items() if answer != NO and key not in said}
    return [*said.values(), *(AnswerLine(_answered(judged, key, answer)) for key, answer in others.items())]


def unanswered_keys(judged: JudgedVisit) -> list[str]:
    """Return the questions that are without an answer and could change what follows."""
    asked = dict.fromkeys(one.ask for one in judged.found.fired if one.answer == UNANSWERED)
    return [key for key in asked if judged.rules.questions[key].words]


def unanswered_lines(judged: JudgedVisit) -> list[str]:
    """Return those questions as they are asked."""
    return [question_words(judged, key) for key in unanswered_keys(judged)]


def rest_in_words(judged: JudgedVisit) -> str:
    """Say that the rest of what was asked was answered with no, if anything was."""
    given = list(judged.facts.answers.values())
    if NO not in given:
        return ""
    return _("Everything else that was asked: no") if set(given) != {NO} else _("Everything that was asked: no")


def question_words(judged: JudgedVisit, key: str) -> str:
    """Return a question as it was asked, or what a count is called."""
    if key in LabKind.values:
        return lab_words(LabKind(key))
    if key == AGE:
        return _("Age on the day")
    question = judged.rules.questions.get(key)
    return in_words(judged.rules, question.words) if question and question.words else _("The place of the appointment")


def lab_words(kind: LabKind) -> str:
    """Return what a count is called."""
    return {LabKind.PLATELETS: _("Platelets"), LabKind.NEUTROPHILS: _("Neutrophils")}[kind]


def lab_line(judged: JudgedVisit, kind: LabKind) -> str:
    """Return a count that is known, with its day, and that it is too old to say much if it is."""
    count = judged.facts.labs[kind]
    days = judged.rules.content.params.lab_max_age_days
    facts = {"value": _number(count.value), "day": date_in_words(count.taken_on), "days": days}
    old = (judged.facts.on - count.taken_on).days > days
    return (_("%(value)s, %(day)s, older than %(days)d days") if old else _("%(value)s, %(day)s")) % facts


def flags_in_words(judged: JudgedVisit, *, set_aside: bool = False) -> list[str]:
    """Return what who treats is told, in the rules' own words. `set_aside`: also what a clinician set aside."""
    grave = Disposition.BLOCK_SELF_BOOKING.rank
    told = [
        _flag(judged, one) or (_set_aside(judged, one) if set_aside and one.disposition.rank >= grave else "")
        for one in judged.fired
    ]
    return list(dict.fromkeys(filter(None, told)))


def unseen_in_words(judged: JudgedVisit, unseen: Iterable[FiredRule]) -> list[str]:
    """Return for who treats what no clinician has looked at yet: what it is about, and no answer."""
    said = (_("no clinician has looked yet at: %s") % question_words(judged, one.ask) for one in unseen)
    return list(dict.fromkeys(said))


def is_blocked(judged: JudgedVisit | None) -> bool:
    """Whether an appointment would not be bookable online by now: whoever books it says why."""
    return judged is not None and judged.found.disposition is Disposition.BLOCK_SELF_BOOKING


def needs_in_words(judged: JudgedVisit, place: Collection[str] | None = None) -> list[str]:
    """Return what is prepared for somebody: a kind of place, a seat, a form for whoever comes along.

    `place`: the features of where they are treated; what it lacks is said.
    """
    return [_need(judged, key, place) for key in judged.needs if key in judged.rules.content.needs]


def _need(judged: JudgedVisit, key: str, place: Collection[str] | None) -> str:
    words, wanted = need_in_words(judged.rules, key), list(features_of(judged.rules, [key]))
    if place is None or scheduler.has_features(place, wanted):
        return words
    return _("%s (not at the place they have)") % words


def places_in_words(judged: JudgedVisit, ask: str) -> str:
    """Return which places somebody named for a question."""
    return ", ".join(str(PLACES.get(one) or one.replace("_", " ")) for one in judged.facts.captures.get(ask, ()))


def fired_in_words(judged: JudgedVisit, one: FiredRule) -> str:
    """Return what is known that set a rule off."""
    if one.ask in LabKind.values:
        stands = lab_line(judged, LabKind(one.ask))
        return f"{question_words(judged, one.ask)}: {stands}"
    if one.ask in (AGE, PLACE):
        return f"{question_words(judged, one.ask)}: {one.answer.replace('_', ' ')}"
    return _answered(judged, one.ask, one.answer)


def _answered(judged: JudgedVisit, key: str, answer: str) -> str:
    where = places_in_words(judged, key)
    said = str(ANSWERS.get(answer, answer))
    return f"{question_words(judged, key)}: {said}" + (f" ({where})" if where else "")


def _set_aside(judged: JudgedVisit, one: FiredRule) -> str:
    """Return what a clinician has set aside, for who treats: what it is about, since the rules have no words for it."""
    return _("a clinician has looked at: %s") % question_words(judged, one.ask)


def _flag(judged: JudgedVisit, one: FiredRule) -> str:
    words = judged.rules.content.texts.flags.get(one.rule)
    if words is None and one.ask in LabKind.values:
        return _low_in_words(LabKind(one.ask), old=one.answer == STALE)
    if words is None or one.answer == STALE:
        return ""
    where = places_in_words(judged, one.ask)
    said = _filled_in(judged, words, where.lower() or _("a place that they did not name"))
    if not where and said != _filled_in(judged, words, ""):  # it tells a place, and nobody has said which
        asked = {"flag": said, "question": question_words(judged, one.ask)}
        said = _("%(flag)s (ask where: “%(question)s”)") % asked
    return _("%s (not sure)") % said if one.answer in UNSURE else said


def _filled_in(judged: JudgedVisit, words: Words, where: str) -> str:
    return in_words(judged.rules, words, dict.fromkeys(judged.rules.content.captures, where))


def _low_in_words(kind: LabKind, *, old: bool) -> str:
    """Return a count under a limit, without its number, for who treats."""
    if kind is LabKind.PLATELETS:
        return _("low platelets when last counted") if old else _("low platelets")
    return _("low neutrophils when last counted") if old else _("low neutrophils")


def _number(value: object) -> str:
    text = f"{value:f}" if hasattr(value, "is_signed") else str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def clearable_lines(judged: JudgedVisit) -> list[str]:
    """Return the answers that need not be looked at again for a while."""
    return [question_words(judged, one.ask) for one in judged.clearable]

"""What is asked again on the day of a therapy, before somebody is checked in, and what follows from what they say."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from booking.models import Appointment
from booking.status import Move
from booking.suitability.answers import NO, SuitabilityAnswers
from booking.suitability.content import Disposition
from booking.suitability.facts import BookableTherapy
from booking.suitability.findings import UNANSWERED
from booking.suitability.judgement import FiredRule, judge
from booking.suitability.policies import rules_in_force
from booking.suitability.questions import AskedQuestion, question_pages
from booking.suitability.records import (
    NOTHING_KNOWN,
    SuitabilityRecords,
    age_on,
    facts_from,
    records_of_people,
)
from booking.suitability.rules import RuleSet
from booking.suitability.visits import JudgedVisit

AT_DOOR = ("door",)


class DayState(StrEnum):
    """How somebody stands with what is asked on the day."""

    UNANSWERED = "unanswered"
    CLEAR = "clear"
    LOOKED_AT = "looked-at"
    """A clinician decides first whether they are treated today."""
    CALL = "call"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayQuestions:
    """What is asked on the day of a visit. It tells answers: its reader must be allowed to read them.

    `given`: what they have answered on that very day; `grave`: what of it stands against a check-in.
    `nothing_new`: what is noted of whoever says that nothing is new since they answered, None where that is no answer.
    """

    version: int
    asked: tuple[AskedQuestion, ...]
    given: SuitabilityAnswers
    judged: JudgedVisit
    state: DayState
    grave: tuple[FiredRule, ...]
    nothing_new: SuitabilityAnswers | None

    @property
    def keys(self) -> list[str]:
        """By what the questions are called."""
        return [one.key for one in self.asked]

    @property
    def waits(self) -> bool:
        """Whether what they said stands against a check-in."""
        return self.state in (DayState.LOOKED_AT, DayState.CALL)


def visit_day(visit: Appointment) -> date:
    """Return the day of a visit by the clock of its site, which is needed."""
    day: date = visit.period.lower.astimezone(visit.site.tz).date()
    return day


def day_questions(visits: Iterable[Appointment], *, at: datetime) -> dict[int, DayQuestions]:
    """Return by id what is asked on the day of visits, of which anything is; in one query, or none.

    Needs the site, the therapy and the patient of each.
    """
    asked = [(visit, *found) for visit in visits if (found := _asked(visit, at=at)) is not None]
    known = records_of_people({visit.patient_id for visit, *_ in asked}) if asked else {}
    return {
        visit.pk: _stands(visit, rules, version, questions, known.get(visit.patient_id, NOTHING_KNOWN), at=at)
        for visit, rules, version, questions in asked
    }


def _asked(visit: Appointment, *, at: datetime) -> tuple[RuleSet, int, tuple[AskedQuestion, ...]] | None:
    in_force = rules_in_force(visit.site_id, at=at)
    if in_force is None:
        return None
    rules, version = in_force
    age = age_on(visit_day(visit), visit.patient.birth_date)
    pages = question_pages([rules], visit.therapy.key, visit.technique, age=age, asked=AT_DOOR)
    questions = tuple(one for page in pages for one in page.questions)
    return (rules, version, questions) if questions else None


def _stands(
    visit: Appointment,
    rules: RuleSet,
    version: int,
    asked: tuple[AskedQuestion, ...],
    known: SuitabilityRecords,
    *,
    at: datetime,
) -> DayQuestions:
    known, keys = known.of_visit(visit.pk), [one.key for one in asked]
    judged, given = judged_now(visit, rules, known, at=at), _given_that_day(visit, rules, known, keys)
    grave = tuple(_grave(visit, judged, known, keys))
    said = tuple(one for one in grave if one.ask in given.answers)
    facts, left = judged.facts, [key for key in keys if key not in given.answers]
    nothing_new = SuitabilityAnswers(
        answers={key: facts.answers.get(key, NO) for key in left},
        captures={key: facts.captures[key] for key in left if key in facts.captures},
    )
    return DayQuestions(
        version=version,
        asked=asked,
        given=given,
        judged=judged,
        state=_state(said, whole=not left),
        grave=said,
        nothing_new=nothing_new if not grave else None,
    )


def _state(said: tuple[FiredRule, ...], *, whole: bool) -> DayState:
    if said:
        stops = any(one.disposition is Disposition.STOP_AND_CALL for one in said)
        return DayState.CALL if stops else DayState.LOOKED_AT
    return DayState.CLEAR if whole else DayState.UNANSWERED


def judged_now(
    visit: Appointment, rules: RuleSet, known: SuitabilityRecords | None = None, *, at: datetime
) -> JudgedVisit:
    """Return what follows for a visit from all that is on record by now; without `known` it is read."""
    if known is None:
        known = records_of_people([visit.patient_id]).get(visit.patient_id, NOTHING_KNOWN).of_visit(visit.pk)
    zone, patient = visit.site.tz, visit.patient
    facts = facts_from(known, rules, birth_date=patient.birth_date, at=at, zone=zone, visit_day=visit_day(visit))
    found = judge(rules, facts, BookableTherapy(key=visit.therapy.key), technique=visit.technique)
    return JudgedVisit(rules=rules, facts=facts, found=found)


def _given_that_day(
    visit: Appointment, rules: RuleSet, known: SuitabilityRecords, keys: list[str]
) -> SuitabilityAnswers:
    """Return what of the questions was answered on the day itself, the newest answer of each."""
    zone, day, given = visit.site.tz, visit_day(visit), SuitabilityAnswers()
    for one in reversed(known.answers):
        if one.answered_at is not None and one.answered_at.astimezone(zone).date() == day:
            said = one.known_to(rules)
            mine = {key: answer for key, answer in said.answers.items() if key in keys}
            places = {key: parts for key, parts in said.captures.items() if key in mine}
            given = given.beside(SuitabilityAnswers(answers=mine, captures=places))
    return given


def _grave(visit: Appointment, judged: JudgedVisit, known: SuitabilityRecords, keys: list[str]) -> Iterator[FiredRule]:
    """Yield what was answered, today or before, to these questions that stands against a check-in.

    What a clinician has let pass for today does not, nor what was answered just so when it was decided to book this.
    """
    day, therapy = visit_day(visit), visit.therapy.key
    fired = [one for one in judged.found.fired if one.ask in keys and one.answer != UNANSWERED]
    grave = [one for one in fired if one.disposition.rank >= Disposition.CLINICIAN_REVIEW.rank]
    for one in grave:
        if one.disposition is not Disposition.STOP_AND_CALL:
            if any(given.covers(one.rule, therapy, on=day) for given in known.clearances):
                continue
            if one.disposition is Disposition.CLINICIAN_REVIEW and _known_then(visit, judged, known, one.ask):
                continue
        yield one


def _known_then(visit: Appointment, judged: JudgedVisit, known: SuitabilityRecords, key: str) -> bool:
    """Whether the same was answered when the visit was booked, or approved."""
    decided_at = _decided_at(visit)
    for one in known.answers:
        if one.answered_at is not None and one.answered_at <= decided_at and key in one.answers:
            places = set(judged.facts.captures.get(key, ()))
            return one.answers[key] == judged.facts.answers[key] and places <= set(one.captures.get(key, ()))
    return False


def _decided_at(visit: Appointment) -> datetime:
    approved = visit.changes.filter(move=Move.APPROVE).order_by("-pk").values_list("at", flat=True).first()
    moment: datetime = approved or visit.created_at
    return moment

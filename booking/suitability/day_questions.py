"""What is asked again on the day of a therapy, before somebody is checked in, and what follows from what they say."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from booking.models import Appointment
from booking.status import Move
from booking.suitability.answers import NO, SuitabilityAnswers
from booking.suitability.content import Disposition
from booking.suitability.facts import BookableTherapy
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
from booking.suitability.unseen import looked_at_last, stands_against, to_look_at
from booking.suitability.visits import JudgedVisit

AT_DOOR = ("door",)
EVER_ASKED = ("booking", "before", *AT_DOOR)
"""What was to be answered by the day, and what is asked on it."""


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

    `asked`: what is asked at the door of everybody (`on_the_day`), what was to be answered before and is not, and what
    no clinician has looked at; `given`: what they have answered on that very day; `grave`: what stands against a
    check-in, `unseen` of it what no clinician has looked at since it was booked.
    `nothing_new`: what is noted of whoever says that nothing is new since they answered, None where that is no answer.
    """

    version: int
    asked: tuple[AskedQuestion, ...]
    on_the_day: tuple[AskedQuestion, ...]
    given: SuitabilityAnswers
    judged: JudgedVisit
    state: DayState
    grave: tuple[FiredRule, ...]
    unseen: tuple[FiredRule, ...]
    nothing_new: SuitabilityAnswers | None

    @property
    def keys(self) -> list[str]:
        """By what the questions are called."""
        return [one.key for one in self.asked]

    @property
    def asks(self) -> bool:
        """Whether there is anything to ask, or to look at."""
        return bool(self.asked or self.grave)

    @property
    def waits(self) -> bool:
        """Whether what they said stands against a check-in."""
        return self.state in (DayState.LOOKED_AT, DayState.CALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class _DayOfVisit:
    """What is known on the day: by all `questions` that are ever asked of a visit, `door` those asked on the day."""

    visit: Appointment
    version: int
    questions: tuple[AskedQuestion, ...]
    door: frozenset[str]
    records: SuitabilityRecords
    judged: JudgedVisit

    @property
    def unanswered(self) -> list[str]:
        """What was to be answered before the day and is not, or counts no more."""
        keys = (one.key for one in self.questions)
        return [key for key in keys if key not in self.door and key not in self.judged.facts.answers]


def visit_day(visit: Appointment) -> date:
    """Return the day of a visit by the clock of its site, which is needed."""
    day: date = visit.period.lower.astimezone(visit.site.tz).date()
    return day


def day_questions(visits: Iterable[Appointment], *, at: datetime) -> dict[int, DayQuestions]:
    """Return by id what is asked on the day of visits of which anything is asked ever; in one query, or none.

    In one more where something that was answered may still be to be looked at. Needs the site, the therapy and the
    patient of each.
    """
    asked = [(visit, *found) for visit in visits if (found := _asked(visit, at=at)) is not None]
    records = records_of_people({visit.patient_id for visit, *_ in asked}) if asked else {}
    known = [
        _DayOfVisit(visit=visit, version=version, questions=questions, door=door, records=own, judged=judged)
        for visit, rules, version, questions, door in asked
        for own in [records.get(visit.patient_id, NOTHING_KNOWN).of_visit(visit.pk)]
        for judged in [judged_now(visit, rules, own, at=at)]
    ]
    open_looks = to_look_at({one.visit.pk: one.judged for one in known})
    return {one.visit.pk: _stands(one, unseen=one.visit.pk in open_looks) for one in known}


def _asked(
    visit: Appointment, *, at: datetime
) -> tuple[RuleSet, int, tuple[AskedQuestion, ...], frozenset[str]] | None:
    in_force = rules_in_force(visit.site_id, at=at)
    if in_force is None:
        return None
    rules, version = in_force
    age = age_on(visit_day(visit), visit.patient.birth_date)

    def pages(moments: tuple[str, ...]) -> tuple[AskedQuestion, ...]:
        found = question_pages([rules], visit.therapy.key, visit.technique, age=age, asked=moments)
        return tuple(one for page in found for one in page.questions)

    questions = pages(EVER_ASKED)
    return (rules, version, questions, frozenset(one.key for one in pages(AT_DOOR))) if questions else None


def _stands(known: _DayOfVisit, *, unseen: bool) -> DayQuestions:
    """Return how somebody stands. `unseen`: a clinician is still to look at what was answered since it was booked."""
    visit, judged, keys = known.visit, known.judged, [one.key for one in known.questions]
    given = _given_that_day(visit, judged.rules, known.records, keys)
    grave = tuple(_grave(visit, judged, known.records, known.door))
    said = tuple(one for one in grave if one.ask in given.answers)
    new = tuple(_unseen(visit, judged, known.records, known.door)) if unseen else ()
    facts, missing = judged.facts, known.unanswered
    left = [key for key in keys if key in known.door and key not in given.answers]
    nothing_new = SuitabilityAnswers(
        answers={key: facts.answers.get(key, NO) for key in left},
        captures={key: facts.captures[key] for key in left if key in facts.captures},
    )
    asked = {*known.door, *missing, *(one.ask for one in new)}
    return DayQuestions(
        version=known.version,
        asked=tuple(one for one in known.questions if one.key in asked),
        on_the_day=tuple(one for one in known.questions if one.key in known.door),
        given=given,
        judged=judged,
        state=_state(said + new, whole=not left and not missing),
        grave=said + new,
        unseen=new,
        nothing_new=None if grave or new or missing else nothing_new,
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


def _grave(
    visit: Appointment, judged: JudgedVisit, known: SuitabilityRecords, keys: Collection[str]
) -> Iterator[FiredRule]:
    """Yield what was answered, today or before, to these questions that stands against a check-in.

    What a clinician has let pass for today does not, nor what was answered just so when it was decided to book this.
    """
    for one in stands_against(judged):
        if one.ask not in keys:
            continue
        if one.disposition is not Disposition.STOP_AND_CALL:
            if _let_pass(visit, known, one):
                continue
            if one.disposition is Disposition.CLINICIAN_REVIEW and _known_then(visit, judged, known, one.ask):
                continue
        yield one


def _unseen(
    visit: Appointment, judged: JudgedVisit, known: SuitabilityRecords, keys: Collection[str]
) -> Iterator[FiredRule]:
    """Yield what stands against a visit that is not asked on the day (`keys`), and that no clinician has looked at.

    What was answered just so when it was booked, or when a clinician looked last, has been looked at.
    """
    for one in stands_against(judged):
        passes = one.disposition is not Disposition.STOP_AND_CALL and _let_pass(visit, known, one)
        if one.ask not in keys and not passes and not _known_then(visit, judged, known, one.ask):
            yield one


def _let_pass(visit: Appointment, known: SuitabilityRecords, one: FiredRule) -> bool:
    """Whether a clinician has let something pass for the day of a visit."""
    return any(given.covers(one.rule, visit.therapy.key, on=visit_day(visit)) for given in known.clearances)


def _known_then(visit: Appointment, judged: JudgedVisit, known: SuitabilityRecords, key: str) -> bool:
    """Whether the same was answered when the visit was booked, or approved."""
    decided_at = _decided_at(visit)
    for one in known.answers:
        if one.answered_at is not None and one.answered_at <= decided_at and key in one.answers:
            places = set(judged.facts.captures.get(key, ()))
            return one.answers[key] == judged.facts.answers[key] and places <= set(one.captures.get(key, ()))
    return False


def _decided_at(visit: Appointment) -> datetime:
    """Return when it was decided last that a visit takes place: as it was booked, approved, or looked at again."""
    approved = visit.changes.filter(move=Move.APPROVE).order_by("-pk").values_list("at", flat=True).first()
    return max(filter(None, (approved or visit.created_at, looked_at_last(visit))))

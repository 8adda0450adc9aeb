"""Requests that wait because of answers, as their page shows them to a clinician."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from booking.actions import calls
from booking.actions.suitability import suitability_reviews
from booking.actions.suitability.suitability_requests import due_at, newest_counts
from booking.models import Appointment, Change, LabKind, LabValue
from booking.models.patients import ContactSystem
from booking.status import Move
from booking.suitability.answered_again import answered_again, answered_otherwise
from booking.suitability.answers_by_link import is_request
from booking.suitability.content import Disposition
from booking.suitability.content_words import disposition_words
from booking.suitability.due_questions import all_questions
from booking.suitability.judgement import Alternative
from booking.suitability.policies import rules_in_force
from booking.suitability.rules import UNSURE
from booking.suitability.visit_words import (
    AnswerLine,
    answer_lines,
    clearable_lines,
    flags_in_words,
    is_blocked,
    lab_line,
    lab_words,
    needs_in_words,
    rest_in_words,
    unanswered_lines,
)
from booking.suitability.visits import JudgedVisit, judge_visits
from booking.web.desk.next_free import NextFree
from booking.web.desk.reviews.call_first import CallFirstLines, call_first
from booking.web.desk.reviews.clearance_rows import ClearanceRow, clearance_rows
from booking.web.labels import therapy_in_words, visit_in_words
from core.accounts.names import names_of
from core.sealing import digest
from core.text.languages import date_in_words, when_in_words
from core.text.phone_numbers import country_of
from scheduler import public as scheduler

MOST_ALTERNATIVES = 4
NAME_LENGTH = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternativeChoice:
    """What can be booked instead. `value`: how the form names it; `key`: what chooses it on a card in focus.

    `hint`: when it is free first, and where.
    """

    value: str
    name: str
    hint: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CountLine:
    """A blood count that is known. `id`: by which it is taken out."""

    id: str
    name: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionChoice:
    """A question that can be asked again. `value`: how the form names it; `unsure`: they did not know or answer it."""

    value: str
    words: str
    unsure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SuitabilityRow:
    """A request to decide about. `version`, `mark`, `stood`: as which it is seen; `overdue`: it was due by now.

    `at_once`: it is to be looked at as it comes, since it begins before there would be time for it.
    `answered`: when its patient answered by link, if they did; `questions`: what they can be asked again.

    `answers`, `unanswered` and `counts` are for clinicians of the site alone. `follows`: what all of that means now;
    `changed`: that is less than when it was booked, so something is new since, or cannot be read any more;
    `call_first`: what to do before anything; `blocked`: it would not be bookable online by now, so that whoever books
    it says why; `set_aside`: why somebody did; `clears`: what need not be looked at again until `clears_until` at the
    latest; `cleared`: what need not be by now; `again`: what they answered when asked once more, and before;
    `otherwise`: what they have answered otherwise since they asked for it, and before.
    """

    id: str
    version: int
    mark: str
    stood: str
    answered: str
    person: str
    born: str
    reach: str
    what: str
    starts: str
    with_whom: str
    asked: str
    due: str
    overdue: bool
    at_once: bool
    kept_until: str
    answers: Sequence[AnswerLine]
    rest: str
    unanswered: Sequence[str]
    counts: Sequence[CountLine]
    follows: str
    changed: bool
    flags: Sequence[str]
    needs: Sequence[str]
    alternatives: Sequence[AlternativeChoice]
    blocked: bool
    set_aside: str
    clears: Sequence[str]
    clears_until: str
    questions: Sequence[QuestionChoice]
    cleared: Sequence[ClearanceRow] = ()
    call_first: CallFirstLines | None = None
    again: Sequence[str] = ()
    otherwise: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedRequestRow:
    """A request that was declined or approved today: that can be taken back. `instead`: what was offered."""

    id: str
    version: int
    person: str
    starts: str
    instead: str
    decided: str


def waiting_rows(visits: Sequence[Appointment], *, at: datetime) -> list[SuitabilityRow]:
    """Return the rows of requests that wait: whoever is to be called first is on top."""
    judged, counts = judge_visits(visits, at=at), newest_counts(visits)
    again, otherwise = answered_again(visits, judged), answered_otherwise(visits, judged, at=at)
    free, here = NextFree(at=at), calls.here_and_in_need([visit.pk for visit in visits], at=at)
    rows = [
        replace(
            _row(visit, found, counts.get(visit.patient_id, []), free=free, at=at),
            call_first=call_first(visit, found, here=visit.pk in here),
            again=again.get(visit.pk, ()),
            otherwise=otherwise.get(visit.pk, ()),
        )
        for visit in visits
        for found in [judged.get(visit.pk)]
    ]
    return sorted(_with_clearances(rows, visits, at=at), key=lambda row: row.call_first is None)


def _with_clearances(
    rows: list[SuitabilityRow], visits: Sequence[Appointment], *, at: datetime
) -> list[SuitabilityRow]:
    """Return the rows with what a clinician need not look at again of their people."""
    people = {visit.site: {one.patient_id for one in visits if one.site == visit.site} for visit in visits}
    given = [one for site, of in people.items() for one in clearance_rows(site, at=at, patients=of)]
    return [
        replace(row, cleared=[one for one in given if one.patient == visit.patient_id])
        for row, visit in zip(rows, visits, strict=True)
    ]


def _row(
    visit: Appointment, judged: JudgedVisit | None, counts: Sequence[LabValue], *, free: NextFree, at: datetime
) -> SuitabilityRow:
    zone, due = visit.site.tz, due_at(visit)
    contacts = sorted(visit.patient.contacts.all(), key=lambda one: one.system != ContactSystem.PHONE)
    return SuitabilityRow(
        id=str(visit.public_id),
        version=visit.version,
        mark=judged.mark if judged else "",
        stood=suitability_reviews.stands_as(visit),
        answered=when_in_words(visit.answered_at, zone) if visit.answered_at else "",
        person=visit.patient.name,
        born=date_in_words(visit.patient.birth_date),
        reach=", ".join(contact.readable(country_of(visit.site.zone)) for contact in contacts),
        what=_what(visit),
        starts=when_in_words(visit.period.lower, zone),
        with_whom=visit.practitioner.name,
        asked=when_in_words(visit.created_at, zone),
        due=when_in_words(due, zone),
        overdue=due <= at,
        at_once=due <= visit.known_at,
        kept_until=when_in_words(visit.kept_until, zone) if visit.kept_until else "",
        **_judged(visit, judged, counts, free) | {"blocked": is_blocked(judged), "set_aside": visit.set_aside_reason},
    )


def _what(visit: Appointment) -> str:
    return f"{therapy_in_words(visit.therapy.name, visit.technique)}, {visit_in_words(visit.visit)}"


def _judged(
    visit: Appointment, judged: JudgedVisit | None, counts: Sequence[LabValue], free: NextFree
) -> dict[str, Any]:
    """Return what was answered, in words, and what follows from it now."""
    if judged is None:
        nothing = _("The rules say nothing of this any more: decide as you see it.")
        empty = dict.fromkeys(
            ("answers", "unanswered", "counts", "flags", "needs", "alternatives", "clears", "questions"), ()
        )
        return {**empty, "rest": "", "follows": nothing, "changed": False, "clears_until": ""}
    latest = suitability_reviews.last_day_of_clearance(judged, judged.facts.on)
    return {
        "answers": answer_lines(judged),
        "rest": rest_in_words(judged),
        "unanswered": unanswered_lines(judged),
        "counts": _count_lines(judged, counts),
        "follows": disposition_words()[judged.found.disposition],
        "changed": judged.found.disposition.rank < Disposition.CLINICIAN_REVIEW.rank,
        "flags": flags_in_words(judged, set_aside=bool(visit.set_aside_reason) or is_blocked(judged)),
        "needs": needs_in_words(judged),
        "alternatives": _choices(visit, judged, free) if is_request(visit) else (),
        "clears": clearable_lines(judged) if judged.found.disposition is not Disposition.STOP_AND_CALL else (),
        "clears_until": f"{latest:%m/%d/%Y}",
        "questions": _questions(visit, judged),
    }


def _named(key: str) -> str:
    # Codes are for machines: a page that is read aloud, or looked at over a shoulder, has words alone.
    return digest(key, purpose="a question that is asked again")[:NAME_LENGTH]


def questions_named(visit: Appointment, values: Collection[str], *, at: datetime) -> list[str]:
    """Return the questions that a form names, as the rules in force name them. What it makes up is left out."""
    in_force = rules_in_force(visit.site_id, at=at)
    asked = all_questions(visit, in_force[0]) if in_force else ()
    return [one.key for one in asked if _named(one.key) in values]


def _questions(visit: Appointment, judged: JudgedVisit) -> list[QuestionChoice]:
    """Return what can be asked again, what nobody is sure of first."""
    given = judged.facts.answers
    found = [
        QuestionChoice(value=_named(one.key), words=one.words, unsure=given.get(one.key) in {None, *UNSURE})
        for one in all_questions(visit, judged.rules)
    ]
    return sorted(found, key=lambda one: not one.unsure)


def _count_lines(judged: JudgedVisit, counts: Sequence[LabValue]) -> list[CountLine]:
    known = [(one, LabKind(one.kind)) for one in counts if one.kind in judged.facts.labs]
    return [CountLine(id=str(one.public_id), name=lab_words(kind), words=lab_line(judged, kind)) for one, kind in known]


def _choices(visit: Appointment, judged: JudgedVisit, free: NextFree) -> list[AlternativeChoice]:
    """Return what can be booked instead at once; only where there is nothing, what a clinician would look at again.

    What has a free time comes alone, with the first; where nothing has, all can be chosen all the same.
    """
    others = suitability_reviews.alternatives(visit, judged)
    found = [one for one in others if one.disposition.rank < Disposition.CLINICIAN_REVIEW.rank] or others
    times = {one: free.of(visit, judged, one) for one in found}
    found = [one for one in found if times[one]] or list(found)
    return [
        AlternativeChoice(
            value=suitability_reviews.named(one),
            name=free.name_of(one),
            hint=_hint(one, times[one]),
            key=str(number),
        )
        for number, one in enumerate(found[:MOST_ALTERNATIVES], start=1)
    ]


def _hint(one: Alternative, when: str) -> str:
    """Say when it is free first, and what comes before that."""
    looked_at = _("a clinician looks at it first") if one.disposition is Disposition.CLINICIAN_REVIEW else ""
    more = _("after a few more questions") if one.asks_more else ""
    return "; ".join(filter(None, (when or _("nothing is free just now"), more, looked_at)))


def decided_rows(visits: Sequence[Appointment], *what: Move) -> list[DecidedRequestRow]:
    """Return what was declined or approved today, by whom, and what was offered instead."""
    moves = Change.objects.filter(appointment__in=visits, move__in=what).order_by("appointment_id", "-pk")
    last = {one.appointment_id: one for one in moves.distinct("appointment_id")}
    names = names_of(one.by for one in last.values())
    return [_decided(visit, last[visit.pk], names) for visit in visits if visit.pk in last]


def _decided(visit: Appointment, change: Change, names: dict[str, str]) -> DecidedRequestRow:
    facts = {"name": names.get(change.by, ""), "when": when_in_words(change.at, visit.site.tz)}
    return DecidedRequestRow(
        id=str(visit.public_id),
        version=visit.version,
        person=visit.patient.name,
        starts=when_in_words(visit.period.lower, visit.site.tz),
        instead=instead_in_words(change),
        decided=(_("%(name)s, %(when)s") % facts) if facts["name"] else facts["when"],
    )


def instead_in_words(change: Change) -> str:
    """Return what a decline offers instead, as people read it; empty where it offers nothing."""
    therapy, _slash, technique = str(change.facts.get("instead", "")).partition("/")
    names = {card.key: card.name for card in scheduler.therapies()} if therapy else {}
    return therapy_in_words(names[therapy], technique) if therapy in names else ""

"""What stands is looked at again when what is known of its patient leads elsewhere than when it was booked.

Nothing is cancelled and nothing is told: somebody talks with them (docs/adr/0049-judged-when-booked.md).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from booking.actions import calls
from booking.models import Appointment, CallReason, Patient
from booking.status import OCCUPYING
from booking.suitability.answers_by_link import waits_for_answers
from booking.suitability.content import Disposition
from booking.suitability.facts import BookableTherapy
from booking.suitability.findings import UNANSWERED
from booking.suitability.judgement import judge
from booking.suitability.policies import rules_in_force
from booking.suitability.records import (
    NOTHING_KNOWN,
    EnteredCounts,
    GivenClearances,
    SuitabilityRecords,
    facts_from,
    records_of_people,
)
from booking.suitability.rules import RuleSet

FiredAnswer = tuple[str, str]
"""A rule, and the answer for which it fired."""


def look_again(
    patient: Patient,
    *,
    at: datetime,
    born_before: date | None = None,
    then: Mapping[int, set[FiredAnswer]] | None = None,
) -> list[int]:
    """Let somebody talk with a patient of whose appointments ahead a clinician would say something else by now.

    The patient is locked. `born_before`: the birth date that was on record until now, where that has changed; `then`:
    what `reasons_known` said of them before, where it is not what was known when they were booked. Returns the
    appointments (ids).
    """
    # What waits for answers is judged by them as they come.
    visits = [one for one in _ahead(patient, at=at) if not waits_for_answers(one)]
    if not visits:
        return []
    known = records_of_people([patient.pk]).get(patient.pk, NOTHING_KNOWN)
    before = reasons_known(patient, at=at, born=born_before) if then is None else then
    found = [
        visit.pk
        for visit in visits
        if (in_force := rules_in_force(visit.site_id, at=at))
        and _reasons(visit, known.of_visit(visit.pk), in_force[0], born=patient.birth_date, at=at)
        - before.get(visit.pk, set())
    ]
    calls.raise_for(found, CallReason.ANSWERS_CHANGED, at=at, again=True)
    return found


def reasons_known(
    patient: Patient, *, at: datetime, born: date | None = None, since: datetime | None = None
) -> dict[int, set[FiredAnswer]]:
    """Return what stood against each appointment ahead (by id) by what was known of its patient when it was booked.

    `since`: what was known then instead; `born`: their birth date, where it was another than now.
    """
    visits = _ahead(patient, at=at)
    if not visits:
        return {}
    known = records_of_people([patient.pk]).get(patient.pk, NOTHING_KNOWN)
    counts, clearances = EnteredCounts.of(patient), GivenClearances.of(patient)
    found: dict[int, set[FiredAnswer]] = {}
    for visit in visits:
        moment, in_force = since or visit.known_at, rules_in_force(visit.site_id, at=at)
        if in_force is not None:
            own = known.of_visit(visit.pk)
            given = tuple(one for one in own.answers if one.answered_at is not None and one.answered_at <= moment)
            on_record = replace(
                own, answers=given, labs=counts.known_at(moment), clearances=clearances.known_at(moment)
            )
            found[visit.pk] = _reasons(visit, on_record, in_force[0], born=born or patient.birth_date, at=moment)
    return found


def has_news(visit: Appointment, *, at: datetime) -> bool:
    """Whether something stands against an appointment ahead by now that did not when it was booked."""
    in_force = rules_in_force(visit.site_id, at=at)
    if in_force is None:
        return False
    patient = visit.patient
    known = records_of_people([patient.pk]).get(patient.pk, NOTHING_KNOWN).of_visit(visit.pk)
    now = _reasons(visit, known, in_force[0], born=patient.birth_date, at=at)
    return bool(now - reasons_known(patient, at=at).get(visit.pk, set()))


def _ahead(patient: Patient, *, at: datetime) -> list[Appointment]:
    ahead = Appointment.objects.filter(patient=patient, status__in=sorted(OCCUPYING), period__startswith__gt=at)
    return list(ahead.select_related("site", "therapy").order_by("period", "pk"))


def _reasons(
    visit: Appointment, known: SuitabilityRecords, rules: RuleSet, *, born: date, at: datetime
) -> set[FiredAnswer]:
    """Return what a clinician would look at, or what is not booked online, by what was known at a time.

    What is not answered, or not any more, is no reason: it is asked anew before they come.
    """
    zone = visit.site.tz
    day = visit.period.lower.astimezone(zone).date()
    facts = facts_from(known, rules, birth_date=born, at=at, zone=zone, visit_day=day)
    found = judge(rules, facts, BookableTherapy(key=visit.therapy.key), technique=visit.technique)
    grave = (one for one in found.fired if one.disposition.rank >= Disposition.CLINICIAN_REVIEW.rank)
    return {(one.rule, one.answer) for one in grave if one.answer != UNANSWERED}

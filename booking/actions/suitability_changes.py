"""What stands is looked at again when what is known of its patient leads elsewhere than when it was booked.

Nothing is cancelled and nothing is told: somebody talks with them (docs/adr/0049-judged-when-booked.md).
"""

from dataclasses import replace
from datetime import date, datetime

from booking.actions import calls
from booking.models import Appointment, CallReason, Patient
from booking.status import OCCUPYING
from booking.suitability.content import Disposition
from booking.suitability.facts import BookableTherapy
from booking.suitability.findings import UNANSWERED
from booking.suitability.judgement import judge
from booking.suitability.policies import rules_in_force
from booking.suitability.records import NOTHING_KNOWN, SuitabilityRecords, facts_from, records_of_people
from booking.suitability.rules import RuleSet

FiredAnswer = tuple[str, str]
"""A rule, and the answer for which it fired."""


def look_again(patient: Patient, *, at: datetime, born_before: date | None = None) -> list[int]:
    """Let somebody talk with a patient of whose appointments ahead a clinician would say something else by now.

    The patient is locked. `born_before`: the birth date that was on record until now, where that has changed. Returns
    the appointments (ids).
    """
    ahead = Appointment.objects.filter(patient=patient, status__in=sorted(OCCUPYING), period__startswith__gt=at)
    visits = list(ahead.select_related("site", "therapy").order_by("period", "pk"))
    if not visits:
        return []
    known = records_of_people([patient.pk]).get(patient.pk, NOTHING_KNOWN)
    found = [
        visit.pk
        for visit in visits
        if _leads_elsewhere(visit, known, patient, born_before or patient.birth_date, at=at)
    ]
    calls.raise_for(found, CallReason.ANSWERS_CHANGED, at=at, again=True)
    return found


def _leads_elsewhere(
    visit: Appointment, known: SuitabilityRecords, patient: Patient, born_before: date, *, at: datetime
) -> bool:
    """Whether something stands against a visit that did not when it was booked. Needs its site and therapy."""
    in_force = rules_in_force(visit.site_id, at=at)
    if in_force is None:
        return False
    rules, booked_at = in_force[0], visit.created_at
    given_then = tuple(one for one in known.answers if one.answered_at is not None and one.answered_at <= booked_at)
    then = _reasons(visit, replace(known, answers=given_then), rules, born=born_before, at=booked_at)
    return bool(_reasons(visit, known, rules, born=patient.birth_date, at=at) - then)


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

"""Answers for which a clinician is still to look at something: no other booking takes their place by better ones."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from booking.calls.calls_to_make import LOOKED_AT_AGAIN
from booking.models import Appointment, CallTask, Patient
from booking.status import OCCUPYING, WAITING
from booking.suitability.answers import SuitabilityAnswers
from booking.suitability.answers_by_link import CLINICIAN_ASKS
from booking.suitability.content import Disposition
from booking.suitability.records import NOTHING_KNOWN, counting, records_of_people
from booking.suitability.rules import RuleSet
from booking.suitability.unseen import stands_against
from booking.suitability.visits import judge_visits
from booking.suitability.worse_answers import worsened

LOOKED_AT = (Disposition.CLINICIAN_REVIEW.value, CLINICIAN_ASKS)


def without_swallowed(
    patient: Patient,
    answers: SuitabilityAnswers,
    rules: RuleSet,
    *,
    zone: ZoneInfo,
    at: datetime,
    came_with: Appointment | None = None,
) -> SuitabilityAnswers:
    """Leave out of answers that come with a booking what is better than an answer that a clinician is still to look at.

    Until then that counts, for what is booked now as well. `came_with`: the booking that they came with, if it is
    there already. The patient is locked.
    """
    waiting = [visit for visit in _waiting(patient, at=at) if visit != came_with]
    if not waiting:
        return answers
    judged = judge_visits(waiting, at=at)
    awaited = {fired.ask for one in judged.values() for fired in stands_against(one)}
    records = records_of_people([patient.pk]).get(patient.pk, NOTHING_KNOWN)
    for visit in waiting:
        records = records.of_visit(visit.pk)
    known = counting(records.answers, rules, on=at.astimezone(zone).date(), zone=zone)
    given = answers.whole
    better = {
        key
        for key, answer in given.answers.items()
        if key in awaited and key in known.answers and answer != known.answers[key]
    } - worsened(known, given, rules).answers.keys()
    return answers.only(given.answers.keys() - better)


def _waiting(patient: Patient, *, at: datetime) -> list[Appointment]:
    """Return what of a patient a clinician is still to look at: requests, and what stands and is looked at again."""
    tasks = CallTask.objects.filter(reason__in=LOOKED_AT_AGAIN, done_at=None, appointment__patient=patient)
    request = Q(status__in=sorted(WAITING), suitability__in=LOOKED_AT) & (Q(kept_until=None) | Q(kept_until__gt=at))
    rows = Appointment.objects.filter(request | Q(pk__in=tasks.values("appointment")), patient=patient)
    ahead = rows.filter(status__in=sorted(OCCUPYING), period__endswith__gt=at)
    return list(ahead.select_related("site", "therapy", "patient").order_by("pk"))

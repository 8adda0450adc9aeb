"""Answers to the questions before booking: given apart from a booking, and let go of once none of them counts."""

from datetime import datetime

from booking.actions.patients import person_locks
from booking.actions.suitability import suitability_changes
from booking.models import Patient, SuitabilityResponse
from booking.suitability.answers import SuitabilityAnswers
from booking.suitability.policies import rules_in_force
from booking.suitability.records import save_answers
from core.database.transactions import unit
from core.principal import Principal

FORGOTTEN_AT_ONCE = 1000


@unit
def answer(
    patient: Patient, answers: SuitabilityAnswers, *, site_id: int, by: Principal, at: datetime
) -> SuitabilityResponse | None:
    """Write down what somebody answers as a site asks it; None where it asks nothing of that. Raises MergedInto."""
    # Under the lock that every booking for them takes: it is judged by what they say now, or by what they said before.
    patient = person_locks.lock_patient(patient)
    in_force = rules_in_force(site_id, at=at)
    if in_force is None:
        return None
    rules, version = in_force
    made = save_answers(patient, answers, rules=rules, policy_version=version, by=by, at=at)
    suitability_changes.look_again(patient, at=at)
    return made


@unit
def forget_answers(*, at: datetime) -> int:
    """Let go of answers of which none counts any more; what followed for appointments stays."""
    over = SuitabilityResponse.objects.filter(answers_until__lte=at).exclude(answers="").order_by("answers_until")
    ids = list(over.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
    return SuitabilityResponse.objects.filter(pk__in=ids).update(answers="")

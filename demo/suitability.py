"""The suitability rules of invented clinics: those that are shipped, which no clinician has signed, or none at all."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from booking.models import Patient
from booking.suitability.answers import SuitabilityAnswers, answered_no
from booking.suitability.policies import KEY, rules_in_force
from booking.suitability.records import save_answers
from core.database.transactions import unit
from core.models import Policy, PolicyState, Site
from core.policies.actions import policies
from core.principal import Principal

THEMSELVES = Principal.system("demo")
ALWAYS = DateTimeTZRange(None, None)
TAKEN, ONE_TAKES_IT_IN = {"antiplatelet_or_aspirin": "yes"}, 12
"""What some take by whom all can be booked, so that a rule about it means something for somebody."""


@unit
def adopt(content: Mapping[str, Any], *, at: datetime, site: Site | None = None) -> Policy:
    """Put rules in force at all sites of an invented clinic, or one, in the place of those that held.

    Whoever looks them up sees that nobody signed them.
    """
    Policy.objects.published().filter(key=KEY, site=site).update(state=PolicyState.RETIRED)
    return policies.adopt(KEY, content, effective=ALWAYS, by=THEMSELVES, at=at, site=site)


@unit
def answer_for_all(*, at: datetime) -> int:
    """Let everybody there is have answered, so that they can book again: that none of it applies, or what some take.

    Returns how many answered.
    """
    people = list(Patient.objects.select_for_update().order_by("pk"))
    return sum(
        _answer(patient, at=at, said=TAKEN if not patient.user_id and number % ONE_TAKES_IT_IN == 0 else {})
        for number, patient in enumerate(people, 1)
    )


def _answer(patient: Patient, *, at: datetime, said: Mapping[str, str]) -> bool:
    found = rules_in_force(patient.site_id, at=at)
    if found is None:
        return False
    rules, version = found
    answers = answered_no(rules).beside(SuitabilityAnswers(answers=said))
    return save_answers(patient, answers, rules=rules, policy_version=version, by=THEMSELVES, at=at) is not None

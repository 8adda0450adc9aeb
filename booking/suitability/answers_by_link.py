"""Appointments that wait for what their patients answer by link: how they are told from all others."""

import json
from collections.abc import Iterable

from booking.models import Appointment
from booking.status import Status
from booking.status_display import Awaited
from booking.suitability.content import Disposition
from core.sealing import seal, unseal

ANSWERS_NEEDED = "answers-needed"
"""What stands on a request in place of a disposition until its patient has answered: staff booked it so."""

CLINICIAN_ASKS = "clinician-asks"
"""What stands there of what a clinician looks at, from when they ask its patient by link until they decide."""

QUESTIONS_BY_LINK = "questions_by_link"
"""The fact of a row of the ledger by which a patient is asked by link."""

TALKED_ABOUT = frozenset({Disposition.BLOCK_SELF_BOOKING.value, Disposition.STOP_AND_CALL.value})
"""What keeps a request from being booked once its patient has answered: somebody calls them."""

PURPOSE = "questions that a clinician asks"


def is_looked_at(visit: Appointment) -> bool:
    """Whether a clinician is to look at an appointment before it is booked."""
    return visit.status == Status.PROPOSED and visit.suitability == Disposition.CLINICIAN_REVIEW


def is_asked(visit: Appointment) -> bool:
    """Whether a clinician has asked the patient of what they look at, and has not decided yet."""
    return visit.status == Status.PENDING and visit.suitability == CLINICIAN_ASKS


def is_request(visit: Appointment) -> bool:
    """Whether an appointment is asked for, and not booked before somebody has looked at it or heard."""
    return visit.status == Status.PROPOSED or is_asked(visit)


def waits_for_answers(visit: Appointment) -> bool:
    """Whether a request waits for its patient to answer."""
    if is_asked(visit):
        return visit.answered_at is None
    return visit.status == Status.PROPOSED and visit.suitability == ANSWERS_NEEDED


def is_to_be_talked_about(visit: Appointment) -> bool:
    """Whether a request stands although it is not booked with what was answered since: somebody calls them."""
    return visit.status == Status.PROPOSED and visit.suitability in TALKED_ABOUT and not visit.set_aside_reason


def awaited_of(visit: Appointment) -> Awaited:
    """Return what a request waits for, as far as its status alone does not tell."""
    if is_asked(visit):
        return Awaited.QUESTION if waits_for_answers(visit) else Awaited.LOOK
    if waits_for_answers(visit):
        return Awaited.ANSWERS
    if visit.status == Status.PENDING and visit.awaits_referral:
        return Awaited.REFERRAL
    return Awaited.CALL if is_to_be_talked_about(visit) else Awaited.NOTHING


def seal_questions(keys: Iterable[str]) -> str:
    """Return what a clinician asks as it is kept."""
    return seal(json.dumps(list(keys)), purpose=PURPOSE)


def asked_questions(visit: Appointment) -> tuple[str, ...]:
    """Return what a clinician asks the patient of an appointment; nothing where nobody can open it any more."""
    text = unseal(visit.asked_questions, purpose=PURPOSE) if visit.asked_questions else None
    return tuple(json.loads(text)) if text else ()

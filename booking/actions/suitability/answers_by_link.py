"""What a patient answers by link for an appointment that waits for it: it is booked, looked at, or talked about."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from booking import queries
from booking.actions import booking_checks, calls
from booking.actions.moves import locked, move
from booking.actions.patients.person_locks import lock_patient
from booking.actions.suitability import suitability_changes
from booking.models import Appointment, CallReason, Patient
from booking.status import Move
from booking.suitability.answers import SuitabilityAnswers, rest_answered_no
from booking.suitability.answers_by_link import is_asked, waits_for_answers
from booking.suitability.content import Disposition
from booking.suitability.day_questions import judged_now
from booking.suitability.facts import BookableTherapy
from booking.suitability.judgement import judge
from booking.suitability.policies import rules_in_force
from booking.suitability.records import save_answers
from booking.suitability.visits import JudgedVisit, place_needs_of_visit
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Refusal
from scheduler import public as scheduler

ANSWERED = Principal.system("answered")
CALLED_FOR: Mapping[str, CallReason] = {
    Disposition.BLOCK_SELF_BOOKING: CallReason.NOT_BOOKABLE,
    Disposition.STOP_AND_CALL: CallReason.SEEK_CARE,
}
"""Why somebody calls whoever cannot book this with what they answered."""


@unit
def answer(appointment_id: UUID, answers: SuitabilityAnswers, *, by: Principal, at: datetime) -> Appointment:
    """Write down what the patient of an appointment answers, and let it go on by that where it waited for it.

    What passes is booked at once, unless it is looked at for another reason; what a clinician looks at is due a
    business day from now; of what is not booked with these answers somebody talks with them. What a clinician has asked
    is theirs to decide. Raises Missing.
    """
    # The one order of locks: the appointment, then its person. Whoever moves or cancels it meanwhile waits, or did.
    visit = locked(appointment_id)
    patient = lock_patient(visit.patient)
    waited = waits_for_answers(visit) and not queries.has_lapsed(visit, at=at)
    feared = _is_feared(visit, at=at)
    judged = _judged_by(visit, patient, answers, by=by, at=at)
    follows = judged.found.disposition.value if judged else ""
    if not waited:
        return visit
    _call_in_danger(visit, follows, feared=feared, at=at)
    if judged is not None and _lacks_more(visit, judged) and not is_asked(visit):
        return visit
    calls.end([visit.pk], CallReason.NOT_REACHED, at=at)
    visit.answered_at = visit.updated_at = at
    visit.asked_questions = ""
    if not is_asked(visit):
        visit.suitability = follows
    visit.save(update_fields=["answered_at", "updated_at", "suitability", "asked_questions"])
    return _keep_for_review(visit, at=at) if is_asked(visit) else _go_on(visit, at=at)


def _judged_by(
    visit: Appointment, patient: Patient, answers: SuitabilityAnswers, *, by: Principal, at: datetime
) -> JudgedVisit | None:
    """Write answers down, and say what follows for an appointment; None where nobody asks anything any more."""
    in_force = rules_in_force(visit.site_id, at=at)
    if in_force is None:
        return None
    rules, version = in_force
    if save_answers(patient, answers, rules=rules, policy_version=version, by=by, at=at):
        suitability_changes.look_again(patient, at=at)
    return judged_now(visit, rules, at=at)


def _lacks_more(visit: Appointment, judged: JudgedVisit) -> bool:
    """Whether more is to be answered before anything follows: not where somebody is in danger whatever they answer."""
    if not judged.found.unanswered:
        return False
    facts = rest_answered_no(judged.rules, judged.facts)
    at_best = judge(judged.rules, facts, BookableTherapy(key=visit.therapy.key), technique=visit.technique)
    return at_best.disposition is not Disposition.STOP_AND_CALL


def _is_feared(visit: Appointment, *, at: datetime) -> bool:
    """Whether a patient may be in danger by what was known so far."""
    in_force = rules_in_force(visit.site_id, at=at)
    found = judged_now(visit, in_force[0], at=at).found if in_force else None
    return found is not None and found.disposition is Disposition.STOP_AND_CALL


def _call_in_danger(visit: Appointment, follows: str, *, feared: bool, at: datetime) -> None:
    """Let whoever may be in danger by what is known so far be called at once; nobody, once it is known to be none."""
    if follows == Disposition.STOP_AND_CALL:
        calls.raise_for([visit.pk], CallReason.SEEK_CARE, at=at)
    elif feared and not is_asked(visit):
        calls.end([visit.pk], CallReason.SEEK_CARE, at=at)


def _go_on(visit: Appointment, *, at: datetime) -> Appointment:
    """Let an appointment go on whose patient has answered."""
    if reason := CALLED_FOR.get(visit.suitability):
        calls.raise_for([visit.pk], reason, at=at)
        return visit
    # Another time that was offered is taken by a press of its own.
    if queries.in_review(visit) or queries.review_answer(visit).offered:
        return _keep_for_review(visit, at=at)
    try:
        return _book(visit, at=at)
    except scheduler.NoSuitablePlace:  # by what they answered: its time is open, so no call about that would last
        calls.raise_for([visit.pk], CallReason.NOT_BOOKABLE, at=at)
    except Refusal:  # closed by now, say: there is another time to be found
        calls.raise_for([visit.pk], CallReason.WITHOUT_COVER, at=at)
    return visit


@transaction.atomic  # a savepoint: what was answered stays
def _book(visit: Appointment, *, at: datetime) -> Appointment:
    """Book it by itself, at a place that has what its patient needs. Raises NoSuitablePlace, and what moving does."""
    booked = move(visit.public_id, Move.APPROVE, by=ANSWERED, at=at)
    if not scheduler.place_has(booked.place_id, place_needs_of_visit(booked, at=at)):
        raise scheduler.NoSuitablePlace
    return booked


def _keep_for_review(visit: Appointment, *, at: datetime) -> Appointment:
    """Keep its time for whoever looks at it: until the visit begins, where they could not else be in time."""
    until = booking_checks.review_of(visit).until
    if until is not None and visit.kept_until is not None and until > visit.kept_until:
        scheduler.postpone(visit.allocation, until=until, at=at)
        visit.kept_until = until
        visit.save(update_fields=["kept_until"])
    return visit

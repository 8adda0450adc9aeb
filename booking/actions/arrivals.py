"""At the door: what is asked once more before somebody is checked in, and checking them in."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from booking.actions.as_seen import refuse_changed
from booking.actions.booking_checks import insist_on_staff
from booking.actions.check_in_checks import is_today
from booking.actions.moves import locked, move
from booking.actions.screening.screening import (
    AnsweredMeanwhile,
    ScreeningNotAsked,
    answer,
    day_of,
    id_of,
    is_repeated,
    note,
)
from booking.actions.suitability.day_questions import note_nothing_new
from booking.models import Appointment, ScreeningResponse
from booking.queries import lacks_cover
from booking.screening.outcomes import ScreeningAnswers, ScreeningResult, screen_on_arrival
from booking.screening.policies import ScreeningPolicy
from booking.screening.queries import PATIENT, screening_of
from booking.screening.questionnaire import AnswerChoice, Outcome
from booking.status import Move, Status
from core.database.transactions import unit
from core.principal import Principal


@unit
def recheck(
    appointment_id: UUID,
    answers: ScreeningAnswers,
    *,
    by: Principal,
    at: datetime,
    companion: int = PATIENT,
    seen: str | None = None,
) -> ScreeningResponse:
    """Note what somebody says at the door to what is asked once more, on the day itself; return the answers that count.

    Where nothing is new those that they gave still do; else these do, and what is worse wins.
    `seen`: as for answers. Raises Missing, ScreeningNotAsked, AnsweredMeanwhile, StaffOnly, and Invalid.
    """
    visit = locked(appointment_id)
    insist_on_staff(visit, by)
    found = screening_of(visit, at=at, companion=companion)
    if found.policy is None or found.newest is None or not is_today(visit, at=at):
        raise ScreeningNotAsked
    if seen is not None and seen != id_of(found.newest):
        if is_repeated(found.newest, answers, visit=visit, by=by, at=at):
            return found.newest
        raise AnsweredMeanwhile
    if not found.state.lets_in:
        raise ScreeningNotAsked
    result = screen_on_arrival(found.policy, answers, visit_on=day_of(visit))
    if result.outcome is Outcome.PROCEED:
        return _mark_rechecked(found.newest, by=by, at=at)
    result = replace(result, masked=result.masked or found.newest.masked)
    made = note(visit, answers, result, policy=found.policy, by=by, at=at, companion=companion)
    return _mark_rechecked(made, by=by, at=at)


def _mark_rechecked(response: ScreeningResponse, *, by: Principal, at: datetime) -> ScreeningResponse:
    """Note that what the policy asks at the door was asked. The visit's row must be locked."""
    response.rechecked_at, response.rechecked_by = at, by.key
    response.save(update_fields=["rechecked_at", "rechecked_by"])
    return response


@unit
def check_in(
    appointment_id: UUID,
    *,
    by: Principal,
    at: datetime,
    temperature_f: Decimal | None = None,
    all_the_same: bool = False,
    seen: str | None = None,
) -> Appointment:
    """Check somebody in who has nothing new to say at the door. Who has a fever is noted, and stays as they are.

    `all_the_same`: although their time is not open any more; `seen`: as which whoever checks them in saw it.
    Raises Missing, AppointmentChanged, Invalid where the temperature is wanted and missing, and what a check-in
    refuses.
    """
    visit = locked(appointment_id)
    refuse_changed(visit, seen)
    found = screening_of(visit, at=at)
    if found.policy is not None and found.needs_recheck and is_today(visit, at=at):
        nothing_new = dict.fromkeys(found.policy.recheck, AnswerChoice.NO)
        said = ScreeningAnswers(answered_on=day_of(visit), choices=nothing_new, temperature_f=temperature_f)
        if recheck(appointment_id, said, by=by, at=at).outcome == Outcome.REBOOK:
            return visit
    note_nothing_new(visit, by=by, at=at)
    return move(appointment_id, Move.CHECK_IN, by=by, at=at, all_the_same=all_the_same)


@unit
def start(
    appointment_id: UUID,
    *,
    by: Principal,
    at: datetime,
    temperature_f: Decimal | None = None,
    all_the_same: bool = False,
    seen: str | None = None,
) -> Appointment:
    """Check somebody in who has arrived and has nothing new to say, and note that they are treated from now on.

    Who has a fever is noted, and stays as they are. Raises what a check-in does, and StartsLater.
    """
    done = check_in(appointment_id, by=by, at=at, temperature_f=temperature_f, all_the_same=all_the_same, seen=seen)
    if done.status != Status.CHECKED_IN:
        return done
    return move(appointment_id, Move.START, by=by, at=at, all_the_same=all_the_same)


@unit
def note_until_booked(
    appointment_id: UUID,
    answers: ScreeningAnswers,
    result: ScreeningResult,
    *,
    policy: ScreeningPolicy,
    by: Principal,
    at: datetime,
) -> ScreeningResponse:
    """Note what whoever stands at the desk answers for a request of today: it counts once somebody has approved it.

    Raises Missing, StaffOnly.
    """
    visit = locked(appointment_id)
    insist_on_staff(visit, by)
    made = note(visit, answers, result, policy=policy, by=by, at=at)
    measured = not policy.temperature_at_door or answers.temperature_f is not None
    return _mark_rechecked(made, by=by, at=at) if measured else made


@unit
def answer_at_desk(
    appointment_id: UUID,
    answers: ScreeningAnswers,
    *,
    by: Principal,
    at: datetime,
    companion: int = PATIENT,
    seen: str | None = None,
    then_check_in: bool = False,
) -> ScreeningResponse:
    """Note what is answered to the questions read aloud, on the day itself for what is asked at the door as well.

    `then_check_in`: where that lets them in, and their time is open. Raises what answering does, and what a check-in
    refuses.
    """
    made = answer(appointment_id, answers, by=by, at=at, companion=companion, seen=seen)
    visit = locked(appointment_id)
    found = screening_of(visit, at=at, companion=companion)
    measured = found.policy is None or not found.policy.temperature_at_door or answers.temperature_f is not None
    if measured and is_today(visit, at=at):
        insist_on_staff(visit, by)
        made = _mark_rechecked(made, by=by, at=at)
    if then_check_in and found.state.lets_in and not lacks_cover([visit], at=at):
        move(appointment_id, Move.CHECK_IN, by=by, at=at)
    return made

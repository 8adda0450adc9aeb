"""Screening answers are given, looked at, and forgotten."""

import json
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from booking.actions import calls
from booking.actions.moves import locked
from booking.models import Appointment, CallReason, ReviewNews, ScreeningResponse
from booking.models.screening import ANSWERS
from booking.queries import is_own
from booking.roles import acts_as_staff
from booking.rules import PRESSED_TWICE
from booking.screening.outcomes import ScreeningAnswers, ScreeningResult, screen
from booking.screening.policies import ScreeningPolicy
from booking.screening.queries import (
    PATIENT,
    answers_of,
    companions_allowed,
    given_elsewhere,
    is_a_call,
    others_in_days_away,
    response_of,
    screening_of,
)
from booking.screening.questionnaire import Outcome
from booking.screening.review_times import LOOKED_AHEAD, due_at
from booking.screening.state import ScreeningState, beside_earlier
from core.database.transactions import unit
from core.doorbell import ring
from core.principal import Principal
from core.refusals import Refusal
from core.sealing import seal
from scheduler import public as scheduler

FORGOTTEN_AT_ONCE = 1000


class ScreeningNotAsked(Refusal):
    """Nobody asks these questions for this appointment, or not yet."""

    code = "screening-not-asked"
    title = _("There is nothing to answer for this appointment now.")


class AnsweredMeanwhile(Refusal):
    """Somebody answered the same questions while they were read aloud: what they said stands."""

    code = "answered-meanwhile"
    title = _("Somebody noted answers while you were asking. Please look at what they noted first.")


@unit
def answer(
    appointment_id: UUID,
    answers: ScreeningAnswers,
    *,
    by: Principal,
    at: datetime,
    companion: int = PATIENT,
    seen: str | None = None,
) -> ScreeningResponse:
    """Note what somebody answers for a visit, and what follows. The visit itself stays as it is.

    `seen`: the id of the newest answers when somebody began, empty where there were none. Sent twice from one page, the
    same answers are noted once; others are refused where staff read the questions aloud, and count where somebody
    answers for themselves.
    Raises Missing, ScreeningNotAsked, AnsweredMeanwhile, and Invalid for answers of which nobody could say what they
    mean.
    """
    visit = locked(appointment_id)
    found = screening_of(visit, at=at, companion=companion)
    if found.policy is None or found.state is ScreeningState.NOT_YET or companion > companions_allowed(visit):
        raise ScreeningNotAsked
    if day_of(visit) < at.astimezone(visit.site.tz).date():
        raise ScreeningNotAsked  # it is over
    if found.newest is not None and seen is not None and seen != id_of(found.newest):
        if is_repeated(found.newest, answers, visit=visit, by=by, at=at):
            return found.newest
        if acts_as_staff(by, site_id=visit.site_id, own_record=is_own(visit.patient, by)):
            raise AnsweredMeanwhile
    return note(
        visit,
        answers,
        screen(found.policy, answers, visit_on=day_of(visit), by_call=is_a_call(visit)),
        policy=found.policy,
        by=by,
        at=at,
        companion=companion,
    )


def id_of(response: ScreeningResponse | None) -> str:
    """Return the public id of answers, empty where there are none."""
    return str(response.public_id) if response else ""


def is_repeated(
    newest: ScreeningResponse, answers: ScreeningAnswers, *, visit: Appointment, by: Principal, at: datetime
) -> bool:
    """Whether somebody said just this a moment ago about the visit as it is: a button was pressed twice."""
    same = (newest.answered_by, newest.visit_version) == (by.key, visit.version)
    return same and at - newest.answered_at < PRESSED_TWICE and answers_of(newest) == as_json(answers)


def day_of(visit: Appointment) -> date:
    """Return the day of a visit by the clock of its site, which is needed."""
    starts_at: datetime = visit.period.lower
    return starts_at.astimezone(visit.site.tz).date()


def note(
    visit: Appointment,
    answers: ScreeningAnswers,
    result: ScreeningResult,
    *,
    policy: ScreeningPolicy,
    by: Principal,
    at: datetime,
    companion: int = PATIENT,
) -> ScreeningResponse:
    """Write answers and what follows from them. Whoever needs help now is called. The visit's row must be locked."""
    made = ScreeningResponse(
        appointment=visit,
        companion=companion,
        visit_version=visit.version,
        policy_version=policy.version,
        answered_at=at,
        answered_by=by.key,
        outcome=result.outcome,
        masked=result.masked,
        reviewed=result.reviewed or result.outcome is Outcome.SEEK_CARE,
        earliest_day=result.earliest_day,
        answers_until=at + policy.answers_kept,
        answers=seal(json.dumps(as_json(answers)), purpose=ANSWERS),
    )
    _weigh(made, visit)
    if made.reviewed:
        due_at = _due_at(visit, policy, made, at=at)
        made.due_at = min(due_at, made.due_at or due_at)
    made.save(force_insert=True)
    if made.outcome == Outcome.REBOOK and others_in_days_away(made):
        made.news, made.news_at = ReviewNews.AWAY, at
        made.save(update_fields=["news", "news_at"])
        ring("notifications.tasks.dispatch")
    if result.outcome is Outcome.SEEK_CARE:
        calls.raise_for([visit.pk], CallReason.SEEK_CARE, at=at, again=True)
    return made


def _weigh(made: ScreeningResponse, visit: Appointment) -> None:
    """Let answers that are less than those before be looked at, and no later than those. The visit must be locked.

    Also than those to the questions of the patient's other appointments: who is ill is so for all of them.
    """
    rows = list(visit.screenings.filter(companion=made.companion).defer("answers").order_by("answered_at", "pk"))
    on = made.answered_at.astimezone(visit.site.tz).date()
    before = [response_of(row, visit) for row in rows]
    elsewhere = given_elsewhere(visit, at=made.answered_at) if made.companion == PATIENT else []
    known = sorted([*before, *elsewhere], key=lambda one: one.settled_at)
    found = beside_earlier(known, response_of(made, visit), on=on, visit_on=day_of(visit))
    made.outcome, made.earliest_day, made.reviewed = found.outcome, found.earliest_day, found.reviewed
    made.until_unknown = found.until_unknown
    if before and before[-1].reviewed and not before[-1].decision and not before[-1].visit_moved:
        made.due_at = rows[-1].due_at


def _due_at(visit: Appointment, policy: ScreeningPolicy, made: ScreeningResponse, *, at: datetime) -> datetime:
    """Return by when somebody looks at answers: before the visit in any case."""
    urgent = made.outcome == Outcome.SEEK_CARE
    start = visit.period.lower
    until = min(start, at + LOOKED_AHEAD)
    opening = scheduler.opening_periods(visit.site_id, at=at, until=until) if at < until and not urgent else []
    before = start - timedelta(minutes=visit.site.arrive_early_minutes)
    takes = policy.urgent_within if urgent else policy.review_within
    return due_at(opening, takes, at=at, before=before, around_the_clock=urgent)


def as_json(answers: ScreeningAnswers) -> dict[str, object]:
    """Return answers as they are kept: only what was said."""
    days = ("tested_on", "symptoms_began_on", "fever_free_since", "isolate_until")
    said: dict[str, object] = {"answers": dict(answers.choices), "emergency": answers.emergency}
    said |= {name: day.isoformat() for name in days if isinstance(day := getattr(answers, name), date)}
    said |= {name: str(one) for name in ("severity", "weak_immune_system") if (one := getattr(answers, name))}
    if answers.temperature_f is not None:
        said["temperature_f"] = str(answers.temperature_f)
    return said


@unit
def forget_answers(*, at: datetime) -> int:
    """Let go of answers that have been kept as long as their policy says; what followed from them stays."""
    over = ScreeningResponse.objects.filter(answers_until__lte=at).exclude(answers="").order_by("answers_until")
    ids = list(over.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
    return ScreeningResponse.objects.filter(pk__in=ids).update(answers="")

"""Walk-ins: somebody stands at the desk without an appointment, and is given a time, asked, and checked in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from booking import queries
from booking.actions import appointments, arrivals, holds
from booking.actions.booking_checks import BookingCheck
from booking.actions.moves import locked
from booking.actions.screening.screening import day_of, is_repeated, note
from booking.actions.suitability import suitability_checks
from booking.audiences import audience_for
from booking.models import Appointment, Hold, Patient
from booking.screening.outcomes import LONGEST_ISOLATION, ScreeningAnswers, ScreeningResult, screen
from booking.screening.policies import ScreeningPolicy, screening_policy
from booking.screening.queries import ASKED, is_a_call, screening_of
from booking.screening.questionnaire import Outcome
from booking.status import Status
from booking.suitability.answers import SuitabilityAnswers
from booking.suitability.errors import CallFirst, NotBookableWithAnswers
from booking.suitability.visits import PlaceNeeds
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Invalid
from scheduler import public as scheduler

REASON = "walk-in"
"""Why the rules of notice and of how many visits a week are set aside, where they stand against it."""

SENT_HOME = frozenset({Outcome.REBOOK, Outcome.SEEK_CARE})


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkInResult:
    """What came of it: an appointment, or none for whoever must not come in; and what their answers mean, if asked."""

    visit: Appointment | None = None
    screening: ScreeningResult | None = None


@unit
def hold_for(
    patient: Patient,
    slot: scheduler.Slot,
    *,
    by: Principal,
    at: datetime,
    reason: str = REASON,
    alone: bool = False,
) -> Hold:
    """Keep a time for whoever stands at the desk, or calls. Pressed twice, it is kept once.

    `reason`: why soft rules are set aside, where they are; `alone`: what was kept for them before goes.
    Hours that are for others alone stay theirs, reason or not, and a place has what they need as far as that is on
    record. Raises SlotTaken, NotOpenYet, NoSuitablePlace, and what the rules refuse.
    """
    hold = holds.choose(slot, by=by, at=at, patient=patient, alone=alone, override_reason=reason)
    asking = audience_for(by, site_id=hold.site_id, at=at, patient=patient)
    if hold.only_for and not asking.may_use(hold.site_id, hold.only_for):
        raise scheduler.NotOpenYet
    needs = PlaceNeeds.on_record(patient, hold.site, at=at).of(slot.therapy, slot.technique)
    if not scheduler.place_has(hold.place_id, needs):
        raise scheduler.NoSuitablePlace
    return hold


def is_on_the_spot(hold: Hold, *, at: datetime) -> bool:
    """Whether a time that is kept is today's, by the clock of its site."""
    zone = hold.site.tz
    return bool(hold.period.lower.astimezone(zone).date() == at.astimezone(zone).date())


def policy_of(hold: Hold, *, at: datetime) -> ScreeningPolicy | None:
    """Return by which policy whoever wants a time is asked now: for a later day they are asked before it."""
    starts_at = hold.period.lower
    return screening_policy(hold.site_id, starts_at=starts_at) if is_on_the_spot(hold, at=at) else None


def check_answers(hold: Hold, answers: SuitabilityAnswers, *, whole: bool, by: Principal, at: datetime) -> None:
    """Refuse what would not be booked with what somebody answered of the therapy, before they are asked more.

    `whole`: nothing is left to ask of it; until then only whoever is to be called first is refused, at once.
    What is not booked is free at once for others. Raises CallFirst, NotBookableWithAnswers, AnswersNeeded, and
    SlotTaken or UnknownSlot for what is offered no more.
    """
    if hold.patient is None:
        return
    check = BookingCheck(slot=holds.slot_held(hold, by=by, at=at), patient=hold.patient, by=by, at=at)
    try:
        suitability_checks.check_answers(check, hold.patient, answers, whole=whole)
    except (CallFirst, NotBookableWithAnswers):
        holds.release(hold.public_id, by=by, at=at)
        raise


@unit
def admit(
    hold_id: UUID,
    answers: ScreeningAnswers | None,
    *,
    by: Principal,
    at: datetime,
    then_check_in: bool = False,
    suitability: SuitabilityAnswers | None = None,
) -> WalkInResult:
    """Book what is kept for whoever stands at the desk, note what they answer, and check them in where that lets them.

    `suitability`: what they answered of the therapy.
    Who must not come in today is not booked, and the time is free at once. So also where the time has gone meanwhile,
    or the button is pressed twice: nobody who is ill is offered another one today. Of their answers nothing is kept,
    unless they have an appointment in the days in which they stay away: of that one they are.
    Raises HoldExpired, HoldUsed, Invalid, and what booking and checking in refuse.
    """
    hold = queries.hold(hold_id, by=by)
    if hold.patient is None:
        raise Invalid(pointer="/patient")
    policy, today = policy_of(hold, at=at), is_on_the_spot(hold, at=at)
    result = None
    if policy is not None and answers is not None:
        result = screen(policy, answers, visit_on=at.astimezone(hold.site.tz).date())
    if result is not None and answers is not None and result.outcome in SENT_HOME:
        _note_for_next(hold.patient, answers, result, by=by, at=at)
        holds.release(hold_id, by=by, at=at)
        return WalkInResult(screening=result)
    holds.own_hold(hold_id, by=by, at=at, answers=suitability)
    visit = _booked(hold, hold.patient, suitability, by=by, at=at)
    # What somebody has to decide about first is not checked in before; how they are was asked all the same.
    if today and visit.status == Status.BOOKED:
        _let_in(visit, answers if policy else None, by=by, at=at, then_check_in=then_check_in)
    elif today and policy is not None and answers is not None and result is not None:
        arrivals.note_until_booked(visit.public_id, answers, result, policy=policy, by=by, at=at)
    return WalkInResult(visit=visit, screening=result)


@unit
def ask_by_link(hold_id: UUID, *, by: Principal, at: datetime) -> Appointment:
    """Book what is kept for a later day; where answers are lacking it waits for what its patient answers by link.

    Raises Invalid for a time of today: whoever stands at the desk is asked there; else what booking refuses.
    """
    hold = queries.hold(hold_id, by=by)
    if hold.patient is None or is_on_the_spot(hold, at=at):
        raise Invalid(pointer="/patient")
    holds.own_hold(hold_id, by=by, at=at)
    return _booked(hold, hold.patient, None, by=by, at=at, by_link=True)


def _note_for_next(
    patient: Patient, answers: ScreeningAnswers, result: ScreeningResult, *, by: Principal, at: datetime
) -> None:
    """Note for the soonest appointment of whoever is sent home that they stay away; by it they do from all others."""
    theirs = Appointment.objects.filter(patient=patient, status__in=sorted(ASKED), period__endswith__gt=at)
    in_these_days = theirs.filter(period__startswith__lt=at + LONGEST_ISOLATION)
    # Locked in the order that everybody keeps, then looked at as they are.
    visits = [locked(one) for one in in_these_days.order_by("pk").values_list("public_id", flat=True)]
    for visit in sorted(visits, key=lambda one: (one.period.lower, one.pk)):
        if result.earliest_day is not None and day_of(visit) >= result.earliest_day:
            return
        found = screening_of(visit, at=at)
        if found.policy is None or found.is_here or is_a_call(visit):
            continue
        if found.newest is None or not is_repeated(found.newest, answers, visit=visit, by=by, at=at):
            note(visit, answers, result, policy=found.policy, by=by, at=at)
        return


def _booked(
    hold: Hold,
    patient: Patient,
    answers: SuitabilityAnswers | None,
    *,
    by: Principal,
    at: datetime,
    by_link: bool = False,
) -> Appointment:
    return appointments.book(
        patient=patient,
        by=by,
        at=at,
        hold_id=hold.public_id,
        told_at_desk=is_on_the_spot(hold, at=at),
        override_reason=REASON,
        answers=answers,
        questions_by_link=by_link,
    )


def _let_in(
    visit: Appointment, answers: ScreeningAnswers | None, *, by: Principal, at: datetime, then_check_in: bool
) -> None:
    if answers is not None:
        arrivals.answer_at_desk(visit.public_id, answers, by=by, at=at, then_check_in=then_check_in)
    elif then_check_in:
        arrivals.check_in(visit.public_id, by=by, at=at)

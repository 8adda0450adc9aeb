"""Callers: a time that is kept for somebody on the phone is booked, or waits for what they answer by link."""

from datetime import datetime
from uuid import UUID

from booking import queries
from booking.access_needs import NOT_ASKED, AskedAsBooked
from booking.actions import appointments, holds
from booking.models import Appointment, Hold
from booking.queries import mail_of
from booking.suitability.answers import SuitabilityAnswers
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Invalid


@unit
def book(
    hold_id: UUID,
    answers: SuitabilityAnswers | None,
    *,
    by: Principal,
    at: datetime,
    reason: str = "",
    by_link: bool = False,
    asked: AskedAsBooked = NOT_ASKED,
) -> Appointment:
    """Book what is kept for a caller, with what they answer now; `by_link`: what is lacking is asked by link.

    `asked`: what they need so that they can come.
    `reason`: why soft rules are set aside, where they are. Nobody writes to whoever has no e-mail: they hear it now.
    Raises HoldExpired, HoldUsed, Invalid, and what booking refuses.
    """
    hold = queries.hold(hold_id, by=by)
    if hold.patient is None:
        raise Invalid(pointer="/patient")
    holds.own_hold(hold_id, by=by, at=at, answers=answers)
    return appointments.book(
        patient=hold.patient,
        by=by,
        at=at,
        hold_id=hold.public_id,
        told_at_desk=not by_link and not mail_of(hold.patient),
        override_reason=reason,
        answers=answers,
        questions_by_link=by_link,
        asked_for=asked,
    )


@unit
def check_hold(hold_id: UUID, *, by: Principal, at: datetime) -> None:
    """Make sure that a time is still kept for a caller, before anything is asked. Raises HoldExpired, HoldUsed."""
    holds.own_hold(hold_id, by=by, at=at)


@unit
def give_back(hold_id: UUID, *, by: Principal, at: datetime) -> Hold:
    """Give back what is kept for a caller who goes, or wants another time. Raises Missing, HoldUsed."""
    hold = queries.hold(hold_id, by=by)
    holds.release(hold_id, by=by, at=at)
    return hold

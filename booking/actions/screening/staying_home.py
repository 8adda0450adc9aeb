"""Who stays at home gives their time back, excused, or lets themselves be called to find another one."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from booking.actions import calls
from booking.actions.families.linked_cancels import lock_all
from booking.actions.moves import locked, move
from booking.actions.screening.screening import ScreeningNotAsked
from booking.cancel_reasons import CancelReason
from booking.models import Appointment, CallReason
from booking.models.patients import ContactSystem
from booking.screening.queries import groups, is_a_child, screening_of
from booking.screening.state import ScreeningState
from booking.status import Move, Status
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Refusal


class NotToGiveBack(Refusal):
    """Somebody gives a time back as ill whose answers keep nobody at home."""

    code = "not-to-give-back"
    title = _("Nothing was changed. You can cancel or move this appointment on its page.")


class NoNumberToCall(Refusal):
    """Somebody asks to be called of whom no phone number is on file."""

    code = "no-number-to-call"
    title = _("We have no phone number of yours: please call us.")


def may_give_back(visit: Appointment, *, at: datetime) -> bool:
    """Whether a visit can be given back excused: its patient stays home, or whoever would bring a child does."""
    people = groups([visit], at=at).get(visit.pk, [])
    home = [found.state is ScreeningState.STAY_AWAY for found in people]
    return any(home[:1]) or (any(home) and is_a_child(visit))


@unit
def give_back(visit: Appointment, *, by: Principal, at: datetime) -> Appointment:
    """Call off a visit of somebody who is ill, excused: its time is free at once, and what was kept instead.

    Pressed twice, it is given back once. Raises NotToGiveBack for whoever may come, and what a cancel refuses.
    """
    lock_all(visit.public_id, Move.CANCEL)
    fresh = locked(visit.public_id)
    if (fresh.status, fresh.cancel_reason) == (Status.CANCELLED, CancelReason.ILLNESS):
        return fresh
    if not may_give_back(fresh, at=at):
        raise NotToGiveBack
    return move(visit.public_id, Move.CANCEL, by=by, at=at, reason=CancelReason.ILLNESS)


@unit
def ask_for_call(visit: Appointment, *, at: datetime) -> None:
    """Let staff call somebody who stays home and found no time that suits; asked twice, they call once.

    Raises ScreeningNotAsked for whoever does not stay away, and NoNumberToCall.
    """
    fresh = locked(visit.public_id)
    if screening_of(fresh, at=at).state is not ScreeningState.STAY_AWAY:
        raise ScreeningNotAsked
    if not fresh.patient.contacts.filter(system=ContactSystem.PHONE).exists():
        raise NoNumberToCall
    calls.raise_for([fresh.pk], CallReason.FIND_TIME, at=at, again=True)

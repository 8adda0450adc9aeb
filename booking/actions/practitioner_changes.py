"""Staff put another practitioner in: its patient is told, and may say that they would rather not come to them."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from booking.actions import calls
from booking.actions.moves import locked
from booking.models import Appointment, CallReason
from booking.status import OCCUPYING
from core.database.transactions import unit
from core.refusals import Refusal


class NothingToDecline(Refusal):
    """Nobody put another practitioner in, or the appointment does not stand any more, or has begun."""

    code = "nothing-to-decline"
    title = _("There is nothing to say about this any more. See your appointment as it is now, or call us.")


class SomebodyElseNow(Refusal):
    """Staff have put somebody else in since: of whom they declined, nobody is left to say no to."""

    code = "somebody-else-now"
    title = _("Somebody else sees you now than when you opened this page. See your appointment as it is now.")


def may_decline(visit: Appointment, *, at: datetime) -> bool:
    """Whether a patient may say that they would rather not come to whoever treats them now."""
    stands = visit.status in OCCUPYING and visit.period.lower > at
    return visit.practitioner_changed_at is not None and stands


def has_declined(visit: Appointment) -> bool:
    """Whether a patient has said so, and staff are still to call them."""
    return calls.is_open(visit, CallReason.OTHER_PRACTITIONER)


@unit
def decline(visit: Appointment, *, practitioner: str, at: datetime) -> Appointment:
    """Let staff call a patient who would rather not come to whoever treats them now. Their time stays theirs.

    `practitioner`: the public id of whom they would rather not see, as they read it. Pressed twice, it is said once.
    Raises SomebodyElseNow, NothingToDecline.
    """
    fresh = locked(visit.public_id)
    if has_declined(fresh):
        return fresh
    if practitioner != str(fresh.practitioner.public_id):
        raise SomebodyElseNow
    if not may_decline(fresh, at=at):
        raise NothingToDecline
    calls.raise_for([fresh.pk], CallReason.OTHER_PRACTITIONER, at=at, again=True)
    fresh.practitioner_changed_at = None
    fresh.save(update_fields=["practitioner_changed_at"])
    return fresh


@unit
def take_back(visit: Appointment, *, at: datetime) -> Appointment:
    """Let a patient who declined come to whoever treats them after all, as long as staff have not called."""
    fresh = locked(visit.public_id)
    if has_declined(fresh):
        calls.end([fresh.pk], CallReason.OTHER_PRACTITIONER, at=at)
        fresh.practitioner_changed_at = at
        fresh.save(update_fields=["practitioner_changed_at"])
    return fresh

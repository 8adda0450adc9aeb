"""A patient offers one of their appointments as a time to meet, and takes that back."""

from datetime import datetime

from django.utils.translation import gettext as _

from booking.actions.moves import locked
from booking.errors import MoveNotAllowed
from booking.families.errors import NoFamilyTime
from booking.models import Appointment, CancelPolicy, MeetingTime
from booking.status import OCCUPYING, Move
from core.database.transactions import unit
from core.principal import Principal


@unit
def offer(
    visit: Appointment, *, by: Principal, at: datetime, cancel_policy: CancelPolicy = CancelPolicy.ASK
) -> MeetingTime:
    """Let those of a patient's family come at the same time: when and where it is told them, nothing else.

    `cancel_policy`: what becomes of whoever comes beside it when it is cancelled. Offered twice it is once.
    Raises NoFamilyTime where nobody is linked, MoveNotAllowed for what is over or called off.
    """
    visit = locked(visit.public_id)
    if visit.status not in OCCUPYING or visit.period.lower <= at:
        detail = _("It has begun, is over or was called off: nobody can come beside it any more.")
        raise MoveNotAllowed(detail, stands=visit.status, move=Move.RESCHEDULE.value)
    if not visit.patient.family_links.in_force(at=at).exists():
        raise NoFamilyTime
    known = MeetingTime.objects.filter(appointment=visit, withdrawn_at=None).first()
    return known or MeetingTime.objects.create(
        appointment=visit, cancel_policy=cancel_policy, offered_by=by.key, offered_at=at
    )


@unit
def withdraw(visit: Appointment, *, by: Principal, at: datetime) -> None:
    """Take the offer back: from the next request on nobody sees it. What somebody has booked meanwhile stands."""
    open_ones = MeetingTime.objects.filter(appointment=locked(visit.public_id), withdrawn_at=None)
    open_ones.update(withdrawn_at=at, withdrawn_by=by.key)

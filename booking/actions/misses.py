"""Appointments missed in a row: somebody calls and asks what is in the way. Nobody is kept from booking by that."""

from datetime import datetime
from itertools import takewhile

from booking.actions import calls
from booking.actions.move_acts import Act
from booking.models import Appointment, CallReason, CallTask
from booking.policies import BookingPolicy
from booking.status import Status

CAME_OR_NOT = (Status.NOSHOW, Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED)


def follow(act: Act, reached: Status) -> None:
    """Raise or end the calls about what somebody missed, once an act has led to or from that."""
    if reached is Status.NOSHOW:
        _look_back(act.appointment, act.policy, at=act.at)
    elif act.before is Status.NOSHOW:
        _take_back(act.appointment, at=act.at)


def _look_back(visit: Appointment, policy: BookingPolicy, *, at: datetime) -> None:
    """Let somebody call whoever has missed this one, and as many beside it in a row as the policy says.

    In whichever order they are written down: an earlier one may be closed after a later one.
    """
    theirs = Appointment.objects.filter(patient=visit.patient_id, status__in=sorted(CAME_OR_NOT))
    rows = list(theirs.order_by("-period", "-pk").values_list("pk", "status"))
    place = [pk for pk, _status in rows].index(visit.pk)
    after = [*takewhile(_is_missed, reversed(rows[:place]))]
    row = [*reversed(after), *takewhile(_is_missed, rows[place:])]
    if len(row) >= policy.missed_in_a_row:
        calls.raise_for([row[0][0]], CallReason.MISSED_IN_A_ROW, at=at)


def _is_missed(row: tuple[int, str]) -> bool:
    return row[1] == Status.NOSHOW


def _take_back(visit: Appointment, *, at: datetime) -> None:
    """End the calls about what somebody missed: this one they have not, so that it breaks the row."""
    about = CallTask.objects.filter(appointment__patient=visit.patient_id, reason=CallReason.MISSED_IN_A_ROW)
    since = about.filter(done_at=None, appointment__period__startswith__gte=visit.period.lower)
    calls.end(list(since.values_list("appointment_id", flat=True)), CallReason.MISSED_IN_A_ROW, at=at)

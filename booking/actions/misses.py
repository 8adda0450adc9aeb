"""Appointments missed in a row: somebody calls and asks what is in the way. Nobody is kept from booking by that."""

from datetime import datetime
from itertools import groupby

from booking.actions import calls
from booking.actions.move_acts import Act
from booking.models import Appointment, CallReason, CallTask
from booking.policies import booking_policy
from booking.status import Status

CAME_OR_NOT = (Status.NOSHOW, Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED)


def follow(act: Act, reached: Status) -> None:
    """Raise or end the calls about what somebody missed, once an act has led to or from that."""
    if reached is Status.NOSHOW:
        look_at_all(act.appointment.patient_id, at=act.at, noted=act.appointment)
    elif act.before is Status.NOSHOW:
        look_at_all(act.appointment.patient_id, at=act.at)


def look_at_all(patient: int, *, at: datetime, noted: Appointment | None = None) -> None:
    """Let somebody call whoever has missed as many in a row as the policy says, once about each row.

    Of one that is noted just now the row is looked at in whichever order they are written down: an earlier one may be
    closed after a later one. Otherwise the last row alone: whoever has come since is not asked. What is no row any
    more, as they came after all or in between, is not called about.
    """
    about = CallTask.objects.filter(appointment__patient=patient, reason=CallReason.MISSED_IN_A_ROW, done_at=None)
    to_make, stay = set(about.values_list("appointment_id", flat=True)), set()
    for number, row in enumerate(_rows_missed(patient, at=at)):
        called = [pk for pk in row if pk in to_make]
        if called:
            stay.add(called[0])
        elif row and (number == 0 or (noted and noted.pk in row)):
            calls.raise_for([row[0]], CallReason.MISSED_IN_A_ROW, at=at)
    calls.end(to_make - stay, CallReason.MISSED_IN_A_ROW, at=at)


def _rows_missed(patient: int, *, at: datetime) -> list[list[int]]:
    """Return the appointments of each row that is long enough to ask about, the newest first.

    The first is what they missed last: none where they have come since, or not missed as many.
    """
    theirs = Appointment.objects.filter(patient=patient, status__in=sorted(CAME_OR_NOT)).order_by("-period", "-pk")
    found: list[list[int]] = []
    for missed, alike in groupby(theirs.values_list("pk", "site", "status"), lambda row: row[2] == Status.NOSHOW):
        row = list(alike) if missed else []
        enough = bool(row) and len(row) >= booking_policy(row[0][1], at=at).missed_in_a_row
        found.append([pk for pk, _site, _status in row] if enough else [])
    return found

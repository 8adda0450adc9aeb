"""Visits whose time is no longer open: staff calls the patients, or lets them be told."""

from collections.abc import Collection
from datetime import datetime

from booking import queries
from booking.actions import calls, closures
from booking.models import Appointment, CallReason, CallTask
from booking.models.appointments import UNPROVEN
from core.database.transactions import unit

UNCOVERED = CallReason.WITHOUT_COVER


@unit
def review(*, at: datetime) -> int:
    """Raise a call for each visit ahead without cover, end those that have cover again; return how many are new.

    Whose time a closure takes, and who was told by mail, is called only once they have not answered.
    Calls about visits that are over end, whatever they were raised for. Whoever has not yet shown that the address is
    theirs has booked nothing: nobody calls them.
    """
    asked_for = Appointment.objects.exclude(UNPROVEN)
    uncovered = list(queries.uncovered_visits(asked_for, at=at).order_by("pk").values_list("pk", flat=True))
    uncovered = _to_call(uncovered, at=at)
    # Of visits that have cover again, or moved: nobody is called about what is right by now.
    settled = CallTask.objects.filter(reason=UNCOVERED, done_at=None).exclude(appointment__in=uncovered)
    # Ended before others are raised: a visit that moved has another version, and may need another call.
    calls.end_over(at=at)
    calls.end(list(settled.values_list("appointment_id", flat=True)), UNCOVERED, at=at)
    return calls.raise_for(uncovered, UNCOVERED, at=at)


@unit
def call(appointment_ids: Collection[int], *, at: datetime) -> int:
    """Let the patients of visits without cover be called, as `review` does; return how many calls are new."""
    return calls.raise_for(_to_call(appointment_ids, at=at), UNCOVERED, at=at)


def _to_call(uncovered: Collection[int], *, at: datetime) -> list[int]:
    """Return whose patients (of visits) are called: whoever was told by mail that it is closed chooses first."""
    waits = closures.waiting(uncovered, at=at)
    return [pk for pk in uncovered if pk not in waits]

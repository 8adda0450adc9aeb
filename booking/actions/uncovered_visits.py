"""Visits whose time is no longer open: staff calls the patients, nobody else tells them."""

from datetime import datetime

from booking import queries
from booking.actions import calls
from booking.models import Appointment, CallReason, CallTask
from booking.status import Status
from core.database.transactions import unit

UNCOVERED = CallReason.WITHOUT_COVER


@unit
def review(*, at: datetime) -> int:
    """Raise a call for each visit ahead without cover, end those that have cover again; return how many are new.

    Calls about visits that are over end, whatever they were raised for. Whoever has not yet shown that the address is
    theirs has booked nothing: nobody calls them.
    """
    asked_for = Appointment.objects.exclude(status=Status.PROPOSED, proof__isnull=False, proof__proven_at=None)
    uncovered = list(queries.uncovered_visits(asked_for, at=at).order_by("pk").values_list("pk", flat=True))
    # Of visits that have cover again, or moved: nobody is called about what is right by now.
    settled = CallTask.objects.filter(reason=UNCOVERED, done_at=None).exclude(appointment__in=uncovered)
    # Ended before others are raised: a visit that moved has another version, and may need another call.
    calls.end_over(at=at)
    calls.end(list(settled.values_list("appointment_id", flat=True)), UNCOVERED, at=at)
    return calls.raise_for(uncovered, UNCOVERED, at=at)

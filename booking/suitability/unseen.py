"""What stands against a booked visit by now, and whether a clinician is still to look at it."""

from collections.abc import Mapping
from datetime import datetime

from booking.calls.calls_to_make import ENDED_BY_ITSELF, LOOKED_AT_AGAIN
from booking.models import Appointment, CallTask
from booking.suitability.content import Disposition
from booking.suitability.judgement import FiredRule
from booking.suitability.visits import JudgedVisit


def stands_against(judged: JudgedVisit) -> list[FiredRule]:
    """Return what is known that a clinician looks at, or for which this is not booked; what is not answered is none."""
    return [one for one in judged.fired if one.disposition.rank >= Disposition.CLINICIAN_REVIEW.rank]


def to_look_at(judged: Mapping[int, JudgedVisit]) -> frozenset[int]:
    """Return those visits (ids) against which something stands and that a clinician is still to look at again.

    In one query, or none where nothing stands against any.
    """
    against = [visit for visit, one in judged.items() if stands_against(one)]
    if not against:
        return frozenset()
    tasks = CallTask.objects.filter(appointment__in=against, reason__in=LOOKED_AT_AGAIN, done_at=None)
    return frozenset(tasks.values_list("appointment_id", flat=True))


def looked_at_last(visit: Appointment) -> datetime | None:
    """Return when a clinician looked at a visit again last; None where none did."""
    tasks = CallTask.objects.filter(appointment=visit, reason__in=LOOKED_AT_AGAIN).exclude(done_at=None)
    done = tasks.exclude(done_by=ENDED_BY_ITSELF.key).order_by("-done_at").values_list("done_at", flat=True)
    return done.first()

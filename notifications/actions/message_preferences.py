"""Reminders that wait are planned anew where somebody wishes for other hours."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from booking import public as booking
from booking.public import VisitFacts
from core.database.transactions import unit
from notifications.actions.faults import written_unless_faulty
from notifications.models import Message
from notifications.personal_plan import plan_for
from notifications.plan import BY_DAY, due_before
from notifications.status import Delivery
from notifications.visit_state import visit_state

AT_ONCE = 100


@unit
def relay(*, at: datetime, beside: set[int] | None = None) -> int:
    """Plan anew by what people wish; return how many people were looked at.

    What cannot be planned is left for later, `beside` (ids) the others.
    """
    later = set() if beside is None else beside
    changed = booking.message_preferences.unrelayed(limit=AT_ONCE, beside=later)
    visits = booking.visits({one for patient in changed.values() for one in booking.visits_of(patient, ahead_at=at)})
    planned = []
    for pk, patient in changed.items():
        theirs = {one: visit for one, visit in visits.items() if visit.patient_id == patient}
        failing = f"reminders by preferences {pk} cannot be planned"
        if written_unless_faulty(partial(_plan_anew, theirs, at=at), failing=failing):
            planned.append(pk)
    booking.message_preferences.mark_relayed(planned, at=at)
    later.update(changed.keys() - planned)
    return len(changed)


def _plan_anew(visits: Mapping[int, VisitFacts], *, at: datetime) -> bool:
    """Let the reminders of one person's visits be due when they wish; what a server puts off is judged at its time."""
    waiting = Message.objects.filter(appointment_id__in=visits, status=Delivery.DUE, kind__in=BY_DAY, attempts=0)
    for message in waiting.filter(offset_minutes__gt=0).select_for_update(skip_locked=True).order_by("pk"):
        visit = visits[message.appointment_id]
        due_at = due_before(visit_state(visit), message.offset_minutes, plan=plan_for(visit, at=at))
        if due_at != message.due_at:
            message.due_at = due_at
            message.save(update_fields=["due_at"])
    return True

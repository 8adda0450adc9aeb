"""Whoever answered health questions that have changed since is asked once more: one notice a visit and policy."""

from datetime import datetime
from functools import partial

from booking import public as booking
from booking.public import VisitFacts
from core.database.transactions import unit
from core.doorbell import ring
from notifications.actions.faults import unless_faulty
from notifications.actions.relay import message_of
from notifications.models import Message
from notifications.plan import Planned
from notifications.reminder_plan import reminder_plan
from notifications.status import MessageKind


@unit
def plan_notices(*, at: datetime) -> int:
    """Plan a notice for each visit whose patient is asked anew; return how many were to be planned.

    Running twice plans nothing twice: `message_is_said_once` holds it, by the version of the screening policy.
    """
    asked = booking.asked_anew(at=at)
    visits = booking.visits(set(asked)) if asked else {}
    planned = {
        pk: unless_faulty(partial(_notice, visit, version=asked[pk], at=at), told=f"notice of {pk} cannot be planned")
        for pk, visit in visits.items()
    }
    messages = [message for message in planned.values() if message]
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    if messages:
        ring("notifications.tasks.dispatch")
    return len(messages)


def _notice(visit: VisitFacts, *, version: int, at: datetime) -> Message:
    planned = Planned(kind=MessageKind.HEALTH, offset_minutes=0, due_at=at)
    message = message_of(visit, planned, {"again": True}, plan=reminder_plan(visit.site_id, at=at), at=at)
    message.policy_version = version
    return message

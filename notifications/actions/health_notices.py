"""Whoever answered health questions that have changed since is asked once more: one notice a visit and policy."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from booking import public as booking
from booking.public import AskedAnew, VisitFacts
from core.database.transactions import unit
from core.doorbell import ring
from notifications.actions import endings
from notifications.actions.faults import unless_faulty
from notifications.actions.relay import message_of
from notifications.models import Message
from notifications.personal_plan import plan_for
from notifications.plan import Planned, ReminderPlan, quiet_until
from notifications.status import Delivery, MessageKind

ASK = frozenset({MessageKind.CONFIRMATION, MessageKind.MOVED, MessageKind.REMINDER, MessageKind.HEALTH})
"""What leads to the questions where they wait for an answer."""

WAIT = frozenset({Delivery.DUE, Delivery.CLAIMED})
HEARD = frozenset({Delivery.SENDING, Delivery.SENT, Delivery.UNKNOWN})


@unit
def plan_notices(*, at: datetime) -> int:
    """Plan a notice for each visit whose patient is asked anew and hears of it by no other mail; return how many.

    Running twice plans nothing twice: `message_is_said_once` holds it, by the version of the screening policy. Whom no
    channel reaches staff are to call.
    """
    asked = booking.asked_anew(at=at)
    visits = booking.visits(set(asked)) if asked else {}
    mails = _mails(visits)
    planned = {
        pk: unless_faulty(
            partial(_notice, visit, asked[pk], mails[pk], at=at), failing=f"notice of {pk} cannot be planned"
        )
        for pk, visit in visits.items()
    }
    messages = [message for message in planned.values() if message]
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    endings.call({m.appointment_id for m in messages if m.status == Delivery.FAILED}, at=at)
    if messages:
        ring("notifications.tasks.dispatch")
    return len(messages)


def _mails(visits: Mapping[int, VisitFacts]) -> Mapping[int, list[Message]]:
    """Return the mails about visits that lead to the questions, by the visit's id."""
    found = defaultdict[int, list[Message]](list)
    for message in Message.objects.filter(appointment_id__in=visits, kind__in=ASK) if visits else ():
        found[message.appointment_id].append(message)
    return found


def _notice(visit: VisitFacts, asked: AskedAnew, mails: Iterable[Message], *, at: datetime) -> Message | None:
    plan = plan_for(visit, at=at)
    if any(_tells(mail, visit, asked, plan=plan, at=at) for mail in mails):
        return None
    planned = Planned(kind=MessageKind.HEALTH, offset_minutes=0, due_at=at)
    message = message_of(visit, planned, {"again": True}, plan=plan, at=at)
    message.policy_version = asked.policy_version
    return message


def _tells(mail: Message, visit: VisitFacts, asked: AskedAnew, *, plan: ReminderPlan, at: datetime) -> bool:
    """Say whether a mail has told of the questions as they are now, or will on the day on which a notice would."""
    if mail.kind == MessageKind.HEALTH and mail.offset_minutes == 0:
        this_one = mail.policy_version == asked.policy_version
        return this_one and (mail.version == visit.version or mail.status in WAIT | HEARD)
    if mail.status in HEARD:
        return mail.settled_at is None or mail.settled_at >= asked.since
    if mail.status not in WAIT or mail.version != visit.version:
        return False
    zone = ZoneInfo(visit.zone)
    goes_at = quiet_until(at, zone=zone, plan=plan) or at
    return mail.due_at.astimezone(zone).date() <= goes_at.astimezone(zone).date()

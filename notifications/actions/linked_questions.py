"""Whether somebody keeps an appointment that was booked together with another: asked by a mail with their own link."""

from datetime import datetime
from functools import partial

from booking import public as booking
from booking.public import VisitFacts
from core.database.transactions import unit
from notifications.actions import endings
from notifications.actions.faults import unless_faulty
from notifications.actions.relay import message_of
from notifications.models import Message
from notifications.plan import Planned
from notifications.reminder_plan import reminder_plan
from notifications.status import Delivery, MessageKind

AT_ONCE = 100


@unit
def relay(*, at: datetime, beside: set[int] | None = None) -> int:
    """Plan the mails that ask; return how many questions were looked at. Whom no channel reaches staff are to call.

    Running twice plans nothing twice: `message_is_said_once` holds it, by the number of the question.
    """
    later = set() if beside is None else beside
    questions = booking.unrelayed_linked_questions(limit=AT_ONCE, beside=later, at=at)
    wanted = [one for one in questions if one.wanted]
    visits = booking.visits({one.appointment_id for one in wanted}) if wanted else {}
    planned: dict[int, Message] = {}
    for one in wanted:
        write = partial(_message, one.id, visits[one.appointment_id], at=at)
        message = unless_faulty(write, failing=f"question {one.id} cannot be planned")
        if message is None:
            later.add(one.id)
        else:
            planned[one.id] = message
    Message.objects.bulk_create(planned.values(), ignore_conflicts=True)
    endings.call_unless_heard([one for one in planned.values() if one.status == Delivery.FAILED], at=at)
    done = [one.id for one in questions if one.id in planned or not one.wanted]
    booking.mark_linked_questions_relayed(done, at=at)
    return len(questions)


def _message(question: int, visit: VisitFacts, *, at: datetime) -> Message:
    planned = Planned(kind=MessageKind.TOGETHER, offset_minutes=0, due_at=at)
    message = message_of(visit, planned, {}, plan=reminder_plan(visit.site_id, at=at), at=at)
    message.policy_version = question
    return message

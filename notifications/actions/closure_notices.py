"""Notices of closures become messages: that a time is closed, that another one is proposed, that it is open again."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from booking import public as booking
from booking.public import CallReason, ClosureNoticeFacts, VisitFacts
from core.database.transactions import unit
from notifications.actions import endings
from notifications.actions.faults import written_unless_faulty
from notifications.actions.relay import message_of
from notifications.models import Message
from notifications.plan import Planned
from notifications.reminder_plan import reminder_plan
from notifications.status import Delivery, MessageKind

AT_ONCE = 100
KINDS = {
    "closed": MessageKind.CLOSED,
    "other-time": MessageKind.OTHER_TIME,
    "open-again": MessageKind.REOPENED,
}
TOLD_THE_CONTRARY = (MessageKind.CLOSED, MessageKind.OTHER_TIME)
HEARD = (Delivery.SENT, Delivery.UNKNOWN, Delivery.SENDING)


def relay(*, at: datetime, beside: set[int]) -> int:
    """Plan what waits to be told of closures; return how many notices were looked at.

    Running twice plans nothing twice: `message_is_said_once` holds it, by the number of the notice.
    """
    looked_at = 0
    while now := _take_up(at=at, beside=beside):
        looked_at += now
    return looked_at


@unit
def _take_up(*, at: datetime, beside: set[int]) -> int:
    notices = booking.unrelayed_closure_notices(limit=AT_ONCE, beside=beside)
    visits = booking.visits({notice.appointment_id for notice in notices}) if notices else {}
    planned = []
    for notice in notices:
        failing = f"notice of a closure {notice.id} cannot be planned"
        if written_unless_faulty(partial(_plan, notice, visits, at=at), failing=failing):
            planned.append(notice.id)
    booking.mark_closure_notices_relayed(planned, at=at)
    beside.update(notice.id for notice in notices if notice.id not in planned)
    return len(notices)


def _plan(notice: ClosureNoticeFacts, visits: Mapping[int, VisitFacts], *, at: datetime) -> bool:
    """Plan the message of a notice, unless its visit has changed since. Whom no channel reaches staff are to call."""
    visit, kind = visits[notice.appointment_id], KINDS[notice.news]
    if notice.version != visit.version:
        return True
    if kind is MessageKind.REOPENED and not _heard_of_it(visit):
        endings.nothing_to_tell(visit.appointment_id, of=TOLD_THE_CONTRARY, at=at)
        return True
    plan = reminder_plan(visit.site_id, at=at)
    message = message_of(visit, Planned(kind=kind, offset_minutes=0, due_at=at), notice.facts, plan=plan, at=at)
    message.policy_version = notice.id
    Message.objects.bulk_create([message], ignore_conflicts=True)
    if message.status == Delivery.FAILED:  # whoever was called about a notice before has to hear of this one, too
        booking.raise_calls({visit.appointment_id}, CallReason.NOT_REACHED, at=at, again=True)
    return True


def _heard_of_it(visit: VisitFacts) -> bool:
    """Say whether somebody was told, or perhaps was, that it cannot take place: by mail, or in a call."""
    if booking.was_called_without_cover(visit.appointment_id):
        return True
    notices = Message.objects.filter(appointment_id=visit.appointment_id, version=visit.version)
    notices = notices.filter(kind__in=TOLD_THE_CONTRARY)
    if notices.filter(status__in=HEARD).exists():
        return True
    first = notices.filter(status=Delivery.FAILED).order_by("created_at").first()
    return first is not None and booking.made_since(visit.appointment_id, first.created_at)

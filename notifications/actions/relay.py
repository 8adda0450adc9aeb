"""From the ledger to messages: what has changed becomes what is to be said."""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime

from booking import public as booking
from booking.public import ChangeFacts, Stage, VisitFacts, stage_of
from core.database.transactions import unit
from notifications.actions import endings
from notifications.actions.send_checks import reaches
from notifications.change_messages import BOOKING_MOVES, goes_out_at_once, kind_of_change
from notifications.channels import EMAIL
from notifications.errors import ROW_FAULTS
from notifications.models import Message
from notifications.plan import BY_VERSION, Planned, ReminderPlan, planned_messages
from notifications.reminder_plan import reminder_plan
from notifications.status import Delivery, DeliveryReason, MessageKind
from notifications.visit_state import visit_state

log = logging.getLogger(__name__)

# A day's closing touches hundreds of visits; more than this would outlast the time that a statement has.
CHANGES_AT_ONCE = 500


@unit
def relay(*, at: datetime, limit: int = CHANGES_AT_ONCE) -> int:
    """Plan messages for up to `limit` changes not yet relayed; return how many changes were taken up.

    Changes may come out of order, so the visit is read as it is now and an older version's change plans nothing.
    Running twice plans nothing twice: `message_is_said_once` holds it.
    """
    changes = booking.unrelayed(limit=limit)
    if changes:
        visits = booking.visits({change.appointment_id for change in changes})
        plans = {visit_id: reminder_plan(visit.site_id, at=at) for visit_id, visit in visits.items()}
        messages, unplanned = _messages(changes, visits, plans, at=at)
        # A row that is there already was planned by a round that died before it could mark the change.
        Message.objects.bulk_create(messages, ignore_conflicts=True)
        failed = {m.appointment_id for m in messages if m.status == Delivery.FAILED}
        endings.call(failed | unplanned, at=at)
        _drop_superseded(visits, plans, at=at)
        booking.mark_relayed([change.id for change in changes], at=at)
    return len(changes)


def _messages(
    changes: Iterable[ChangeFacts],
    visits: Mapping[int, VisitFacts],
    plans: Mapping[int, ReminderPlan],
    *,
    at: datetime,
) -> tuple[list[Message], set[int]]:
    """Return the messages that these changes ask for, by appointment: the order in which rows are locked.

    And the ids of the appointments that cannot be planned for, by a fault of ours or of their rows: they are for staff.
    """
    messages, unplanned = list[Message](), set[int]()
    for change in sorted(changes, key=lambda c: (c.appointment_id, c.version, c.id)):
        visit, plan = visits[change.appointment_id], plans[change.appointment_id]
        if change.version != visit.version:
            continue
        try:
            messages += [
                _message(visit, what, facts, plan=plan, at=at) for what, facts in _words(visit, change, plan=plan)
            ]
        except ROW_FAULTS as fault:
            # Not raised: this row is read first in the next round too, and no mail of anybody would leave any more.
            log.error("change %d cannot be planned for: %s", change.id, type(fault).__name__)  # noqa: TRY400
            unplanned.add(visit.appointment_id)
    return messages, unplanned


def _words(
    visit: VisitFacts, change: ChangeFacts, *, plan: ReminderPlan
) -> Iterable[tuple[Planned, dict[str, object]]]:
    """Yield what is to be said about a visit as it is. What is new in it is found out when it goes out."""
    kind = kind_of_change(
        change.move,
        before=change.before,
        cancel_reason=visit.cancel_reason,
        ahead=change.at < visit.starts_at,
        asked_for=stage_of(visit.status) is Stage.ASKED_FOR,
    )
    if visit.awaits_code:  # nobody has shown that the address is theirs: it hears of the code alone
        kind = None
    if change.move == "request" and not visit.awaits_code:
        asked = Planned(kind=MessageKind.LINK, offset_minutes=0, due_at=change.at)
        yield asked, {"visits": [visit.appointment_id], "because": "request"}
    at_once = goes_out_at_once(change.move, cancel_reason=visit.cancel_reason)
    for planned in planned_messages(visit_state(visit), change=kind, since=change.at, at_once=at_once, plan=plan):
        yield planned, {"firm": True} if planned.kind is kind and change.move in BOOKING_MOVES else {}


def _message(
    visit: VisitFacts, planned: Planned, facts: dict[str, object], *, plan: ReminderPlan, at: datetime
) -> Message:
    """Return a message row by the first channel of its plan that reaches the person.

    Where none does it has failed already, and staff sees that it did.
    """
    # A link goes by e-mail whatever the plan says: the address is what it shows to be theirs.
    channels = (EMAIL,) if planned.kind is MessageKind.LINK else plan.channels_for(planned.offset_minutes)
    reaching = next((one for one in channels if reaches(one, visit)), None)
    return Message(
        appointment_id=visit.appointment_id,
        version=visit.version,
        recipient_id=visit.patient_id,
        channel=reaching or channels[0],
        kind=planned.kind,
        offset_minutes=planned.offset_minutes,
        policy_version=plan.version,
        due_at=planned.due_at,
        status=Delivery.DUE if reaching else Delivery.FAILED,
        reason="" if reaching else DeliveryReason.NO_ADDRESS,
        settled_at=None if reaching else at,
        facts=facts,
        created_at=at,
    )


def _drop_superseded(visits: Mapping[int, VisitFacts], plans: Mapping[int, ReminderPlan], *, at: datetime) -> None:
    """Drop what waits to be said of older versions, and reminders not due yet that an older plan asked for.

    Rows that somebody else holds are judged again before the wire.
    """
    waiting = Message.objects.filter(appointment_id__in=visits, status=Delivery.DUE, kind__in=BY_VERSION)
    # Nobody waits here for a worker that is at the wire: what it holds is judged there.
    rows = waiting.select_for_update(skip_locked=True).only(
        "appointment_id", "version", "kind", "policy_version", "due_at"
    )
    older = [row.pk for row in rows if _is_older(row, visits[row.appointment_id], plans[row.appointment_id], at=at)]
    endings.end(older, DeliveryReason.SUPERSEDED, at=at)


def _is_older(message: Message, visit: VisitFacts, plan: ReminderPlan, *, at: datetime) -> bool:
    if message.version != visit.version:
        return message.version < visit.version
    planned_anew = message.kind == MessageKind.REMINDER and message.due_at > at
    return planned_anew and message.policy_version != plan.version

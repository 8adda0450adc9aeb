"""From the ledger to messages: what has changed becomes what is to be said."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial

from booking import public as booking
from booking.public import REFERRAL_REMINDED_BEFORE, Awaited, ChangeFacts, Stage, VisitFacts
from core.database.transactions import unit
from notifications.actions import endings
from notifications.actions.faults import unless_faulty
from notifications.actions.history import APPROVED_AGAIN, ASKED_FOR
from notifications.actions.send_checks import reaches
from notifications.change_messages import BOOKING_MOVES, goes_out_at_once, kind_of_change
from notifications.channels import EMAIL
from notifications.models import Message
from notifications.personal_plan import plan_for
from notifications.plan import (
    BY_VERSION,
    Planned,
    ReminderPlan,
    health_notices,
    news_starts_at,
    planned_messages,
    referral_mails,
)
from notifications.status import Delivery, DeliveryReason, MessageKind
from notifications.visit_state import visit_state

# A day's closing touches hundreds of visits; more than this would outlast the time that a statement has.
CHANGES_AT_ONCE = 500
ASKED = "asked"
REFERRAL = "referral"
"""Why a link is mailed: a clinician has a question."""

TOLD_AT_DESK = "told_at_desk"
"""The fact of a row of the ledger by which its patient knows already: they stood there."""


@unit
def relay(*, at: datetime, limit: int = CHANGES_AT_ONCE, beside: set[int] | None = None) -> int:
    """Plan messages for up to `limit` changes not yet relayed; return how many changes were looked at.

    Changes may come out of order, so the visit is read as it is now and an older version's change plans nothing.
    Running twice plans nothing twice: `message_is_said_once` holds it. A visit that cannot be planned holds back
    its own messages alone: staff are to call, and it is left for later, `beside` (ids) the others.
    """
    later = set() if beside is None else beside
    changes = _by_visit(booking.unrelayed(limit=limit, beside=later))
    if not changes:
        return 0
    visits, taken_up = booking.visits(changes), list[int]()
    plans: dict[int, ReminderPlan] = {}
    messages: list[Message] = []
    for visit_id in sorted(changes):  # the order in which rows are locked
        planned = unless_faulty(
            partial(_plan_of, visits[visit_id], changes[visit_id], at=at),
            failing=f"visit {visit_id} cannot be planned for",
        )
        if planned is None:
            later.add(visit_id)
            endings.call([visit_id], at=at)
            continue
        plans[visit_id], news = planned
        messages += news
        taken_up += [change.id for change in changes[visit_id]]
    # A row that is there already was planned by a round that died before it could mark the change.
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    endings.call_unless_heard([m for m in messages if m.status == Delivery.FAILED], at=at)
    _drop_superseded(visits, plans, at=at)
    booking.mark_relayed(taken_up, at=at)
    return sum(map(len, changes.values()))


def _by_visit(changes: Iterable[ChangeFacts]) -> dict[int, list[ChangeFacts]]:
    """Return changes by their visit's id, each visit's in their order."""
    found = defaultdict[int, list[ChangeFacts]](list)
    for change in sorted(changes, key=lambda c: (c.version, c.id)):
        found[change.appointment_id].append(change)
    return found


def _plan_of(visit: VisitFacts, changes: Iterable[ChangeFacts], *, at: datetime) -> tuple[ReminderPlan, list[Message]]:
    """Return the plan in force for a visit, and the messages that its changes ask for."""
    plan = plan_for(visit, at=at)
    messages = [
        message_of(visit, planned, facts, plan=plan, at=at)
        for change in changes
        if change.version == visit.version
        for planned, facts in _words(visit, change, plan=plan)
    ]
    for message in messages:
        if message.facts.get("because") == ASKED:
            # A clinician may ask several times, and of the same version. What waits to be taken up here is told once.
            again = Message.objects.next_resend(visit.appointment_id, version=visit.version, kind=MessageKind.LINK)
            message.resend = again
    return plan, messages


def _words(
    visit: VisitFacts, change: ChangeFacts, *, plan: ReminderPlan
) -> Iterable[tuple[Planned, dict[str, object]]]:
    """Yield what is to be said about a visit as it is. What is new in it is found out when it goes out."""
    kind = kind_of_change(
        change.move,
        before=change.before,
        cancel_reason=visit.cancel_reason,
        ahead=change.at < visit.starts_at,
        asked_for=visit.stage is Stage.ASKED_FOR,
    )
    # Where nobody has shown that the address is theirs, it hears of the code alone.
    if visit.awaits_code or _ends_as_before(change):
        kind = None
    if change.move == "request" and not visit.awaits_code:
        asked = Planned(kind=MessageKind.LINK, offset_minutes=0, due_at=change.at)
        because = "questions" if change.facts.get("questions_by_link") else "request"
        told = {TOLD_AT_DESK: True} if change.facts.get(TOLD_AT_DESK) else {}
        yield asked, {"visits": [visit.appointment_id], "because": because, **told}
    if change.move == "await" and change.facts.get("questions_by_link"):
        # As with other acts of staff: what is taken back within minutes is told to nobody.
        asked = Planned(kind=MessageKind.LINK, offset_minutes=0, due_at=change.at + plan.quiet)
        yield asked, {"visits": [visit.appointment_id], "because": ASKED}
    yield from _of_referral(visit, change, plan=plan)
    at_once = goes_out_at_once(change.move, cancel_reason=visit.cancel_reason)
    since = news_starts_at(change.at, untold_until=visit.untold_until, starts_at=visit.starts_at)
    for planned in planned_messages(visit_state(visit), change=kind, since=since, at_once=at_once, plan=plan):
        facts: dict[str, object] = {}
        if planned.kind is kind and change.move in BOOKING_MOVES:
            told = {name: True for name in (TOLD_AT_DESK, APPROVED_AGAIN) if change.facts.get(name)}
            facts = {"firm": True, **told}
        if planned.kind is MessageKind.MOVED and visit.stage is Stage.ASKED_FOR:
            facts = {ASKED_FOR: True}
        yield planned, facts
    if visit.screening is not None and visit.stage is Stage.STANDS:
        before = visit.screening.send_before
        yield from ((one, {}) for one in health_notices(visit_state(visit), before, since=change.at, plan=plan))


def _ends_as_before(change: ChangeFacts) -> bool:
    """Whether another length of a visit is no news to its patient: hands for rest."""
    return change.move == "resize" and "to" not in change.facts


def _of_referral(
    visit: VisitFacts, change: ChangeFacts, *, plan: ReminderPlan
) -> Iterable[tuple[Planned, dict[str, object]]]:
    """Yield what is said of a referral that is not here yet: as the time is kept for it, and five days before it."""
    if visit.awaited is not Awaited.REFERRAL or change.move not in {"await", "reschedule"}:
        return
    told = change.move == "reschedule"
    facts: dict[str, object] = {"visits": [visit.appointment_id], "because": REFERRAL}
    mails = referral_mails(visit_state(visit), REFERRAL_REMINDED_BEFORE, since=change.at, told=told, plan=plan)
    yield from ((one, dict(facts)) for one in mails)


def message_of(
    visit: VisitFacts, planned: Planned, facts: dict[str, object], *, plan: ReminderPlan, at: datetime
) -> Message:
    """Return a message row by the first channel of its plan that reaches the person.

    Where none does, news has failed already, and staff sees that it did; what is to be said on a later day waits for
    that day, and says why it will not be written. What was told at the desk is not sent.
    """
    # A link goes by e-mail whatever the plan says: the address is what it shows to be theirs.
    channels = (EMAIL,) if planned.kind is MessageKind.LINK else plan.channels_for(planned.offset_minutes)
    told = bool(facts.get(TOLD_AT_DESK))
    reaching = next((one for one in channels if reaches(one, visit)), None)
    later = bool(planned.offset_minutes) and planned.due_at > at
    return Message(
        appointment_id=visit.appointment_id,
        version=visit.version,
        recipient_id=visit.patient_id,
        channel=reaching or channels[0],
        kind=planned.kind,
        offset_minutes=planned.offset_minutes,
        policy_version=plan.version,
        due_at=planned.due_at,
        status=Delivery.DROPPED if told else Delivery.DUE if reaching or later else Delivery.FAILED,
        reason=DeliveryReason.TOLD_AT_DESK if told else "" if reaching else DeliveryReason.NO_ADDRESS,
        settled_at=None if (reaching or later) and not told else at,
        facts=facts,
        created_at=at,
    )


def _drop_superseded(visits: Mapping[int, VisitFacts], plans: Mapping[int, ReminderPlan], *, at: datetime) -> None:
    """Drop what waits to be said of older versions, and reminders not due yet that an older plan asked for.

    Rows that somebody else holds are judged again before the wire.
    """
    waiting = Message.objects.filter(appointment_id__in=plans, status=Delivery.DUE, kind__in=BY_VERSION)
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

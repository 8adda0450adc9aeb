"""What was said about visits so far: worked out from the messages that went out."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from booking import public as booking
from booking.public import Stage, VisitFacts
from core.database.compiled import Arguments, CompiledQuery
from notifications.change_messages import (
    CHANGE_KINDS,
    UNASKED,
    LastHeard,
    Notice,
    cancellation_notice,
    change_notice,
    is_elsewhere,
)
from notifications.models import Message
from notifications.plan import ReminderPlan, Verdict, change_waits_until
from notifications.status import Delivery, DeliveryReason, MessageKind

ASKED_FOR = "asked_for"
"""The fact of a message that tells of a request, and not of what is booked."""

APPROVED_AGAIN = "approved_again"
"""The fact of an approval, and of its message, before which there was one that was undone."""

TOLD_OTHERWISE = (DeliveryReason.SAID_BEFORE, DeliveryReason.TOLD_AT_DESK)
HEARD = Q(status__in=[Delivery.SENT, Delivery.UNKNOWN, Delivery.SENDING]) | Q(reason__in=TOLD_OTHERWISE)


NEWS = CompiledQuery(
    lambda: (
        Message.objects.filter(appointment_id__in=Arguments("visits"), kind__in=CHANGE_KINDS)
        .filter(HEARD)
        # By version first: of two workers' mails the one of the older version may be noted last.
        .order_by("version", "settled_at", "pk")
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What a visit's patient has heard of it, by which messages. `in_hand`: a worker is sending one at this moment."""

    last: LastHeard | None = None
    sent_at: tuple[datetime, ...] = ()
    in_hand: bool = False
    messages: frozenset[int] = frozenset()


def histories(visits: Mapping[int, VisitFacts]) -> dict[int, History]:
    """Return what was said about visits, in at most two queries.

    Whoever acts on it holds the visits' locks, or sees under the lock that no more news went out (`deliver.mark`).
    """
    rows: dict[int, list[Message]] = defaultdict(list)
    for message in NEWS.rows(visits=list(visits)):
        rows[message.appointment_id].append(message)
    known = {visit_id: heard[-1].version for visit_id, heard in rows.items()}
    asked_for = {pk for pk, visit in visits.items() if visit.stage is Stage.ASKED_FOR and pk not in known}
    versions = dict.fromkeys(asked_for, 0) | known
    was = booking.where_at(versions) if versions else {}
    return {
        visit_id: _history(rows[visit_id], was.get(visit_id, {}), asked_for=visit_id in asked_for)
        for visit_id in visits
    }


def _history(heard: list[Message], was: Mapping[str, str], *, asked_for: bool) -> History:
    """Return the history of one visit from its news, the oldest first; at the last of them it was at `was`.

    Of one that is `asked_for` no mail is sent: whoever asked was told on the page, or at the desk, where it was.
    """
    if asked_for and was:
        return History(last=LastHeard(where=was, stands=True))
    if not heard:
        return History()
    last = heard[-1]
    return History(
        last=LastHeard(
            where=was,
            stands=last.kind != MessageKind.CANCELLED,
            booked=last.kind != MessageKind.CANCELLED and not last.facts.get(ASKED_FOR),
            certain=last.status != Delivery.UNKNOWN,
        ),
        sent_at=tuple(message.settled_at for message in heard if message.settled_at),
        in_hand=in_hand(heard),
        messages=frozenset(message.pk for message in heard),
    )


def _knows(visit: VisitFacts, last: LastHeard | None) -> bool:
    """Whether a patient knows for certain that a visit is booked as it is, and has not heard that it was not since."""
    return last is not None and last.booked and last.certain and not is_elsewhere(last.where, visit.where)


def in_hand(heard: list[Message]) -> bool:
    """Say whether one of these is being sent at this moment."""
    return any(message.status == Delivery.SENDING for message in heard)


def notice_of(message: Message, visit: VisitFacts, history: History) -> Notice | None:
    """Return what a message about a visit says as both are now, or None when it would be no news."""
    kind, stage = MessageKind(message.kind), visit.stage
    if message.facts.get(APPROVED_AGAIN) and _knows(visit, history.last):
        return None
    if kind not in CHANGE_KINDS or message.facts.get("firm"):
        return Notice(kind=kind, facts=message.facts)
    # Told in any case, though they may know: of a way made in vain the clinic must be sure that it warned.
    if stage is Stage.CALLED_OFF and visit.cancel_reason in UNASKED:
        return cancellation_notice(history.last)
    return change_notice(stage, where=visit.where, last=history.last)


def check_turn(message: Message, visit: VisitFacts, history: History, *, plan: ReminderPlan, at: datetime) -> Verdict:
    """Say whether news may go out now: it is no news any more, or its patient has heard too much of late."""
    if notice_of(message, visit, history) is None:
        return Verdict(reason=DeliveryReason.UNCHANGED)
    # Neither waits for its turn: somebody sits before the page, or is about to leave home.
    if message.facts.get("firm") or visit.cancel_reason in UNASKED:
        return Verdict()
    return Verdict(later_at=change_waits_until(history.sent_at, starts_at=visit.starts_at, at=at, plan=plan))

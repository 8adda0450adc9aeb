"""From the ledger to messages: what has changed becomes what is to be said."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from booking import public as booking
from booking.public import ChangeFacts, VisitFacts
from core.transactions import unit
from notifications.models import Message
from notifications.news import news_of
from notifications.plan import STANDARD, Planned, words_for
from notifications.states import state_of
from notifications.status import Delivery, Kind, Reason

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
        Message.objects.bulk_create(_messages(changes, visits, at=at), ignore_conflicts=True)
        _drop_superseded(visits, at=at)
        booking.mark_relayed([change.id for change in changes], at=at)
    return len(changes)


def _messages(changes: Iterable[ChangeFacts], visits: Mapping[int, VisitFacts], *, at: datetime) -> list[Message]:
    """Return the messages that these changes ask for, by appointment: the order in which rows are locked."""
    by_visit: dict[int, list[ChangeFacts]] = defaultdict(list)
    for change in sorted(changes, key=lambda c: (c.version, c.id)):
        by_visit[change.appointment_id].append(change)
    untold = _untold_moves(by_visit)
    return [
        _message(visits[visit_id], planned, facts, at=at)
        for visit_id in sorted(by_visit)
        for planned, facts in _words(visits[visit_id], by_visit[visit_id], was=untold.get(visit_id))
    ]


def _untold_moves(visit_ids: Iterable[int]) -> dict[int, object]:
    """Return where visits were before a move that nobody has been told of yet: its notice gives way to a newer one."""
    moves = Message.objects.filter(appointment_id__in=list(visit_ids), kind=Kind.MOVED)
    waiting = moves.filter(status__in=[Delivery.DUE, Delivery.CLAIMED]).order_by("-version")
    return {visit_id: facts.get("from", {}) for visit_id, facts in waiting.values_list("appointment_id", "facts")}


def _words(
    visit: VisitFacts, changes: list[ChangeFacts], *, was: object
) -> Iterable[tuple[Planned, dict[str, object]]]:
    """Yield what is to be said about a visit as it is, each with what the notice tells beside it."""
    for change in changes:
        if change.version != visit.version:
            continue
        kind, facts = _news(visit, change, changes, was=was)
        for planned in words_for(state_of(visit), news=[kind] if kind else [], since=change.at):
            yield planned, facts if planned.kind is kind else {}


def _news(
    visit: VisitFacts, change: ChangeFacts, changes: list[ChangeFacts], *, was: object
) -> tuple[Kind | None, dict[str, object]]:
    """Return what is worth saying of a change, with the times, ids and codes that it tells.

    A moved visit was where it was before the first untold move; one that is there again stands again.
    """
    ahead = change.at < visit.starts_at
    kind = news_of(change.move, before=change.before, cancel_reason=visit.cancel_reason, ahead=ahead)
    if kind is Kind.MOVED:
        first = next(c for c in changes if c.move == change.move)
        since, to = was or first.facts.get("from", {}), change.facts.get("to", {})
        return (Kind.CONFIRMATION, {"again": True}) if since == to else (kind, {"from": since, "to": to})
    return kind, {"again": True} if kind is Kind.CONFIRMATION and change.move == "undo" else {}


def _message(visit: VisitFacts, planned: Planned, facts: dict[str, object], *, at: datetime) -> Message:
    """Return a message row; without an address it has failed already, and staff sees that it did."""
    reachable = bool(visit.emails)
    return Message(
        appointment_id=visit.appointment_id,
        version=visit.version,
        recipient_id=visit.patient_id,
        kind=planned.kind,
        offset_minutes=planned.offset_minutes,
        policy_version=STANDARD.version,
        due_at=planned.due_at,
        status=Delivery.DUE if reachable else Delivery.FAILED,
        reason="" if reachable else Reason.NO_ADDRESS,
        settled_at=None if reachable else at,
        facts=facts,
        created_at=at,
    )


def _drop_superseded(visits: Mapping[int, VisitFacts], *, at: datetime) -> None:
    """Drop waiting messages of older versions. Rows that somebody else holds are judged again before they are sent."""
    waiting = Message.objects.filter(appointment_id__in=visits, status=Delivery.DUE)
    rows = waiting.select_for_update(skip_locked=True).values_list("pk", "appointment_id", "version")
    older = [pk for pk, visit_id, version in rows if version < visits[visit_id].version]
    Message.objects.end(older, Delivery.DROPPED, reason=Reason.SUPERSEDED, at=at)

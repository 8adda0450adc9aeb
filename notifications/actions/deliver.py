"""From due to sent: due → claimed → sending, just before the wire → sent, failed or unknown."""

import logging
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import F
from django.db.models.functions import Least

from booking import public as booking
from booking.public import CallReason, VisitFacts
from core.transactions import unit
from notifications.actions import judging
from notifications.actions.history import History, histories, saying_of
from notifications.actions.judging import BREATH, visits_of, with_link
from notifications.models import Message
from notifications.models.messages import MessageQuerySet
from notifications.news import NEWS_KINDS
from notifications.parcels import Listed, Parcel
from notifications.plan import SEND, Verdict, next_try_at
from notifications.status import Delivery, Ending, Outcome, Reason

log = logging.getLogger(__name__)

CLAIMED_AT_ONCE = 500
CLAIM_LEASE = timedelta(minutes=5)
SENDING_LEASE = timedelta(minutes=2)
MOST_COUNTED = 10_000  # attempts: a column of two bytes, and months of trying every 15 minutes, must not overflow
SHOWN_TO_STAFF = frozenset({Reason.NO_ADDRESS, Reason.GAVE_UP})


def anything_due(*, at: datetime) -> bool:
    """Say whether a message waits."""
    return Message.objects.waiting(at=at).exists()


def claimable(*, at: datetime) -> MessageQuerySet:
    """Return the messages that are due and that nobody else is picking up, locked."""
    return Message.objects.waiting(at=at).select_for_update(skip_locked=True)


@unit
def claim(*, at: datetime, limit: int = CLAIMED_AT_ONCE) -> list[int]:
    """Pick up to `limit` due messages up for five minutes; return their ids, the longest due first."""
    ids = list(claimable(at=at).values_list("pk", flat=True)[:limit])
    Message.objects.filter(pk__in=ids).update(status=Delivery.CLAIMED, lease_until=at + CLAIM_LEASE)
    return ids


@unit
def take_back(*, at: datetime) -> None:
    """End the leases that have run out: what was only picked up is due again, what was being sent is unknown."""
    held = Message.objects.filter(status__in=[Delivery.CLAIMED, Delivery.SENDING], lease_until__lte=at)
    rows = list(held.select_for_update(skip_locked=True).values_list("pk", "status"))
    give_back([pk for pk, status in rows if status == Delivery.CLAIMED])
    lost = [pk for pk, status in rows if status == Delivery.SENDING]
    if lost:
        log.warning("a worker stopped while sending: %d messages unknown, not sent again", len(lost))
        Message.objects.end(lost, Delivery.UNKNOWN, reason=Reason.WORKER_LOST, at=at)


def give_back(ids: Collection[int]) -> None:
    """Let somebody else pick up what was claimed and not begun."""
    if ids:
        Message.objects.filter(pk__in=ids, status=Delivery.CLAIMED).update(status=Delivery.DUE, lease_until=None)


def locked_visits(ids: Collection[int]) -> dict[int, VisitFacts]:
    """Return visits as they are, so that nobody can change them before the transaction ends."""
    return booking.visits(ids, lock=True)


def locked_messages(ids: Collection[int]) -> list[Message]:
    """Return those messages that are still claimed, so that no second worker can begin them."""
    claimed = Message.objects.filter(pk__in=ids, status=Delivery.CLAIMED)
    return list(claimed.select_for_update().order_by("pk"))


@unit
def begin(ids: Collection[int], *, at: datetime) -> list[Parcel]:
    """Judge claimed messages under the lock of their visits and mark what may go out as being sent.

    When this has returned, the mark is committed: whatever happens next, these are not picked up again by themselves.
    """
    visits = locked_visits(visits_of(ids))
    bare, told = booking.without_cover(visits.values(), at=at), histories(visits)
    going, held_back = [], defaultdict(list)
    for message in locked_messages(ids):
        history = told[message.appointment_id]
        verdict = judging.verdict(message, visits, history, bare=bare, at=at)
        if verdict == SEND:
            going.append(message)
            told[message.appointment_id] = _with_one_in_hand(message, history)
        else:
            held_back[verdict].append(message.pk)
    for verdict, pks in held_back.items():
        _hold_back(pks, verdict, at=at)
    if bare:
        booking.raise_calls(bare, CallReason.WITHOUT_COVER, at=at)
    Message.objects.filter(pk__in=[m.pk for m in going]).update(
        status=Delivery.SENDING, attempts=Least(F("attempts"), MOST_COUNTED) + 1, lease_until=at + SENDING_LEASE
    )
    return _parcels(going, visits, told, bare=bare, at=at)


def _with_one_in_hand(message: Message, history: History) -> History:
    """Return what was said about a visit while a message is being sent: further news of it waits."""
    return replace(history, in_hand=history.in_hand or message.kind in NEWS_KINDS)


def _hold_back(ids: list[int], verdict: Verdict, *, at: datetime) -> None:
    """Drop messages, or put them off."""
    if verdict.later_at or verdict.reason is None:
        waiting = {"status": Delivery.DUE, "due_at": verdict.later_at, "lease_until": None}
        Message.objects.filter(pk__in=ids).update(**waiting, reason=verdict.reason or "")
        return
    log.info("%d messages not sent: %s", len(ids), verdict.reason.value)
    ending = Delivery.FAILED if verdict.reason in SHOWN_TO_STAFF else Delivery.DROPPED
    Message.objects.end(ids, ending, reason=verdict.reason, at=at)


def _parcels(
    messages: list[Message],
    visits: Mapping[int, VisitFacts],
    told: Mapping[int, History],
    *,
    bare: Collection[int],
    at: datetime,
) -> list[Parcel]:
    """Return the messages with what their words need."""
    lists = {message.pk: with_link(message, visits, bare=bare, at=at) for message in messages}
    wanted = {message.appointment_id for message in messages}
    wanted |= {visit.appointment_id for listed in lists.values() for visit in listed}
    tokens = booking.manage_tokens(wanted, at=at)
    return [
        Parcel(
            message_id=message.pk,
            kind=said.kind,
            version=message.version,
            facts=said.facts,
            attempts=message.attempts + 1,
            visit=visits[message.appointment_id],
            address=visits[message.appointment_id].emails[0],
            token=tokens[message.appointment_id],
            listed=tuple(Listed(visit=v, token=tokens[v.appointment_id]) for v in lists[message.pk]),
        )
        for message in messages
        if (said := saying_of(message, visits[message.appointment_id], told[message.appointment_id]))
    ]


@unit
def settle(outcomes: Mapping[int, tuple[Outcome, int]], *, at: datetime) -> None:
    """Note how handing over ended. `outcomes`: message id → outcome and the number of attempts so far."""
    alike: dict[tuple[Outcome, int], list[int]] = defaultdict(list)
    for pk, (outcome, attempts) in outcomes.items():
        alike[outcome, attempts if outcome.ending is Ending.PUT_OFF else 0].append(pk)
    for (outcome, attempts), ids in alike.items():
        _settle(ids, outcome, attempts=attempts, at=at)


def _settle(ids: list[int], outcome: Outcome, *, attempts: int, at: datetime) -> None:
    """Note one outcome of several messages."""
    match outcome.ending:
        case Ending.SENT:
            Message.objects.end(ids, Delivery.SENT, at=at)
        case Ending.UNKNOWN:
            Message.objects.end(ids, Delivery.UNKNOWN, reason=Reason.ANSWER_LOST, at=at)
        case Ending.REFUSED:
            Message.objects.end(ids, Delivery.FAILED, reason=_coded(Reason.REFUSED, outcome), at=at)
        case Ending.UNWRITABLE:
            Message.objects.end(ids, Delivery.FAILED, reason=Reason.UNWRITABLE, at=at)
        case Ending.NOT_GIVEN:
            _again(ids, due_at=at + BREATH, taken_off=1)
        case Ending.PUT_OFF:
            _again(ids, due_at=next_try_at(attempts, at=at), taken_off=0)


def _coded(reason: Reason, outcome: Outcome) -> str:
    """Return a reason with the server's reply code."""
    return f"{reason.value}-{outcome.code}" if outcome.code else reason.value


def _again(ids: list[int], *, due_at: datetime, taken_off: int) -> None:
    """Make messages due again; an attempt that did not reach the server is not counted."""
    begun = Message.objects.filter(pk__in=ids, status__in=[Delivery.SENDING, Delivery.UNKNOWN])
    begun.update(
        status=Delivery.DUE,
        due_at=due_at,
        lease_until=None,
        settled_at=None,
        reason="",
        attempts=F("attempts") - taken_off,
    )

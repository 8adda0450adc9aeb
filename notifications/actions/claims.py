"""Which worker has which message: picked up for a short while, given back, taken back from a worker that died."""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import partial

from booking import public as booking
from booking.public import VisitFacts
from core.database.compiled import Argument, Arguments, CompiledQuery
from core.database.transactions import unit
from notifications.actions import endings
from notifications.actions.faults import unless_faulty
from notifications.actions.history import histories
from notifications.actions.send_checks import (
    UNREADABLE,
    ClaimedMessage,
    asking_visits,
    listed_visits,
    outgoing_of,
    verdict,
)
from notifications.models import Message
from notifications.models.messages import MessageQuerySet
from notifications.status import Delivery, DeliveryReason
from scheduler import public as scheduler

log = logging.getLogger(__name__)

# What a batch costs by itself (some thirty statements) is shared by so many; what is read of it is renewed meanwhile.
AT_ONCE = 100
CLAIM_LEASE = timedelta(seconds=45)
"""What a dead worker had picked up waits no longer than this; a living one renews it all the time."""

UNREADABLE_PAUSE = timedelta(minutes=5)
"""How long a message waits that cannot be read: people have to mend what its visit says."""


DUE = CompiledQuery(
    lambda: (
        Message.objects.filter(status=Delivery.DUE, due_at__lte=Argument("at"), channel=Argument("channel"))
        .order_by()
        .values_list("pk")[:1]
    )
)
CLAIMED = CompiledQuery(lambda: Message.objects.filter(pk__in=Arguments("ids"), status=Delivery.CLAIMED))


def anything_due(channel: str, *, at: datetime) -> bool:
    """Say whether a message of a channel waits."""
    return bool(DUE.tuples(channel=channel, at=at))


def claimable(channel: str, *, at: datetime) -> MessageQuerySet:
    """Return the messages of a channel that are due and that nobody else is picking up, locked."""
    return Message.objects.waiting(at=at).filter(channel=channel).select_for_update(skip_locked=True)


@unit
def claim(channel: str, *, at: datetime, limit: int = AT_ONCE) -> list[int]:
    """Pick up to `limit` due messages of a channel up for 45 seconds; return their ids, the longest due first."""
    # Two statements: within one UPDATE the planner may ask the limited SELECT more than once, and take more rows.
    ids = list(claimable(channel, at=at).values_list("pk", flat=True)[:limit])
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
        endings.end(lost, DeliveryReason.WORKER_LOST, at=at)


@unit
def end_unreachable(channels: Collection[str], *, at: datetime) -> None:
    """Leave to staff what is due by a channel that is not in use any more: nothing else would be said of it."""
    gone = Message.objects.waiting(at=at).exclude(channel__in=channels)
    endings.end(
        list(gone.select_for_update(skip_locked=True).values_list("pk", flat=True)), DeliveryReason.NO_ADDRESS, at=at
    )


def give_back(ids: Collection[int]) -> None:
    """Let somebody else pick up what was claimed and not begun."""
    if ids:
        Message.objects.filter(pk__in=ids, status=Delivery.CLAIMED).update(status=Delivery.DUE, lease_until=None)


@unit
def read_claimed(ids: Collection[int], *, at: datetime) -> dict[int, ClaimedMessage]:
    """Return what claimed messages are about, by id, as their visits are now; and renew the claims."""
    mine = Message.objects.filter(pk__in=ids, status=Delivery.CLAIMED)
    mine.filter(lease_until__lt=at + CLAIM_LEASE).update(lease_until=at + CLAIM_LEASE)  # claimed just now: none
    messages = CLAIMED.rows(ids=list(ids))
    found, visits = read_messages(messages, at=at)
    _look_later([message for message in messages if not found[message.pk]], visits, at=at)
    return {pk: one for pk, one in found.items() if one}


def read_messages(
    messages: Collection[Message], *, at: datetime
) -> tuple[dict[int, ClaimedMessage | None], Mapping[int, VisitFacts]]:
    """Return what messages are about, by id, None where that cannot be read; and the visits that they name."""
    about = {message.pk: {message.appointment_id, *listed_visits(message)} for message in messages}
    wanted = {visit_id for visit_ids in about.values() for visit_id in visit_ids}
    visits, tokens = booking.visits(wanted), booking.manage_tokens(wanted, at=at)
    edits = scheduler.edits()  # before cover is asked for: an edit between the two counts as a later one
    uncovered, known = booking.uncovered_visits(visits.values(), at=at), histories(visits)
    asking = asking_visits(messages, visits, at=at)

    def reading(message: Message) -> ClaimedMessage | None:
        history = known[message.appointment_id]
        found = ClaimedMessage(
            outgoing=outgoing_of(message, visits, history, tokens=tokens, uncovered=uncovered, asking=asking, at=at),
            visits={visit_id: visits[visit_id] for visit_id in about[message.pk]},
            history=history,
            uncovered=uncovered & about[message.pk],
            edits=edits,
        )
        return None if verdict(found, at=at) == UNREADABLE else found

    found = {
        message.pk: unless_faulty(partial(reading, message), failing=f"message {message.pk} cannot be read")
        for message in messages
    }
    return found, visits


def _look_later(messages: Collection[Message], visits: Mapping[int, VisitFacts], *, at: datetime) -> None:
    """Put off what cannot be read now, until its visit begins; staff are to call meanwhile."""
    over = [message.pk for message in messages if visits[message.appointment_id].starts_at <= at]
    waiting = [message.pk for message in messages if message.pk not in over]
    endings.end(over, DeliveryReason.UNWRITABLE, at=at)
    later = {"status": Delivery.DUE, "due_at": at + UNREADABLE_PAUSE, "lease_until": None}
    if waiting:
        Message.objects.filter(pk__in=waiting, status=Delivery.CLAIMED).update(**later)
        endings.call_about(waiting, at=at)

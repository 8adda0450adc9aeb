"""Which worker has which message: picked up for a short while, given back, taken back from a worker that died."""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from booking import public as booking
from core.database.transactions import unit
from notifications.actions import endings
from notifications.actions.history import histories
from notifications.actions.send_checks import ClaimedMessage, listed_visits, outgoing_of
from notifications.models import Message
from notifications.models.messages import MessageQuerySet
from notifications.status import Delivery, DeliveryReason
from scheduler import public as scheduler

log = logging.getLogger(__name__)

# What a batch costs by itself (some thirty statements) is shared by so many; what is read of it is renewed meanwhile.
AT_ONCE = 100
CLAIM_LEASE = timedelta(seconds=45)
"""What a dead worker had picked up waits no longer than this; a living one renews it all the time."""


def anything_due(channel: str, *, at: datetime) -> bool:
    """Say whether a message of a channel waits."""
    return Message.objects.waiting(at=at).filter(channel=channel).exists()


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
    messages = list(mine)
    about = {message.pk: {message.appointment_id, *listed_visits(message)} for message in messages}
    wanted = {visit_id for visit_ids in about.values() for visit_id in visit_ids}
    visits, tokens = booking.visits(wanted), booking.manage_tokens(wanted, at=at)
    edits = scheduler.edits()  # before cover is asked for: an edit between the two counts as a later one
    uncovered, told = booking.uncovered_visits(visits.values(), at=at), histories(visits)
    return {
        message.pk: ClaimedMessage(
            outgoing=outgoing_of(
                message, visits, told[message.appointment_id], tokens=tokens, uncovered=uncovered, at=at
            ),
            visits={visit_id: visits[visit_id] for visit_id in about[message.pk]},
            history=told[message.appointment_id],
            uncovered=uncovered & about[message.pk],
            edits=edits,
        )
        for message in messages
    }

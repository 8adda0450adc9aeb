"""What a round finds to plan: one query says which queues hold anything, and the others are not asked."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from django.db import connection

from booking import public as booking
from notifications.actions.contact_changes import IN_HAND
from notifications.actions.lost_links import DAY


class OwnQueue(StrEnum):
    """What waits here, beside what waits in booking."""

    LINKS = "links"
    OLD_ADDRESSES = "old addresses"
    UNREACHABLE = "unreachable"
    LEASES = "leases"
    FAMILY_MAILS = "family mails"
    WAITING_LIST_MAILS = "waiting list mails"


OWN = {
    OwnQueue.LINKS: """
        SELECT FROM notifications_linkrequest WHERE answered_at IS NULL OR asked_at < %(yesterday)s
    """,
    OwnQueue.OLD_ADDRESSES: f"""
        SELECT FROM notifications_message WHERE address <> '' AND status NOT IN ('{"', '".join(IN_HAND)}')
    """,
    OwnQueue.UNREACHABLE: """
        SELECT FROM notifications_message WHERE status = 'due' AND due_at <= %(at)s AND channel <> ALL(%(channels)s)
    """,
    OwnQueue.LEASES: """
        SELECT FROM notifications_message WHERE status IN ('claimed', 'sending') AND lease_until <= %(at)s
    """,
    OwnQueue.FAMILY_MAILS: """
        SELECT FROM notifications_familymail WHERE status = 'due' AND due_at <= %(at)s
    """,
    OwnQueue.WAITING_LIST_MAILS: """
        SELECT FROM notifications_waitinglistmail WHERE status = 'due' AND due_at <= %(at)s
    """,
}
"""What each holds, in SQL."""

QUEUES = booking.QUEUES_WAITING | OWN
ASK = f"SELECT {', '.join(f'EXISTS ({rows})' for rows in QUEUES.values())}"


def filled_queues(channels: Collection[str], *, at: datetime) -> frozenset[str]:
    """Return the queues in which something waits to be taken up, where these channels are in use."""
    with connection.cursor() as cursor:
        cursor.execute(ASK, {"at": at, "yesterday": at - DAY, "channels": list(channels)})
        return frozenset(queue for queue, there in zip(QUEUES, cursor.fetchone(), strict=True) if there)

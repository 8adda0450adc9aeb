"""What every mail costs: its visits are locked, the one before was sent, this one begins. Written out for speed.

It is one message to the database, and a transaction by itself. The lock is a statement of its own: the next one sees
whatever was committed while it was waited for.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from booking import public as booking
from core.database.transactions import one_trip
from notifications.actions.send_checks import ClaimedMessage
from notifications.change_messages import CHANGE_KINDS
from notifications.outgoing import DeliveryResult
from notifications.status import Delivery, DeliveryReason
from scheduler import public as scheduler

MINE = "message.begun = %(begun)s AND message.status = 'claimed'"
"""Nobody has begun it since it was read."""

NO_MORE_NEWS = """
    NOT EXISTS (
        SELECT FROM notifications_message AS news
        WHERE news.appointment_id = %(appointment)s AND news.kind = ANY(%(news)s)
        AND (news.status = ANY(%(heard)s) OR news.reason = %(said_before)s) AND news.id <> ALL(%(known)s)
    )
"""
"""No news of its visit went out, or is going out, since its history was read: `history.HEARD` in SQL."""

MARK = """
    WITH judged AS MATERIALIZED (
        SELECT {as_open} AS as_open, {as_read} AND {reached} AS as_read
    ), noted AS (
        UPDATE notifications_message SET status = 'sent', reason = '', settled_at = %(at)s, lease_until = NULL,
            attempts = 1
        WHERE id = %(before)s AND begun = %(beginning)s AND status = 'sending'
        RETURNING id
    ), marked AS (
        UPDATE notifications_message AS message SET status = 'sending', begun = begun + 1, lease_until = %(lease_until)s
        WHERE message.id = %(id)s AND {mine} AND {in_turn} AND (SELECT as_open AND as_read FROM judged)
        RETURNING id
    )
    SELECT EXISTS (SELECT FROM noted), EXISTS (SELECT FROM marked), as_open, as_read FROM judged
"""

LOCK, AS_READ, SAME_CONTACTS = booking.LOCK_VISITS, booking.AS_READ, booking.SAME_CONTACTS
AS_OPEN = scheduler.NO_EDIT_SINCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """Whether the message before was `noted` and this one `begun`.

    `as_open`: nobody has edited calendars or catalogue since it was read; `as_read`: its visits stand as they did then.
    """

    noted: bool
    begun: bool
    as_open: bool
    as_read: bool


@one_trip
def mark(
    reading: ClaimedMessage,
    *,
    edits: Collection[int],
    after: DeliveryResult | None = None,
    lease_until: datetime,
    at: datetime,
) -> Marked:
    """Begin a claimed message, and note that the one before (`after`), begun for this time, was sent at first attempt.

    Nothing is begun where its visits have changed, or calendars or catalogue were edited after `edits`, by the time
    that its visits are locked.
    """
    message = reading.outgoing.message
    facts: dict[str, Any] = {
        "id": message.pk,
        "begun": message.begun,
        "appointment": message.appointment_id,
        "news": sorted(CHANGE_KINDS),
        "heard": [Delivery.SENT, Delivery.UNKNOWN, Delivery.SENDING],
        "said_before": DeliveryReason.SAID_BEFORE,
        "known": sorted(reading.history.messages),
        "before": after.message.pk if after else None,
        "beginning": after.beginning if after else 0,
        "edits": list(edits),
        "lease_until": lease_until,
        "at": at,
    } | booking.as_read(reading.visits.values())
    in_turn = NO_MORE_NEWS if message.kind in CHANGE_KINDS else "TRUE"
    with connection.cursor() as cursor:
        cursor.execute(f"{LOCK}; {_mark_if(in_turn)}", facts)
        cursor.nextset()
        noted, begun, as_open, as_read = cursor.fetchone()
    return Marked(noted=noted, begun=begun, as_open=as_open, as_read=as_read)


def _mark_if(in_turn: str) -> str:
    return MARK.format(mine=MINE, in_turn=in_turn, as_open=AS_OPEN, as_read=AS_READ, reached=SAME_CONTACTS)

"""The statement that every mail costs: the one before was sent, this one begins. Written out for speed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from notifications.actions.history import History
from notifications.change_messages import CHANGE_KINDS
from notifications.models import Message
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
    WITH noted AS (
        UPDATE notifications_message SET status = 'sent', reason = '', settled_at = %(at)s, lease_until = NULL,
            attempts = 1
        WHERE id = %(before)s AND begun = %(beginning)s AND status = 'sending'
        RETURNING id
    ), marked AS (
        UPDATE notifications_message AS message SET status = 'sending', begun = begun + 1, lease_until = %(lease_until)s
        WHERE message.id = %(id)s AND {mine} AND {in_turn} AND {as_open}
        RETURNING id
    )
    SELECT EXISTS (SELECT FROM noted), EXISTS (SELECT FROM marked), {as_open}
"""

AS_OPEN = scheduler.NO_EDIT_SINCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """Whether the message before was `noted`, this one `begun`, and cover is `as_read`: nobody has edited it since."""

    noted: bool
    begun: bool
    as_read: bool


def mark(
    message: Message,
    history: History,
    *,
    edits: Collection[int],
    before: int | None,
    beginning: int,
    lease_until: datetime,
    at: datetime,
) -> Marked:
    """Note that `before`, begun for this time, was sent at the first attempt, and begin a claimed message.

    The caller has locked its visits: this statement sees every edit of calendars and catalogue that was committed by
    then, and begins nothing where there is one after `edits`.
    """
    facts: dict[str, Any] = {
        "id": message.pk,
        "begun": message.begun,
        "appointment": message.appointment_id,
        "news": sorted(CHANGE_KINDS),
        "heard": [Delivery.SENT, Delivery.UNKNOWN, Delivery.SENDING],
        "said_before": DeliveryReason.SAID_BEFORE,
        "known": sorted(history.messages),
        "before": before,
        "beginning": beginning,
        "edits": list(edits),
        "lease_until": lease_until,
        "at": at,
    }
    in_turn = NO_MORE_NEWS if message.kind in CHANGE_KINDS else "TRUE"
    with connection.cursor() as cursor:
        cursor.execute(MARK.format(mine=MINE, in_turn=in_turn, as_open=AS_OPEN), facts)
        noted, begun, as_read = cursor.fetchone()
    return Marked(noted=noted, begun=begun, as_read=as_read)

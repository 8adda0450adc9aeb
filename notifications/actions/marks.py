"""The statement that every mail costs: the one before was sent, this one begins. Written out for speed."""

from datetime import datetime
from typing import Any

from django.db import connection

from notifications.actions.history import History
from notifications.models import Message
from notifications.news import NEWS_KINDS
from notifications.status import Delivery, Reason

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
        WHERE message.id = %(id)s AND {mine} AND {in_turn}
        RETURNING id
    )
    SELECT (SELECT count(*) FROM noted), (SELECT count(*) FROM marked)
"""


def mark(
    message: Message, history: History, *, before: int | None, beginning: int, lease_until: datetime, at: datetime
) -> tuple[bool, bool]:
    """Note that `before`, begun for this time, was sent at the first attempt, and begin a claimed message.

    Return whether the one was still being sent, and whether the other may go over the wire.
    """
    facts: dict[str, Any] = {
        "id": message.pk,
        "begun": message.begun,
        "appointment": message.appointment_id,
        "news": sorted(NEWS_KINDS),
        "heard": [Delivery.SENT, Delivery.UNKNOWN, Delivery.SENDING],
        "said_before": Reason.SAID_BEFORE,
        "known": sorted(history.messages),
        "before": before,
        "beginning": beginning,
        "lease_until": lease_until,
        "at": at,
    }
    in_turn = NO_MORE_NEWS if message.kind in NEWS_KINDS else "TRUE"
    with connection.cursor() as cursor:
        cursor.execute(MARK.format(mine=MINE, in_turn=in_turn), facts)
        noted, marked = cursor.fetchone() or (0, 0)
    return bool(noted), bool(marked)

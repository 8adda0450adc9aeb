"""Just before the wire a message is judged again and marked as being sent; after it, the outcome is noted.

Both stand in one short transaction per mail, which is one message to the database: that the one before was sent, and
the beginning of the next. It is written out for speed. The lock of the visit is a statement of its own: the next one
sees whatever was committed while it was waited for.
"""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from booking import public as booking
from core.database.round_trip import in_one_trip
from core.database.transactions import one_trip, unit
from notifications.actions import breakers, claims, endings
from notifications.actions.breakers import BreakerState
from notifications.actions.history import TOLD_OTHERWISE
from notifications.actions.send_checks import BREATH, ClaimedMessage, listed_visits, verdict
from notifications.change_messages import CHANGE_KINDS
from notifications.models import Message
from notifications.models.messages import MessageQuerySet
from notifications.outgoing import DeliveryResult
from notifications.plan import LONGEST_PAUSE, SEND, Verdict, next_try_at
from notifications.status import (
    AFTER_AN_ANSWER,
    AFTER_NO_ANSWER,
    ENDS_AS,
    FOR_STAFF,
    WHY,
    Delivery,
    DeliveryOutcome,
    DeliveryReason,
    Ending,
)
from scheduler import public as scheduler

log = logging.getLogger(__name__)

SENDING_LEASE = timedelta(minutes=2)
A_MOMENT = timedelta(seconds=1)
MOST_COUNTED = 10_000  # attempts: a column of two bytes, and months of trying every 15 minutes, must not overflow

MINE = "message.begun = %(begun)s AND message.status = 'claimed'"
"""Nobody has begun it since it was read."""

NO_MORE_NEWS = f"""
    NOT EXISTS (
        SELECT FROM notifications_message AS news
        WHERE news.appointment_id = %(appointment)s AND news.kind IN ('{"', '".join(sorted(CHANGE_KINDS))}')
        AND (news.status IN ('sent', 'unknown', 'sending') OR news.reason IN ('{"', '".join(TOLD_OTHERWISE)}'))
        AND news.id <> ALL(%(known)s)
    )
"""
"""No news of its visit went out, or is going out, since its history was read: `history.HEARD` in SQL."""

MARK = """
    WITH judged AS MATERIALIZED (
        SELECT {as_open} AS as_open, {as_read} AND {reached} AND {answered} AS as_read
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
SAME_ANSWERS = booking.SAME_ANSWERS
AS_OPEN = scheduler.NO_EDIT_SINCE
AS_DECIDED = booking.AS_DECIDED


class Start(StrEnum):
    """Whether a message may go over the wire now. CHANGED: look at it again; NOT_MINE: leave it."""

    BEGUN = "begun"
    CHANGED = "changed"
    NOT_MINE = "not-mine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """Whether the message before was `noted` and this one `begun`.

    `as_open`: nobody has edited calendars or catalogue since it was read; `as_read`: its visits stand as they did then.
    """

    noted: bool
    begun: bool
    as_open: bool
    as_read: bool


def claimed(message: Message) -> MessageQuerySet:
    """Return a message, as long as nobody has begun it since it was read."""
    return Message.objects.filter(pk=message.pk, begun=message.begun, status=Delivery.CLAIMED)


def begin(
    reading: ClaimedMessage,
    *,
    after: DeliveryResult | None = None,
    beside: Callable[[], object] = lambda: None,
    at: datetime,
) -> Start:
    """Judge a claimed message, mark it as being sent under the lock of its visit; note what went `after` before.

    When this has returned BEGUN, the mark is committed: whatever happens next, it is not picked up again by itself.
    `beside` is done while the database works: it must not need it.
    """
    may_go = verdict(reading, at=at) == SEND
    plain = after if after and may_go and _plain(after, at=at) else None
    if after and not plain:
        settle([after], at=at)
    if not may_go:
        return Start.CHANGED
    marked = mark(reading, edits=reading.edits, after=plain, beside=beside, lease_until=at + SENDING_LEASE, at=at)
    if plain and not marked.noted:
        settle([plain], at=at)
    if marked.as_read and not marked.as_open:
        marked = _mark_if_still_covered(reading, at=at)
    if not (marked.as_read and marked.as_open):
        return Start.CHANGED
    return Start.BEGUN if marked.begun else Start.NOT_MINE


@one_trip
def mark(
    reading: ClaimedMessage,
    *,
    edits: Collection[int],
    after: DeliveryResult | None = None,
    beside: Callable[[], object] = lambda: None,
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
        "known": sorted(reading.history.messages),
        "before": after.message.pk if after else None,
        "beginning": after.beginning if after else 0,
        "edits": list(edits),
        "lease_until": lease_until,
        "at": at,
    } | booking.as_read(reading.visits.values())
    if "answers" in message.facts:
        facts |= {"answers": message.facts["answers"], "about": message.facts["about"]}
        facts |= {"call_starts_at": message.facts.get("from"), "call_ends_at": message.facts.get("until")}
        facts |= {"taken_back_at": message.facts.get("taken_back")}
    noted, begun, as_open, as_read = in_one_trip((LOCK, facts), (_mark_if(reading), facts), beside=beside)
    return Marked(noted=noted, begun=begun, as_open=as_open, as_read=as_read)


def _mark_if(reading: ClaimedMessage) -> str:
    message = reading.outgoing.message
    in_turn = NO_MORE_NEWS if message.kind in CHANGE_KINDS else "TRUE"
    # Where nothing is asked, nothing was answered.
    answered = SAME_ANSWERS if any(visit.screening for visit in reading.visits.values()) else "TRUE"
    if "answers" in message.facts:  # of whose review it tells, as that stands
        in_turn, answered = AS_DECIDED, "TRUE"
    same = {"as_open": AS_OPEN, "as_read": AS_READ, "reached": SAME_CONTACTS, "answered": answered}
    return MARK.format(mine=MINE, in_turn=in_turn, **same)


def _mark_if_still_covered(reading: ClaimedMessage, *, at: datetime) -> Marked:
    """Mark a message whose calendars or catalogue were edited since it was read, if its visits have cover as before."""
    edits = scheduler.edits()
    if booking.uncovered_visits(reading.visits.values(), at=at) != reading.uncovered:
        return Marked(noted=False, begun=False, as_open=False, as_read=True)
    return mark(reading, edits=edits, lease_until=at + SENDING_LEASE, at=at)


def _plain(ended: DeliveryResult, *, at: datetime) -> bool:
    """Say whether a message was sent in time at the first attempt: nothing follows from it for others."""
    first = ended.outcome.ending is Ending.SENT and not ended.message.attempts
    return first and at < ended.begun_at + SENDING_LEASE


@unit
def look_again(message: Message, *, at: datetime) -> ClaimedMessage | None:
    """Judge a claimed message by its visit as it is now: return it if it may go out; else drop it or put it off."""
    booking.visits([message.appointment_id, *listed_visits(message)], lock=True)
    now = claims.read_claimed([message.pk], at=at).get(message.pk)
    if now is None:
        return None
    found = verdict(now, at=at)
    if found == SEND:
        return now
    if now.uncovered:
        booking.call_uncovered(now.uncovered, at=at)
    _hold_back(now.outgoing.message, found, at=at)
    return None


def _hold_back(message: Message, found: Verdict, *, at: datetime) -> None:
    """Drop a message, or put it off."""
    if found.reason is None or found.later_at:
        waits = {"status": Delivery.DUE, "due_at": found.later_at, "lease_until": None}
        claimed(message).update(**waits, reason=found.reason or "")
        return
    log.info("message %d not sent: %s", message.pk, found.reason.value)
    endings.end([message.pk], found.reason, at=at)


@unit
def settle(ended: Collection[DeliveryResult], *, breaker: BreakerState = BreakerState.FREE, at: datetime) -> None:
    """Note how handing over ended. Doing so again changes nothing, whatever has become of the messages since."""
    for one in ended:
        _settle(one, breaker=breaker, at=at)


def beginning(ended: DeliveryResult) -> MessageQuerySet:
    """Return the message as long as it stands at this beginning, and that is not another worker's."""
    begun = Message.objects.filter(pk=ended.message.pk, begun=ended.beginning)
    return begun.filter(lease_until=ended.lease_until) if ended.lease_until else begun


def _settle(ended: DeliveryResult, *, breaker: BreakerState, at: datetime) -> None:
    """Note one outcome, and what follows from it: for the server, for staff, for other messages."""
    message, ending = ended.message, ended.outcome.ending
    begun = beginning(ended)
    outcome = {"lease_until": None} | _written(ended, at=at)
    if not begun.filter(status=Delivery.SENDING).update(**outcome) and not begun.undecided().update(**outcome):
        return
    if ending in AFTER_NO_ANSWER:
        breakers.failed(message.channel, ending, at=at)
    elif ending in AFTER_AN_ANSWER and breaker is not BreakerState.FREE:
        breakers.answered(message.channel, probe=breaker is BreakerState.PROBE)
    if outcome["status"] in FOR_STAFF:
        endings.call_about([message.pk], at=at)
    elif at >= ended.begun_at + SENDING_LEASE:
        endings.reached_after_all(message.appointment_id, at=at)
    if ending is Ending.SENT and message.attempts:
        _try_now(message.channel, at=at)


def _written(ended: DeliveryResult, *, at: datetime) -> dict[str, Any]:
    """Return what a row says after an outcome. An attempt that did not reach the server is not counted."""
    outcome = ended.outcome
    counted = {"attempts": min(ended.message.attempts, MOST_COUNTED) + 1}
    waits = {"status": Delivery.DUE, "settled_at": None, "reason": ""}
    match outcome.ending:
        case Ending.SENT:
            return {"status": Delivery.SENT, "settled_at": at, "reason": ""} | counted
        case Ending.UNKNOWN | Ending.REFUSED | Ending.UNWRITABLE:
            why = WHY[outcome.ending]
            row = {"status": ENDS_AS[why], "settled_at": at, "reason": _coded(why, outcome)}
            return row if outcome.ending is Ending.UNWRITABLE else row | counted
        case Ending.PUT_OFF:
            return waits | {"due_at": _next_try(ended, at=at)} | counted
        case _:
            return waits | {"due_at": at + BREATH}


def _next_try(ended: DeliveryResult, *, at: datetime) -> datetime:
    """Return when a message that the server put off is tried again."""
    return next_try_at(ended.message.attempts + 1, at=at, until=ended.useful_until)


def _coded(reason: DeliveryReason, outcome: DeliveryOutcome) -> str:
    """Return a reason; that of a refusal with the server's reply code."""
    return f"{reason.value}-{outcome.code}" if reason is DeliveryReason.REFUSED and outcome.code else reason.value


def _try_now(channel: str, *, at: datetime) -> None:
    """Try everything that a channel's server put off: it has just taken a message that it had put off before."""
    put_off = Message.objects.filter(status=Delivery.DUE, due_at__gt=at, due_at__lte=at + LONGEST_PAUSE)
    put_off.filter(attempts__gt=0, reason="", channel=channel).update(due_at=at)

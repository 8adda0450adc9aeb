"""Messages that end, well or not: those that did not reach anybody are for staff to tell."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from booking import public as booking
from booking.public import CallReason, OpenCall, ReviewNews
from core.database.transactions import unit
from notifications.actions.send_checks import listed_visits
from notifications.change_messages import CHANGE_KINDS
from notifications.models import Message
from notifications.status import ENDS_AS, FOR_STAFF, NO_NEWS, Delivery, DeliveryReason, MessageKind

CODES = Message.objects.filter(kind=MessageKind.CODE)
FOR_PATIENTS = Message.objects.exclude(kind__in=NO_NEWS)


def end(ids: Collection[int], reason: DeliveryReason, *, at: datetime) -> None:
    """Note why messages do not arrive; where that may have left somebody without word, staff are to call."""
    status = ENDS_AS[reason]
    Message.objects.end(ids, status, reason=reason, at=at)
    if ids and status in FOR_STAFF:
        call_about(ids, at=at)


def call_about(ids: Collection[int], *, at: datetime) -> None:
    """Let staff call those whom these messages may not have reached, unless they went to an address of nobody's.

    Who waits for a code may have mistyped their address: they are called where a number is on file.
    """
    waiting = CODES.filter(pk__in=ids).values_list("appointment_id", flat=True)
    if found := set(waiting):
        booking.raise_calls(found, CallReason.CODE, at=at, again=True)
    call_unless_heard(FOR_PATIENTS.filter(pk__in=ids), at=at)


def call_unless_heard(messages: Iterable[Message], *, at: datetime) -> None:
    """Let staff call those whom these messages do not reach; not about news that they and staff told each other.

    Of a reminder that is due staff remind them, whoever told the news.
    What came of their health answers a clinician tells them; whom no mail asks whether they keep their time staff ask.
    """
    messages = list(messages)
    reviewed = {one.appointment_id for one in messages if _is_of_a_review(one)}
    if reviewed:
        booking.raise_calls(reviewed, CallReason.SCREENING, at=at, again=True)
    asked = {one.appointment_id for one in messages if one.kind == MessageKind.TOGETHER}
    if asked:
        booking.raise_calls(asked, CallReason.BOOKED_TOGETHER, at=at)
    messages = [one for one in messages if not _is_of_a_review(one) and one.kind != MessageKind.TOGETHER]
    about = [(one.appointment_id, one.kind in CHANGE_KINDS or _could_not_be_written(one)) for one in messages]
    heard = booking.heard_in_person({visit for visit, is_news in about if is_news})
    call({visit for visit, is_news in about if not (is_news and visit in heard)}, at=at)


def _could_not_be_written(message: Message) -> bool:
    """Whether what follows from news at once had no address to go to; what is due on a later day is said then."""
    return message.reason == DeliveryReason.NO_ADDRESS and not message.offset_minutes


def _is_of_a_review(message: Message) -> bool:
    """Whether a message follows from what a clinician decided, and not from the answers alone."""
    return "answers" in message.facts and message.facts["about"] != ReviewNews.AWAY


def call(appointment_ids: Collection[int], *, at: datetime) -> None:
    """Let staff call the patients of these visits, whom a message did not reach, or may not have reached."""
    if appointment_ids:
        booking.raise_calls(appointment_ids, CallReason.NOT_REACHED, at=at)


def reached_after_all(appointment_id: int, *, at: datetime) -> None:
    """Spare staff the call about a visit whose lost message turned out to be sent, if nothing else failed."""
    # Any other failure of this visit still needs the call.
    if not FOR_PATIENTS.filter(appointment=appointment_id, status__in=FOR_STAFF).exists():
        booking.end_calls([appointment_id], CallReason.NOT_REACHED, at=at)


def nothing_to_tell(appointment_id: int, *, of: Collection[MessageKind], at: datetime) -> None:
    """Spare staff the call about messages `of` kinds that did not arrive and hold no more, if nothing else failed."""
    failed = FOR_PATIENTS.filter(appointment=appointment_id, status__in=FOR_STAFF)
    if not failed.exclude(kind__in=of).exists():
        booking.end_calls([appointment_id], CallReason.NOT_REACHED, at=at)


@unit
def reached_since(*, at: datetime) -> None:
    """Spare staff the calls to those whom a later message has reached: it told them how their visit stands.

    So has a later code whoever waited for one.
    """
    _codes_reached_since(at=at)
    calls = booking.open_calls(CallReason.NOT_REACHED)
    if not calls:
        return
    # One query for all calls: the oldest bounds it, and each is looked at by itself below.
    later = FOR_PATIENTS.filter(status=Delivery.SENT, settled_at__gt=min(call.raised_at for call in calls))
    heard = defaultdict[int, list[Message]](list)
    for message in later.filter(recipient__in={call.patient_id for call in calls}):
        for visit_id in {message.appointment_id, *listed_visits(message)}:
            heard[visit_id].append(message)
    reached = [
        call.appointment_id for call in calls if any(_covers_call(each, call) for each in heard[call.appointment_id])
    ]
    booking.end_calls(reached, CallReason.NOT_REACHED, at=at)


def _codes_reached_since(*, at: datetime) -> None:
    waiting = {call.appointment_id: call.raised_at for call in booking.open_calls(CallReason.CODE)}
    if waiting:
        sent = CODES.filter(appointment__in=waiting, status=Delivery.SENT).values_list("appointment_id", "settled_at")
        reached = {visit for visit, settled_at in sent if settled_at and settled_at > waiting[visit]}
        booking.end_calls(reached, CallReason.CODE, at=at)


def _covers_call(message: Message, call: OpenCall) -> bool:
    """Say whether a message that arrived says what was to be said by a call: all mails say how the visit is by then."""
    # A list of links shows every visit as it is, so it counts for those that it lists whatever their version.
    newer = message.appointment_id != call.appointment_id or message.version >= call.version
    return newer and message.settled_at is not None and message.settled_at > call.raised_at

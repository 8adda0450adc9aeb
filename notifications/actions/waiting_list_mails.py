"""Mails to those who wait for a time to open: planned from the ledger of what was done, sent one by one."""

from datetime import datetime

from booking.public import waiting_list
from core.database.transactions import unit
from notifications.actions.single_mails import AT_ONCE, MailQueue
from notifications.channels.channel import ChannelConnection
from notifications.channels.mail.waiting_list import compose
from notifications.models import WaitingListMail, WaitingListMailKind
from notifications.status import DeliveryReason

STILL_SO = {
    WaitingListMailKind.CONFIRM: frozenset({"draft"}),
    WaitingListMailKind.JOINED: frozenset({"active"}),
    WaitingListMailKind.OFFER: frozenset({"active"}),
    WaitingListMailKind.ANSWERS: frozenset({"active"}),
    WaitingListMailKind.ENDED: frozenset({"ended"}),
}
"""How an entry must still stand for a mail to be of use."""


@unit
def relay(*, at: datetime, beside: set[int] | None = None) -> int:
    """Plan what acts on the waiting list make worth saying; return how many acts were looked at."""
    acts = waiting_list.unrelayed(limit=AT_ONCE, beside=set() if beside is None else beside)
    mails = [WaitingListMail(change_id=one.id, kind=_kind(one), due_at=at, created_at=at) for one in acts]
    WaitingListMail.objects.bulk_create(mails, ignore_conflicts=True)
    waiting_list.mark_relayed([one.id for one in acts], at=at)
    return len(acts)


def _kind(one: waiting_list.WaitingListNews) -> WaitingListMailKind:
    if one.act == "join":
        return WaitingListMailKind.CONFIRM if one.draft else WaitingListMailKind.JOINED
    return KINDS[one.act]


KINDS = {
    "offer": WaitingListMailKind.OFFER,
    "ask": WaitingListMailKind.ANSWERS,
    "end": WaitingListMailKind.ENDED,
}


def _why_not(mail: WaitingListMail, facts: waiting_list.WaitingListFacts) -> DeliveryReason | None:
    if facts.silent or facts.status not in STILL_SO[WaitingListMailKind(mail.kind)]:
        return DeliveryReason.SUPERSEDED
    if mail.kind == WaitingListMailKind.OFFER and not facts.stands:
        return DeliveryReason.TOO_LATE
    if mail.kind == WaitingListMailKind.ANSWERS and not facts.asks:
        return DeliveryReason.SUPERSEDED
    return None if facts.address else DeliveryReason.NO_ADDRESS


QUEUE = MailQueue(
    table=WaitingListMail,
    facts=lambda mail, at: waiting_list.facts_of(mail.change_id, at=at),
    why_not=_why_not,
    compose=compose,
    # A time is kept for them, or they wait in vain: where no mail tells them, staff do.
    unreached=lambda mail, at: waiting_list.call_unreached(mail.change_id, at=at),
)


def send_next(connection: ChannelConnection, *, at: datetime) -> bool:
    """Send the mail that has waited longest; say whether there was one, and its server does its work."""
    return QUEUE.send_next(connection, at=at)

"""Mails about family links: planned from the ledger of what was done, sent one by one."""

from collections.abc import Mapping
from datetime import datetime

from booking import public as booking
from booking.public import FamilyLinkFacts, FamilyNews, FamilySide
from core.database.transactions import unit
from notifications.actions.single_mails import AT_ONCE, MailQueue
from notifications.channels.channel import ChannelConnection
from notifications.channels.mail.family import compose
from notifications.models import FamilyMail, FamilyMailKind
from notifications.status import DeliveryReason

KINDS: Mapping[tuple[str, FamilySide], FamilyMailKind] = {
    ("invite", FamilySide.INVITED): FamilyMailKind.INVITATION,
    ("claim", FamilySide.PATIENT): FamilyMailKind.CLAIMED,
    ("confirm", FamilySide.RELATIVE): FamilyMailKind.CONFIRMED,
    ("vouch", FamilySide.RELATIVE): FamilyMailKind.CONFIRMED,
    ("vouch", FamilySide.PATIENT): FamilyMailKind.VOUCHED,
    ("kept-for", FamilySide.RELATIVE): FamilyMailKind.TIME_KEPT,
    ("remind", FamilySide.PATIENT): FamilyMailKind.ENDS_SOON,
    ("remind", FamilySide.RELATIVE): FamilyMailKind.ENDS_SOON,
    ("end", FamilySide.PATIENT): FamilyMailKind.ENDED,
    ("end", FamilySide.RELATIVE): FamilyMailKind.ENDED,
    ("expire", FamilySide.RELATIVE): FamilyMailKind.ENDED,
    ("revoke", FamilySide.RELATIVE): FamilyMailKind.REVOKED,
    ("leave", FamilySide.PATIENT): FamilyMailKind.ENDED,
}
"""What is said of an act, to which side."""

STILL_SO: Mapping[str, frozenset[str]] = {
    FamilyMailKind.INVITATION: frozenset({"invited"}),
    FamilyMailKind.CLAIMED: frozenset({"claimed"}),
    FamilyMailKind.CONFIRMED: frozenset({"active"}),
    FamilyMailKind.VOUCHED: frozenset({"active"}),
    FamilyMailKind.TIME_KEPT: frozenset({"active"}),
    FamilyMailKind.ENDS_SOON: frozenset({"active"}),
}
"""How a link must still stand for a mail to be of use; of an end it is always told."""


@unit
def relay(*, at: datetime, beside: set[int] | None = None) -> int:
    """Plan what acts on family links make worth saying; return how many acts were looked at."""
    later = set() if beside is None else beside
    acts = booking.unrelayed_family_acts(limit=AT_ONCE, beside=later)
    mails = [_planned(one, side, at=at) for one in acts for side in one.sides]
    FamilyMail.objects.bulk_create(mails, ignore_conflicts=True)
    booking.mark_family_acts_relayed([one.id for one in acts], at=at)
    return len(acts)


def _planned(one: FamilyNews, side: FamilySide, *, at: datetime) -> FamilyMail:
    kind = KINDS[one.act, side]
    return FamilyMail(change_id=one.id, link_id=one.link_id, side=side, kind=kind, due_at=at, created_at=at)


def _why_not(mail: FamilyMail, facts: FamilyLinkFacts) -> DeliveryReason | None:
    if facts.silent or facts.state not in STILL_SO.get(mail.kind, {facts.state}):
        return DeliveryReason.SUPERSEDED
    if mail.kind == FamilyMailKind.TIME_KEPT and not facts.reserved:
        return DeliveryReason.SUPERSEDED
    # An invitation that is printed or read aloud has no address: nothing is lacking.
    quiet = mail.side == FamilySide.INVITED
    return None if facts.address else (DeliveryReason.SUPERSEDED if quiet else DeliveryReason.NO_ADDRESS)


QUEUE = MailQueue(
    table=FamilyMail,
    facts=lambda mail, at: booking.family_link_facts(mail.link_id, FamilySide(mail.side), at=at),
    why_not=_why_not,
    compose=compose,
    # Where somebody is left without word, staff are to tell them.
    unreached=lambda mail, at: booking.note_unreached(mail.link_id, FamilySide(mail.side), at=at),
)


def send_next(connection: ChannelConnection, *, at: datetime) -> bool:
    """Send the mail that has waited longest; say whether there was one, and its server does its work."""
    return QUEUE.send_next(connection, at=at)

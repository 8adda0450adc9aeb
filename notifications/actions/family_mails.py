"""Mails about family links: planned from the ledger of what was done, sent one by one.

They hang on no visit, so they have a table of their own. A mail is marked as being sent, and that is committed, before
it goes over the wire: a worker that dies meanwhile leaves it with an unknown end, and nobody gets it twice.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from booking import public as booking
from booking.public import FamilyLinkFacts, FamilyNews, FamilySide
from core.database.transactions import unit
from notifications.actions import breakers
from notifications.actions.faults import unless_faulty
from notifications.channels.channel import ChannelConnection
from notifications.channels.mail.family import compose
from notifications.channels.mail.mime import WrittenMail, written
from notifications.models import FamilyMail, FamilyMailKind
from notifications.status import (
    AFTER_AN_ANSWER,
    AFTER_NO_ANSWER,
    ENDS_AS,
    FOR_STAFF,
    Delivery,
    DeliveryOutcome,
    DeliveryReason,
    Ending,
)

log = logging.getLogger(__name__)

AT_ONCE = 100
EMAIL = "email"
LEASE, PAUSE, GIVES_UP = timedelta(minutes=2), timedelta(minutes=5), 12

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


def send_next(connection: ChannelConnection, *, at: datetime) -> bool:
    """Send the mail that has waited longest; say whether there was one, and its server does its work."""
    if not breakers.may_go_on(EMAIL, at=at) or not connection.open():
        return False
    begun = _begin(at=at)
    if begun is None:
        return False
    mail, wire = begun
    if wire is None:
        return True
    outcome = _spoken(connection, wire)
    _settle(mail, outcome, at=at)
    return outcome.ending in AFTER_AN_ANSWER


@unit
def _begin(*, at: datetime) -> tuple[FamilyMail, WrittenMail | None] | None:
    """Mark the next mail as being sent, and return it as it goes over the wire; drop it where it is of no more use."""
    lost = FamilyMail.objects.filter(status=Delivery.SENDING, lease_until__lte=at)
    for one in lost.select_for_update(skip_locked=True).order_by("pk")[:AT_ONCE]:
        _end(one, DeliveryReason.WORKER_LOST, at=at)
    rows = FamilyMail.objects.filter(status=Delivery.DUE, due_at__lte=at).select_for_update(skip_locked=True)
    mail = rows.order_by("due_at", "pk").first()
    if mail is None:
        return None
    facts = booking.family_link_facts(mail.link_id, FamilySide(mail.side), at=at)
    why = _why_not(mail, facts)
    if why or facts is None:
        _end(mail, why or DeliveryReason.SUPERSEDED, at=at)
        return mail, None
    wire = unless_faulty(partial(_write, mail, facts, at=at), failing=f"family mail {mail.pk} cannot be written")
    if wire is None:
        _end(mail, DeliveryReason.UNWRITABLE, at=at)
        return mail, None
    mail.status, mail.lease_until, mail.attempts = Delivery.SENDING, at + LEASE, mail.attempts + 1
    mail.save(update_fields=["status", "lease_until", "attempts"])
    return mail, wire


def _write(mail: FamilyMail, facts: FamilyLinkFacts, *, at: datetime) -> WrittenMail | None:
    return written(compose(mail, facts, at=at))


def _why_not(mail: FamilyMail, facts: FamilyLinkFacts | None) -> DeliveryReason | None:
    if facts is None or facts.silent or facts.state not in STILL_SO.get(mail.kind, {facts.state}):
        return DeliveryReason.SUPERSEDED
    if mail.kind == FamilyMailKind.TIME_KEPT and not facts.reserved:
        return DeliveryReason.SUPERSEDED
    # An invitation that is printed or read aloud has no address: nothing is lacking.
    quiet = mail.side == FamilySide.INVITED
    return None if facts.address else (DeliveryReason.SUPERSEDED if quiet else DeliveryReason.NO_ADDRESS)


def _end(mail: FamilyMail, why: DeliveryReason, *, at: datetime) -> None:
    """Note why a mail does not arrive; where somebody is left without word by that, staff are to tell them."""
    mail.status, mail.reason, mail.settled_at, mail.lease_until = ENDS_AS[why], why, at, None
    mail.save(update_fields=["status", "reason", "settled_at", "lease_until"])
    if mail.status in FOR_STAFF:
        booking.note_unreached(mail.link_id, FamilySide(mail.side), at=at)


def _spoken(connection: ChannelConnection, wire: WrittenMail) -> DeliveryOutcome:
    """Hand a mail over; return how that ended."""
    refusal = connection.announce(wire)
    if refusal is not None:
        return refusal
    handed = connection.hand_over(wire)
    return connection.answer() if handed is None else handed


@unit
def _settle(mail: FamilyMail, outcome: DeliveryOutcome, *, at: datetime) -> None:
    """Note how handing over ended."""
    row = FamilyMail.objects.filter(pk=mail.pk, status=Delivery.SENDING)
    if row.select_for_update().exists():  # else a worker found it lost meanwhile, and said so
        match outcome.ending:
            case Ending.SENT:
                row.update(status=Delivery.SENT, settled_at=at, lease_until=None)
            case Ending.REFUSED:
                _end(mail, DeliveryReason.REFUSED, at=at)
            case Ending.UNKNOWN:
                _end(mail, DeliveryReason.ANSWER_LOST, at=at)
            case _ if mail.attempts >= GIVES_UP:
                _end(mail, DeliveryReason.GAVE_UP, at=at)
            case _:
                row.update(status=Delivery.DUE, due_at=at + PAUSE * mail.attempts, lease_until=None)
    if outcome.ending in AFTER_NO_ANSWER:
        breakers.failed(EMAIL, outcome.ending, at=at)

"""Mails that hang on no appointment, sent one by one: each kind has a table of its own, and all are sent alike.

A mail is marked as being sent, and that is committed, before it goes over the wire: a worker that dies meanwhile leaves
it with an unknown end, and nobody gets it twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

from django.core.mail import EmailMultiAlternatives
from django.db.models import QuerySet

from core.database.transactions import unit
from notifications.actions import breakers
from notifications.actions.faults import unless_faulty
from notifications.channels.channel import ChannelConnection
from notifications.channels.mail.mime import WrittenMail, written
from notifications.models import SingleMail
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

AT_ONCE = 100
EMAIL = "email"
LEASE, PAUSE, GIVES_UP = timedelta(minutes=2), timedelta(minutes=5), 12

MailT = TypeVar("MailT", bound=SingleMail)
FactsT = TypeVar("FactsT")
Mail_contra = TypeVar("Mail_contra", bound=SingleMail, contravariant=True)
Facts_contra = TypeVar("Facts_contra", contravariant=True)


class Composing(Protocol[Mail_contra, Facts_contra]):
    """Writes a mail in its reader's language."""

    def __call__(self, mail: Mail_contra, facts: Facts_contra, *, at: datetime) -> EmailMultiAlternatives:
        """Return the mail. Raises NoAddress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailQueue(Generic[MailT, FactsT]):
    """One table of mails. `facts`: what is told as it stands now, None where there is nobody to tell.

    `why_not`: why it is of no more use, if it is not; `unreached`: what staff are to know of somebody without word.
    """

    table: type[MailT]
    facts: Callable[[MailT, datetime], FactsT | None]
    why_not: Callable[[MailT, FactsT], DeliveryReason | None]
    compose: Composing[MailT, FactsT]
    unreached: Callable[[MailT, datetime], None]

    def send_next(self, connection: ChannelConnection, *, at: datetime) -> bool:
        """Send the mail that has waited longest; say whether there was one, and its server does its work."""
        if not breakers.may_go_on(EMAIL, at=at) or not connection.open():
            return False
        begun = self._begin(at=at)
        if begun is None:
            return False
        mail, wire = begun
        if wire is None:
            return True
        outcome = spoken(connection, wire)
        self._settle(mail, outcome, at=at)
        return outcome.ending in AFTER_AN_ANSWER

    @property
    def _rows(self) -> QuerySet[MailT]:
        rows: QuerySet[MailT] = self.table._default_manager.all()
        return rows

    @unit
    def _begin(self, *, at: datetime) -> tuple[MailT, WrittenMail | None] | None:
        """Mark the next mail as being sent, return it as it goes over the wire; drop it where it is of no more use."""
        lost = self._rows.filter(status=Delivery.SENDING, lease_until__lte=at)
        for one in lost.select_for_update(skip_locked=True).order_by("pk")[:AT_ONCE]:
            self._end(one, DeliveryReason.WORKER_LOST, at=at)
        rows = self._rows.filter(status=Delivery.DUE, due_at__lte=at).select_for_update(skip_locked=True)
        mail = rows.order_by("due_at", "pk").first()
        if mail is None:
            return None
        facts = self.facts(mail, at)
        why = DeliveryReason.SUPERSEDED if facts is None else self.why_not(mail, facts)
        if why or facts is None:
            self._end(mail, why or DeliveryReason.SUPERSEDED, at=at)
            return mail, None
        wire = unless_faulty(partial(self._write, mail, facts, at=at), failing=f"{mail} cannot be written")
        if wire is None:
            self._end(mail, DeliveryReason.UNWRITABLE, at=at)
            return mail, None
        mail.status, mail.lease_until, mail.attempts = Delivery.SENDING, at + LEASE, mail.attempts + 1
        mail.save(update_fields=["status", "lease_until", "attempts"])
        return mail, wire

    def _write(self, mail: MailT, facts: FactsT, *, at: datetime) -> WrittenMail | None:
        return written(self.compose(mail, facts, at=at))

    def _end(self, mail: MailT, why: DeliveryReason, *, at: datetime) -> None:
        """Note why a mail does not arrive; where somebody is left without word by that, staff are to know."""
        mail.status, mail.reason, mail.settled_at, mail.lease_until = ENDS_AS[why], why, at, None
        mail.save(update_fields=["status", "reason", "settled_at", "lease_until"])
        if mail.status in FOR_STAFF:
            self.unreached(mail, at)

    @unit
    def _settle(self, mail: MailT, outcome: DeliveryOutcome, *, at: datetime) -> None:
        """Note how handing over ended."""
        row = self._rows.filter(pk=mail.pk, status=Delivery.SENDING)
        if row.select_for_update().exists():  # else a worker found it lost meanwhile, and said so
            changes = self._after(mail, outcome, at=at)
            if changes:
                row.update(**changes)
        if outcome.ending in AFTER_NO_ANSWER:
            breakers.failed(EMAIL, outcome.ending, at=at)

    def _after(self, mail: MailT, outcome: DeliveryOutcome, *, at: datetime) -> dict[str, Any]:
        """Return what an outcome changes of a mail's row; nothing where it has ended without arriving."""
        match outcome.ending:
            case Ending.SENT:
                return {"status": Delivery.SENT, "settled_at": at, "lease_until": None}
            case Ending.REFUSED:
                self._end(mail, DeliveryReason.REFUSED, at=at)
            case Ending.UNKNOWN:
                self._end(mail, DeliveryReason.ANSWER_LOST, at=at)
            case _ if mail.attempts >= GIVES_UP:
                self._end(mail, DeliveryReason.GAVE_UP, at=at)
            case _:
                return {"status": Delivery.DUE, "due_at": at + PAUSE * mail.attempts, "lease_until": None}
        return {}


def spoken(connection: ChannelConnection, wire: WrittenMail) -> DeliveryOutcome:
    """Hand a mail over; return how that ended."""
    refusal = connection.announce(wire)
    if refusal is not None:
        return refusal
    handed = connection.hand_over(wire)
    return connection.answer() if handed is None else handed

"""A message on its way out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from booking.public import VisitFacts
from notifications.models import Message
from notifications.plan import ReminderPlan, useful_until
from notifications.status import DeliveryOutcome, MessageKind
from notifications.visit_state import visit_state


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedVisit:
    """One of the visits that a mail lists, with its link. `covered`: its time is open, as it was when it was booked."""

    visit: VisitFacts
    token: str
    covered: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """A message as it was read: what it says, to which address, by which plan, and the link that goes with it.

    `kind` and `facts` are what it says now, the row's are what was planned; `address` is empty where none is on file;
    `listed`: the visits of a mail that lists several; `asks`: whether something is to be asked before they come.
    """

    message: Message
    kind: MessageKind
    facts: Mapping[str, Any]
    visit: VisitFacts
    plan: ReminderPlan
    address: str
    token: str
    listed: tuple[ListedVisit, ...] = ()
    asks: bool = False

    @property
    def message_id(self) -> int:
        """The id that stands in the mail's own."""
        return self.message.pk

    @property
    def version(self) -> int:
        """The visit's version when the message was planned."""
        return self.message.version


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResult:
    """How handing a message over ended. `beginning`: which of its beginnings that was, so that no other one is meant.

    `lease_until`: the lease that went with it, where it is not known whether the mark was committed: another worker
    may have begun it for that time meanwhile.
    """

    outgoing: OutgoingMessage
    outcome: DeliveryOutcome
    beginning: int
    begun_at: datetime
    lease_until: datetime | None = None

    @property
    def message(self) -> Message:
        """The message as it was read before."""
        return self.outgoing.message

    @property
    def useful_until(self) -> datetime:
        """When the message is of no use any more."""
        # Of use whatever becomes of the visit: somebody may have taken over the account of whoever reads this.
        if self.message.kind == MessageKind.CONTACT_CHANGED:
            return self.message.created_at + self.outgoing.plan.old_address
        visits = [self.outgoing.visit, *(listed.visit for listed in self.outgoing.listed)]
        kind, offset, plan = MessageKind(self.message.kind), self.message.offset_minutes, self.outgoing.plan
        return max(useful_until(kind, visit_state(visit), offset_minutes=offset, plan=plan) for visit in visits)

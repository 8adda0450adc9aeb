"""One message once more, because staff ask for it: written anew from what is so now, or refused."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from booking import public as booking
from booking.public import Stage, VisitFacts
from core.database.transactions import unit
from core.doorbell import ring
from core.principal import Principal
from core.refusals import Missing, Refusal
from core.rights import Action, acting
from notifications.actions.claims import read_messages
from notifications.actions.history import ASKED_FOR
from notifications.actions.relay import TOLD_AT_DESK
from notifications.actions.send_checks import listed_visits, verdict
from notifications.models import Message
from notifications.models.messages import RESEND_OF, RESENT_BY
from notifications.queries import visible_messages
from notifications.status import Delivery, DeliveryReason, MessageKind

NEVER = frozenset({MessageKind.CODE, MessageKind.CONTACT_CHANGED, MessageKind.TOGETHER})
"""A code is asked for by whoever types it, an address that was replaced is nobody's, and a question is asked once."""

ON_THE_WAY = frozenset({Delivery.DUE, Delivery.CLAIMED, Delivery.SENDING})
GOES_AT_ONCE = {MessageKind.REMINDER: 0}
"""What is asked for now is no reminder of so many days before: the next one to come does not stand in its place."""

NOTHING_TO_SEND = frozenset(
    {
        DeliveryReason.NO_ADDRESS,
        DeliveryReason.SUPERSEDED,
        DeliveryReason.NOT_STANDING,
        DeliveryReason.TOO_LATE,
        DeliveryReason.UNCHANGED,
    }
)
"""There was nowhere to send it to; or it was not needed: another message says what is true, or nobody has to know."""

OUTDATED: Mapping[DeliveryReason, Promise] = {
    DeliveryReason.NOT_STANDING: _("The appointment does not stand as it did then."),
    DeliveryReason.UNCHANGED: _("What it said is settled by now."),
    DeliveryReason.TOO_LATE: _("It is too late for it to be of use."),
    DeliveryReason.WITHOUT_COVER: _("The time of the appointment is not open any more. Find another one with them."),
    DeliveryReason.NO_ADDRESS: _("No e-mail address is on file. Call them, or enter an address on their page."),
    DeliveryReason.BAD_ADDRESS: _("Mail cannot be sent to the address on file. Call them, and ask for another one."),
    DeliveryReason.UNWRITABLE: _("It cannot be written as things are. Call them instead."),
}


class NotSentAgain(Refusal):
    """A message is not true any more, or would reach nobody."""

    code = "not-sent-again"
    title = _("This was not sent again.")


@unit
def send_again(message_id: int, *, by: Principal, at: datetime, after: int | None = None) -> Message:
    """Plan a message once more, with the words that are true now; return what goes out.

    `after`: how often it had been sent again when whoever asks looked. Where it was since, or one of it is on its way,
    that one is returned: two presses are one mail. Raises Missing, NotSentAgain.
    """
    minds = acting(by, Action.SEND_MESSAGE)
    message = visible_messages(minds).filter(pk=message_id).first()
    if message is None:
        raise Missing
    if message.kind in NEVER:
        raise NotSentAgain(_("A message of this kind is sent once. Call them instead."))
    # Locked first: who presses at the same time finds what the other has planned.
    visits = booking.visits({message.appointment_id, *listed_visits(message)}, lock=True)
    visit = visits[message.appointment_id]
    original = int(message.facts.get(RESEND_OF, message.pk))
    sent = list(Message.objects.filter(appointment=visit.appointment_id, facts__resend_of=original).order_by("pk"))
    if sent and (sent[-1].status in ON_THE_WAY or (after is not None and len(sent) > after)):
        return sent[-1]
    _insist_on_address(visit)
    again = _once_more(message, visit, at=at)
    again.facts |= {RESEND_OF: original, RESENT_BY: by.key}
    again.save()
    _insist_on_truth(again, at=at)
    ring("notifications.tasks.dispatch")
    return again


def sent_again(messages: Iterable[Message]) -> dict[int, int]:
    """Return how often each of these was sent again, by its id, as far as that is among them."""
    found: dict[int, int] = {}
    for original in (one.facts[RESEND_OF] for one in messages if RESEND_OF in one.facts):
        found[original] = found.get(original, 0) + 1
    return found


def can_be_sent_again(message: Message) -> bool:
    """Whether it is worth a button: it is over, of a kind that is written for one appointment, and had somewhere to go.

    Whose first address comes later gets links to it by itself.
    """
    written = message.kind not in NEVER and message.reason not in NOTHING_TO_SEND
    return written and message.status not in ON_THE_WAY


def _once_more(message: Message, visit: VisitFacts, *, at: datetime) -> Message:
    """Return a message of the same kind about a visit as it is now. Raises NotSentAgain."""
    kind = MessageKind(message.kind)
    return Message(
        appointment_id=visit.appointment_id,
        version=visit.version,
        recipient_id=visit.patient_id,
        channel=message.channel,
        kind=kind,
        offset_minutes=GOES_AT_ONCE.get(kind, message.offset_minutes),
        # Of a closure or a question it names which one: as long as that stands, it is the same.
        policy_version=message.policy_version,
        resend=Message.objects.next_resend(visit.appointment_id, version=visit.version, kind=kind),
        due_at=at,
        facts=_facts(kind, message, visit),
        created_at=at,
    )


def _facts(kind: MessageKind, message: Message, visit: VisitFacts) -> dict[str, object]:
    """Return what it tells beside the visit as it is. Raises NotSentAgain."""
    told = {name: fact for name, fact in message.facts.items() if name not in {TOLD_AT_DESK, ASKED_FOR}}
    match kind:
        # Of several pieces of news the last is true: an appointment that was moved is booked where it is by now.
        case MessageKind.CONFIRMATION | MessageKind.MOVED:
            return {"firm": True, **({ASKED_FOR: True} if visit.stage is Stage.ASKED_FOR else {})}
        case MessageKind.CANCELLED:
            return {"firm": True} | _as_they_knew_it(message)
        case MessageKind.CLOSED | MessageKind.OTHER_TIME | MessageKind.REOPENED:
            if message.version != visit.version:
                raise NotSentAgain(_("The appointment was changed since."))
    return told


def _as_they_knew_it(message: Message) -> dict[str, object]:
    """Return when and where an appointment was that somebody hears is cancelled: as they had heard of it before."""
    before = Message.objects.filter(appointment=message.appointment_id, pk__lt=message.pk, status=Delivery.SENT)
    heard = before.filter(kind__in=[MessageKind.CONFIRMATION, MessageKind.MOVED]).order_by("-version").first()
    was = booking.where_at({message.appointment_id: heard.version}) if heard else {}
    return {"from": dict(was[message.appointment_id])} if was else {}


def _insist_on_address(visit: VisitFacts) -> None:
    """Refuse an address of a stranger, or one that no mail reaches. Raises NotSentAgain."""
    if visit.awaits_code:
        raise NotSentAgain(_("Nobody has shown yet that the address is theirs. Call them, if you can."))
    if _is_known_to_fail(visit.patient_id):
        raise NotSentAgain(_("The mail server refused this address last time. Call them, and ask for another one."))


def _is_known_to_fail(patient_id: int) -> bool:
    """Whether the last mail to somebody was refused for good, and they have the same address since."""
    ended = Message.objects.filter(recipient=patient_id, status__in=[Delivery.SENT, Delivery.FAILED], address="")
    last = ended.exclude(settled_at=None).order_by("-settled_at", "-pk").first()
    if last is None or not last.reason.startswith((DeliveryReason.REFUSED, DeliveryReason.BAD_ADDRESS)):
        return False
    changed_at = booking.readdressed_at(patient_id)
    return changed_at is None or last.settled_at is None or changed_at < last.settled_at


def _insist_on_truth(message: Message, *, at: datetime) -> None:
    """Refuse what would be dropped before it goes out. Raises NotSentAgain."""
    found, _visits = read_messages([message], at=at)
    reading = found[message.pk]
    judged = verdict(reading, at=at) if reading else None
    if judged is None:
        raise NotSentAgain(OUTDATED[DeliveryReason.UNWRITABLE])
    if judged.reason is not None:
        raise NotSentAgain(OUTDATED.get(judged.reason, DeliveryReason(judged.reason).label))
    if judged.later_at is not None:  # at night, say
        message.due_at = judged.later_at
        message.save(update_fields=["due_at"])

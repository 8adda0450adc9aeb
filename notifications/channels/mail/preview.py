"""How a message that is not due yet would read."""

from datetime import datetime

from booking import public as booking
from core.text.mail_addresses import can_be_written_to
from notifications.actions.history import histories, notice_of
from notifications.actions.send_checks import address_of, listed_visits, with_link
from notifications.change_messages import Notice
from notifications.channels.mail.compose import compose
from notifications.errors import NoSuchMail
from notifications.models import Message
from notifications.outgoing import ListedVisit, OutgoingMessage
from notifications.reminder_plan import reminder_plan
from notifications.status import MessageKind

NO_LINK = "the-link-of-the-visit"
"""Reading makes no link: the real one is put in when the mail goes out."""


def preview(message: Message, *, at: datetime) -> bytes:
    """Return the whole mail as it would be composed at `at`. Raises NoSuchMail when nobody could get it."""
    visits = booking.visits([message.appointment_id, *listed_visits(message)])
    visit = visits.get(message.appointment_id)
    if visit is None or not can_be_written_to(address_of(message, visit)):
        raise NoSuchMail
    history = histories({visit.appointment_id: visit})[visit.appointment_id]
    said = notice_of(message, visit, history) or Notice(kind=MessageKind(message.kind))
    plan = reminder_plan(visit.site_id, at=at)
    outgoing = OutgoingMessage(
        message=message,
        kind=said.kind,
        facts=said.facts,
        visit=visit,
        plan=plan,
        address=address_of(message, visit),
        token=NO_LINK,
        listed=tuple(ListedVisit(visit=v, token=NO_LINK) for v in with_link(message, visits, plan=plan, at=at)),
    )
    return compose(outgoing, at=at).message().as_bytes()

"""How a message that is not due yet would read."""

from datetime import datetime

from booking import public as booking
from core.text.mail_addresses import can_be_written_to
from notifications.actions.history import histories, saying_of
from notifications.actions.judging import address_of, listed, with_link
from notifications.channels.mail.compose import compose
from notifications.errors import NoSuchMail
from notifications.models import Message
from notifications.news import Saying
from notifications.parcels import Listed, Parcel
from notifications.reminder_plan import reminder_plan
from notifications.status import Kind

NO_LINK = "the-link-of-the-visit"
"""Reading makes no link: the real one is put in when the mail goes out."""


def draft(message: Message, *, at: datetime) -> bytes:
    """Return the whole mail as it would be composed at `at`. Raises NoSuchMail when nobody could get it."""
    visits = booking.visits([message.appointment_id, *listed(message)])
    visit = visits.get(message.appointment_id)
    if visit is None or not can_be_written_to(address_of(message, visit)):
        raise NoSuchMail
    history = histories({visit.appointment_id: visit})[visit.appointment_id]
    said = saying_of(message, visit, history) or Saying(kind=Kind(message.kind))
    plan = reminder_plan(visit.site_id, at=at)
    parcel = Parcel(
        message=message,
        kind=said.kind,
        facts=said.facts,
        visit=visit,
        plan=plan,
        address=address_of(message, visit),
        token=NO_LINK,
        listed=tuple(Listed(visit=v, token=NO_LINK) for v in with_link(message, visits, plan=plan, at=at)),
    )
    return compose(parcel, at=at).message().as_bytes()

"""How a message that is not due yet would read."""

from datetime import datetime

from booking import public as booking
from core.text.mail_addresses import can_be_written_to
from notifications.actions.history import histories
from notifications.actions.send_checks import address_of, asking_visits, listed_visits, outgoing_of
from notifications.channels.mail.compose import compose
from notifications.errors import NoSuchMail
from notifications.models import Message

NO_LINK = "the-link-of-the-visit"
"""Reading makes no link: the real one is put in when the mail goes out."""


def preview(message: Message, *, at: datetime) -> bytes:
    """Return the whole mail as it would be composed when it is due, as all stands now. Raises NoSuchMail.

    What waits until then, such as the link to questions whose answers count from that day on, is in it.
    """
    goes_out = max(at, message.due_at)
    visits = booking.visits([message.appointment_id, *listed_visits(message)])
    visit = visits.get(message.appointment_id)
    if visit is None or not can_be_written_to(address_of(message, visit)):
        raise NoSuchMail
    outgoing = outgoing_of(
        message,
        visits,
        histories({visit.appointment_id: visit})[visit.appointment_id],
        tokens=dict.fromkeys(visits, NO_LINK),
        uncovered=booking.uncovered_visits(visits.values(), at=at),
        asking=asking_visits([message], visits, at=goes_out),
        at=goes_out,
    )
    return compose(outgoing, at=goes_out).message().as_bytes()

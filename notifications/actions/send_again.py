"""Sending somebody the links to their appointments once more, because staff ask for it."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from booking import public as booking
from core.database.transactions import unit
from core.doorbell import ring
from core.refusals import Refusal
from notifications.actions.link_mails import plan_links
from notifications.models import Message
from notifications.status import Delivery, MessageKind


class NothingToSend(Refusal):
    """There is no appointment ahead that a mail could be about."""

    code = "nothing-to-send"
    title = _("There is no appointment ahead of which they could be mailed. Call them instead.")


@unit
def send_links_again(patient_id: int, *, at: datetime) -> None:
    """Plan one mail with a link to each appointment ahead of a patient, unless one waits to be sent already.

    Raises NothingToSend.
    """
    found = booking.visits(booking.visits_of(patient_id, ahead_at=at), lock=True)
    theirs = [visit for visit in found.values() if not visit.awaits_code]
    if not theirs:
        raise NothingToSend
    # Pressed twice, or by two of the desk at once: the visits are locked, so that the second sees the first's mail.
    if Message.objects.filter(
        recipient=patient_id, kind=MessageKind.LINK, status=Delivery.DUE, due_at__lte=at
    ).exists():
        return
    plan_links(theirs, at=at)
    ring("notifications.tasks.dispatch")


@unit
def send_code(appointment_id: int, *, issue: int, at: datetime) -> None:
    """Plan the mail with the code of an issue, by which whoever has an appointment's link shows who they are."""
    plan_links(booking.visits([appointment_id]).values(), at=at, facts={"because": "code", "issue": issue})
    ring("notifications.tasks.dispatch")

"""A lost link is sent again, to the address on file and to no other."""

from datetime import date, datetime, timedelta

from booking import public as booking
from booking.public import VisitFacts
from core.doorbell import ring
from core.transactions import unit
from notifications.models import Message
from notifications.plan import STANDARD
from notifications.status import Kind

PAUSE = timedelta(minutes=10)
MOST = 5


@unit
def send_links_again(*, email: str, birth_date: date, at: datetime) -> int:
    """Confirm the visits ahead of whoever has this address and date of birth once more; return how many.

    A visit is confirmed again at most every ten minutes and five times in all. Nobody is told whether there was one.
    """
    ahead = booking.visits_ahead(email=email, birth_date=birth_date, at=at)
    again = [_again(visit, at=at) for visit in booking.visits(ahead, lock=True).values()]
    messages = [message for message in again if message]
    Message.objects.bulk_create(messages, ignore_conflicts=True)
    if messages:
        ring("notifications.tasks.dispatch")
    return len(messages)


def _again(visit: VisitFacts, *, at: datetime) -> Message | None:
    said = Message.objects.filter(appointment_id=visit.appointment_id, version=visit.version, kind=Kind.CONFIRMATION)
    last = said.order_by("-resend").first()
    if last and (last.resend >= MOST or last.created_at > at - PAUSE):
        return None
    return Message(
        appointment_id=visit.appointment_id,
        version=visit.version,
        recipient_id=visit.patient_id,
        kind=Kind.CONFIRMATION,
        policy_version=STANDARD.version,
        resend=last.resend + 1 if last else 1,
        due_at=at,
        created_at=at,
    )

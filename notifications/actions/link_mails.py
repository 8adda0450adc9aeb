"""The mail that lists the links of somebody's visits: of those who lost theirs, and of those whose address is new."""

from collections.abc import Iterable
from datetime import datetime

from booking.public import VisitFacts
from notifications.models import Message
from notifications.reminder_plan import reminder_plan
from notifications.status import MessageKind


def plan_links(
    visits: Iterable[VisitFacts],
    *,
    at: datetime,
    due_at: datetime | None = None,
    facts: dict[str, object] | None = None,
) -> Message:
    """Plan one mail with the links of these visits, which are locked and one person's, the soonest first."""
    ordered = sorted(visits, key=lambda visit: visit.starts_at)
    # A message hangs on one visit; the soonest, since this mail is of no use once that and all others have begun.
    first = ordered[0]
    return Message.objects.create(
        appointment_id=first.appointment_id,
        version=first.version,
        recipient_id=first.patient_id,
        kind=MessageKind.LINK,
        policy_version=reminder_plan(first.site_id, at=at).version,
        resend=Message.objects.next_resend(first.appointment_id, version=first.version, kind=MessageKind.LINK),
        due_at=due_at or at,
        facts={"visits": [visit.appointment_id for visit in ordered]} | (facts or {}),
        created_at=at,
    )

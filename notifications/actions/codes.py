"""The code that shows an address to be somebody's own: one mail for each issue."""

from datetime import datetime

from booking import public as booking
from booking.public import CodeWanted
from core.database.transactions import unit
from notifications.models import Message
from notifications.reminder_plan import reminder_plan
from notifications.status import MessageKind

AT_ONCE = 100


@unit
def relay(*, at: datetime) -> int:
    """Plan a mail for each code that was asked for; return how many."""
    wanted = booking.codes_wanted(limit=AT_ONCE)
    Message.objects.bulk_create(
        [
            Message(
                appointment_id=one.appointment_id,
                version=one.version,
                recipient_id=one.patient_id,
                kind=MessageKind.CODE,
                policy_version=reminder_plan(one.site_id, at=at).version,
                # The issue is the number: a round that died before it was noted plans the same row again, and no second
                # mail.
                resend=one.issue,
                due_at=at,
                facts={"issue": one.issue, "minutes": one.minutes},
                created_at=at,
            )
            for one in wanted
        ],
        ignore_conflicts=True,
    )
    for one in wanted:
        _drop_older(one, at=at)
    booking.mark_codes_relayed([one.id for one in wanted], at=at)
    return len(wanted)


def _drop_older(wanted: CodeWanted, *, at: datetime) -> None:
    """Drop codes that still wait for the mail server, and that a newer one has ended: only that one works."""
    older = Message.objects.filter(appointment=wanted.appointment_id, kind=MessageKind.CODE, resend__lt=wanted.issue)
    older.drop_superseded(at=at)

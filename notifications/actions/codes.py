"""The code that shows an address to be somebody's own: one mail for each issue."""

from datetime import datetime
from functools import partial

from booking import public as booking
from booking.public import CodeWanted
from core.database.transactions import unit
from notifications.actions.faults import unless_faulty
from notifications.models import Message
from notifications.reminder_plan import reminder_plan
from notifications.status import MessageKind

AT_ONCE = 100


@unit
def relay(*, at: datetime, beside: set[int] | None = None) -> int:
    """Plan a mail for each code that was asked for; return how many were looked at.

    One that cannot be planned is left for later, `beside` (ids) the others.
    """
    later = set() if beside is None else beside
    wanted = booking.codes_wanted(limit=AT_ONCE, beside=later)
    planned = {
        one: message
        for one in wanted
        if (message := unless_faulty(partial(_message, one, at=at), failing=f"code {one.id} cannot be planned"))
    }
    Message.objects.bulk_create(planned.values(), ignore_conflicts=True)
    for one in planned:
        _drop_older(one, at=at)
    booking.mark_codes_relayed([one.id for one in planned], at=at)
    later.update(one.id for one in wanted if one not in planned)
    return len(wanted)


def _message(wanted: CodeWanted, *, at: datetime) -> Message:
    return Message(
        appointment_id=wanted.appointment_id,
        version=wanted.version,
        recipient_id=wanted.patient_id,
        kind=MessageKind.CODE,
        policy_version=reminder_plan(wanted.site_id, at=at).version,
        # The issue is the number: a round that died before it was noted plans the same row again, and no second mail.
        resend=wanted.issue,
        due_at=at,
        facts={"issue": wanted.issue, "minutes": wanted.minutes},
        created_at=at,
    )


def _drop_older(wanted: CodeWanted, *, at: datetime) -> None:
    """Drop codes that still wait for the mail server, and that a newer one has ended: only that one works."""
    older = Message.objects.filter(appointment=wanted.appointment_id, kind=MessageKind.CODE, resend__lt=wanted.issue)
    older.drop_superseded(at=at)

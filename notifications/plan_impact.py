"""What another reminder plan would mean, tried on the appointments ahead."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils.translation import ngettext

from booking import public as booking
from core.policies.content import read_content
from core.policies.keys import PolicyChange
from notifications.plan import ReminderPlan, reminders
from notifications.reminder_plan import PlanContent, as_reminder_plan


def impact(change: PolicyChange) -> list[str]:
    """Return sentences about what changes for appointments of these sites."""
    if change.before is None:
        return []
    at = change.at
    plans = [as_reminder_plan(read_content(PlanContent, one), version=0) for one in (change.before, change.after)]
    ahead = booking.starts_ahead(change.sites, at=at)
    few = sum(len({_due(start, zone, plan, at=at) for plan in plans}) > 1 for start, zone in ahead)
    said = ngettext(
        "Of %(all)d appointment ahead, %(few)d would be reminded at other times, each from its next change on.",
        "Of %(all)d appointments ahead, %(few)d would be reminded at other times, each from its next change on.",
        len(ahead),
    )
    return [said % {"all": len(ahead), "few": few}]


def _due(start: datetime, zone: ZoneInfo, plan: ReminderPlan, *, at: datetime) -> tuple[datetime, ...]:
    # What is due by now has gone out, or will by the old plan: a new one cannot change it.
    return tuple(one.due_at for one in reminders(start, zone=zone, plan=plan) if one.due_at > at)

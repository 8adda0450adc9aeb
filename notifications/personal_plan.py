"""The reminder plan of a site within the hours that a patient has chosen."""

from datetime import datetime

from booking.public import VisitFacts
from notifications.plan import ReminderPlan
from notifications.reminder_plan import reminder_plan


def plan_for(visit: VisitFacts, *, at: datetime) -> ReminderPlan:
    """Return the reminder plan in force for a visit, within its patient's own hours. Raises LookupError."""
    preferences = visit.preferences
    return reminder_plan(visit.site_id, at=at).within(preferences.not_before, preferences.not_after)

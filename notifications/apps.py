"""The notifications app."""

from dataclasses import replace

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        """Say what a reminder plan is, and what is measured of reminders."""
        from booking.public import reports  # noqa: PLC0415
        from core.policies import keys  # noqa: PLC0415  (models are not there before)
        from notifications import plan_impact, reminder_measures  # noqa: PLC0415
        from notifications.reminder_plan import REMINDER_PLAN  # noqa: PLC0415

        keys.register(replace(REMINDER_PLAN, impact=plan_impact.impact))
        reports.register("checks", reminder_measures.SOURCE)

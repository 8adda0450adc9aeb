"""The notifications app."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        """Say what a reminder plan is."""
        from core.policies import keys  # noqa: PLC0415  (models are not there before)
        from notifications.reminder_plan import REMINDER_PLAN  # noqa: PLC0415

        keys.register(REMINDER_PLAN)

"""What somebody wishes of the messages about their appointments."""

from django.db import models
from django.db.models import F, Q

from booking.models.patients import Patient


class MessagePreferences(models.Model):
    """Whether somebody is reminded, and at which hours; whoever has no row has said nothing of it."""

    patient = models.OneToOneField(Patient, on_delete=models.CASCADE, related_name="message_preferences")
    reminders = models.BooleanField(default=True)
    not_before = models.TimeField(null=True, help_text="No reminder goes out earlier in the day; null: as at the site.")
    not_after = models.TimeField(null=True, help_text="Nor later in the day.")
    changed_by = models.CharField(max_length=80, help_text="Principal.key of whoever said so last.")
    changed_at = models.DateTimeField()
    relayed_at = models.DateTimeField(null=True, help_text="When reminders that wait were planned anew by it.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="message_preferences_leave_hours_in_between",
                condition=Q(not_before=None) | Q(not_after=None) | Q(not_before__lt=F("not_after")),
            )
        ]
        indexes = [
            models.Index(name="message_preferences_unrelayed", fields=["id"], condition=Q(relayed_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"message preferences of patient {self.patient_id}"

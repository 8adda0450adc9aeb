"""The secret links by which calendar programs read the calendars of those who treat, and of patients."""

from django.db import models
from django.db.models import Q

from booking.models.patients import Patient


class CalendarFeed(models.Model):
    """A link to the calendar of a practitioner or a patient, until it is ended. Only the digest is stored."""

    practitioner = models.ForeignKey("scheduler.Practitioner", null=True, on_delete=models.CASCADE, related_name="+")
    patient = models.ForeignKey(Patient, null=True, on_delete=models.CASCADE, related_name="calendar_feeds")
    digest = models.CharField(max_length=64, unique=True)
    says_therapy = models.BooleanField(
        default=False, help_text="What an appointment is for stands in its title; never in a patient's calendar."
    )
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="practitioner_has_one_live_calendar_feed",
                fields=["practitioner"],
                condition=Q(revoked_at__isnull=True),
            ),
            models.UniqueConstraint(
                name="patient_has_one_live_calendar_feed", fields=["patient"], condition=Q(revoked_at__isnull=True)
            ),
            models.CheckConstraint(
                name="calendar_feed_is_a_practitioners_or_a_patients",
                condition=Q(practitioner=None, patient__isnull=False, says_therapy=False)
                | Q(practitioner__isnull=False, patient=None),
            ),
        ]

    def __str__(self) -> str:
        return f"calendar feed {self.pk}"

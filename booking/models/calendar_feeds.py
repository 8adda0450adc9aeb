"""The secret links by which calendar programs read the calendars of those who treat."""

from django.db import models


class CalendarFeed(models.Model):
    """A link to the calendar of a practitioner, until it is ended. Only the digest is stored: it is shown once."""

    practitioner = models.ForeignKey("scheduler.Practitioner", on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    says_therapy = models.BooleanField(default=False, help_text="What an appointment is for stands in its title.")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="practitioner_has_one_live_calendar_feed",
                fields=["practitioner"],
                condition=models.Q(revoked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"calendar feed {self.pk}"

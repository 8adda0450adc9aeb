"""An e-mail address that was replaced, until its owner has been told."""

from django.db import models
from django.db.models import Q

from booking.models.patients import Patient


class ContactChange(models.Model):
    """The e-mail of a patient was changed. `old_email` is kept until the message to it is planned, and then emptied."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="contact_changes")
    old_email = models.CharField(max_length=254, blank=True, default="", help_text="Empty when there was none.")
    by = models.CharField(max_length=80, help_text="Principal.key of whoever acted.")
    at = models.DateTimeField()
    relayed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(name="contact_change_not_yet_relayed", fields=["id"], condition=Q(relayed_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"contact change {self.pk} of patient {self.patient_id}"

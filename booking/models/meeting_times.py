"""An appointment that its patient offers as a time to meet: those of their family may come at the same time."""

import uuid

from django.db import models
from django.db.models import Q

from booking.models.appointments import Appointment
from booking.models.linked_visits import CancelPolicy


class MeetingTime(models.Model):
    """One offer: when and where the appointment is, as it is then, and what becomes of who comes beside it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="meeting_times")
    offered_by = models.CharField(max_length=80, help_text="Principal.key of the patient, or of their link.")
    offered_at = models.DateTimeField()
    cancel_policy = models.CharField(
        max_length=6,
        choices=CancelPolicy.choices,
        default=CancelPolicy.ASK,
        db_default=CancelPolicy.ASK,
        help_text="What becomes of whoever comes beside it when it is cancelled, as its patient chose.",
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(
        max_length=80, blank=True, default="", db_default="", help_text="Principal.key of whoever took it back."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="appointment_is_offered_once_to_meet", fields=["appointment"], condition=Q(withdrawn_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"meeting time {self.pk}"

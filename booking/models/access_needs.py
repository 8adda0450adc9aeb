"""What somebody needs so that they can come to an appointment, and use it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from booking.models.appointments import Appointment


class AccessNeeds(models.Model):
    """What was asked for with one appointment; never why. Nobody has to ask for anything."""

    appointment = models.OneToOneField(Appointment, on_delete=models.CASCADE, related_name="access_needs")
    needs = ArrayField(models.CharField(max_length=24), default=list, help_text="Keys of `AccessNeed`.")
    interpreter = models.CharField(
        max_length=12, blank=True, default="", help_text="The language that somebody is to interpret; empty: nobody is."
    )
    changed_by = models.CharField(max_length=80, help_text="Principal.key of whoever asked last.")
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"access needs of appointment {self.appointment_id}"

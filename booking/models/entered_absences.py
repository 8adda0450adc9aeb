"""What was entered at the desk when somebody who treats cannot come, and what was done about their appointments."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.models import Site


class EnteredAbsence(models.Model):
    """Somebody is away, and what one press did about it: the absences, and each appointment with what became of it.

    `absences`: ids of what was entered beside what the calendar said already. `done`: for each appointment its id and
    the choice. Nothing here says why somebody is away.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    practitioner = models.ForeignKey("scheduler.Practitioner", on_delete=models.CASCADE, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    absences = ArrayField(models.UUIDField(), default=list)
    done = models.JSONField(default=list)
    by = models.CharField(max_length=80, help_text="Principal.key of whoever entered it.")
    at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)
    taken_back_by = models.CharField(max_length=80, blank=True, default="", help_text="Principal.key.")

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="absence_taken_back_says_who_and_when",
                condition=Q(taken_back_at=None, taken_back_by="")
                | (Q(taken_back_at__isnull=False) & ~Q(taken_back_by="")),
            )
        ]
        indexes = [models.Index(name="entered_absence_of_a_site", fields=["site", "-at"])]

    def __str__(self) -> str:
        return f"absence of practitioner {self.practitioner_id} entered at the desk"

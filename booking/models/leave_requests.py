"""Leave that somebody who treats has asked for, until it stands in the calendar, or is declined."""

import uuid

from django.db import models
from django.db.models import F, Q

from core.models import Site


class LeaveRequest(models.Model):
    """Somebody asks to be away on the days [first_on, last_on]. Whether it was entered is read from the calendar.

    `ended_at`: since when nobody has to decide any more: it was taken back, or declined with a reason. `read_at`: since
    when whoever asked knows what was decided.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    practitioner = models.ForeignKey("scheduler.Practitioner", on_delete=models.CASCADE, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+", help_text="Where it is decided.")
    first_on = models.DateField()
    last_on = models.DateField()
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=80, blank=True, default="", help_text="Principal.key of whoever did that.")
    declined_because = models.CharField(max_length=200, blank=True, default="")
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["first_on", "pk"]
        constraints = [
            models.CheckConstraint(name="leave_ends_after_it_begins", condition=Q(last_on__gte=F("first_on"))),
        ]
        indexes = [
            models.Index(name="leave_not_decided", fields=["site", "last_on"], condition=Q(ended_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"leave request {self.pk}"

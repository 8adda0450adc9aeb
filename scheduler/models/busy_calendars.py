"""Calendars elsewhere that say when somebody who treats is busy."""

import uuid

from django.db import models

from scheduler.models.practitioners import Practitioner


class BusyCalendar(models.Model):
    """A file that was read once, or a feed that is read again and again; what it says stands as absences.

    `sealed_url` is empty for a file. A feed's address is a secret of its owner: only its `host` is shown.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="busy_calendars")
    sealed_url = models.TextField(blank=True, default="")
    host = models.CharField(max_length=255, blank=True, default="")
    read_at = models.DateTimeField(null=True, blank=True, help_text="When it was read last, or tried to be.")
    good_at = models.DateTimeField(null=True, blank=True, help_text="When it was last read to its end.")
    problem = models.CharField(max_length=300, blank=True, default="", help_text="Why it could not be read since then.")

    class Meta:
        ordering = ["practitioner", "pk"]

    def __str__(self) -> str:
        return f"busy calendar {self.pk}"

    @property
    def is_feed(self) -> bool:
        """Whether it is read again and again."""
        return bool(self.sealed_url)

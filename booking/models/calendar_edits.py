"""What was changed in calendars at the desk by one press, and what that did about the appointments it touches."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Site


class EditKind(models.TextChoices):
    """What of a calendar is changed."""

    ABSENCE = "absence", _("absence")
    HOURS = "hours", _("working hours")
    CLOSURE = "closure", _("closure")
    PLACES = "places", _("places")
    OPENING = "opening", _("opening hours")
    SET_UP = "set-up", _("what a clinic consists of")


class CalendarEdit(models.Model):
    """What one press changed, of whom or of what (`name`), from when until when, and what became of appointments.

    `made`: what was written, one after the other, so that it can be taken back. `done`: for each appointment its id,
    the choice, and whether its patient is to be called. Nothing here says why somebody is away.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(
        max_length=10, choices=EditKind.choices, default=EditKind.ABSENCE, db_default=EditKind.ABSENCE
    )
    practitioner = models.ForeignKey(
        "scheduler.Practitioner", on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    name = models.CharField(max_length=200, blank=True, default="", db_default="")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    made = models.JSONField(default=list, db_default=[])
    done = models.JSONField(default=list)
    by = models.CharField(max_length=80, help_text="Principal.key of whoever entered it.")
    at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)
    taken_back_by = models.CharField(max_length=80, blank=True, default="", help_text="Principal.key.")

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="edit_taken_back_says_who_and_when",
                condition=Q(taken_back_at=None, taken_back_by="")
                | (Q(taken_back_at__isnull=False) & ~Q(taken_back_by="")),
            )
        ]
        indexes = [models.Index(name="calendar_edit_of_a_site", fields=["site", "-at"])]

    def __str__(self) -> str:
        return f"{self.kind} edited at the desk of site {self.site_id}"

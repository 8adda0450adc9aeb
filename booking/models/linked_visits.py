"""Appointments of several people that were booked together: how they lie to each other, and what follows a cancel.

Each stays its person's own: with its own state, answers and messages. That they belong together is known to staff.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from booking.models.appointments import Appointment
from scheduler.public import Relation


class CancelPolicy(models.TextChoices):
    """What becomes of the others when one of them is cancelled."""

    KEEP = "keep", _("the others keep their times")
    CANCEL = "cancel", _("the others are cancelled too")
    ASK = "ask", _("the others are asked")


class LinkedVisits(models.Model):
    """Appointments that belong together; none of them need stand any more."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    relation = models.CharField(
        max_length=12,
        choices=[(Relation.SAME_TIME.value, _("at the same time")), (Relation.BACK_TO_BACK.value, _("in a row"))],
    )
    within_minutes = models.PositiveSmallIntegerField(
        default=0, help_text="How far apart they may begin, or how long the next may wait."
    )
    cancel_policy = models.CharField(max_length=6, choices=CancelPolicy.choices, default=CancelPolicy.ASK)
    made_by = models.CharField(max_length=80, help_text="Principal.key of whoever booked them.")
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("linked appointments")
        verbose_name_plural = _("linked appointments")

    def __str__(self) -> str:
        return f"linked appointments {self.pk}"


class LinkAct(models.TextChoices):
    """What was done to what links appointments."""

    LINKED = "linked", _("linked")
    UNLINKED = "unlinked", _("taken apart")


class LinkedVisitsChange(models.Model):
    """An appointment came to be linked, or was taken out again. Append-only."""

    append_only_except: ClassVar[frozenset[str]] = frozenset()

    linked = models.ForeignKey(LinkedVisits, on_delete=models.PROTECT, related_name="changes")
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=8, choices=LinkAct.choices)
    by = models.CharField(max_length=80, help_text="Principal.key of whoever acted.")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.act} of appointment {self.appointment_id}"

"""What follows from the health answers of those who treat: an absence that schedulers may enter."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from booking.models.screening import OUTCOMES
from core.models import Site


class AbsenceDecision(models.TextChoices):
    """What became of an absence that was suggested."""

    ENTERED = "entered", _("entered")
    DECLINED = "declined", _("declined")


class FitnessDecision(models.TextChoices):
    """What a clinician who talked with somebody who treats decided."""

    MAY_WORK = "may-work", _("may see patients")
    STAYS_AWAY = "stays-away", _("stays away for now")


class PractitionerScreening(models.Model):
    """Answers of somebody who treats, about a day of work; the newest of a person counts.

    The answers are sealed and shown to nobody on staff's pages; until when they suggest to be away is for schedulers.
    Where a clinician has to talk with them first (`outcome`: review), it waits for one (`fitness`).
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    practitioner = models.ForeignKey("scheduler.Practitioner", on_delete=models.CASCADE, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    on = models.DateField(help_text="The day of work that they answered for, by the site's clock.")
    policy_version = models.PositiveIntegerField()
    answered_at = models.DateTimeField()
    answered_by = models.CharField(max_length=80, help_text="Principal.key.")
    outcome = models.CharField(max_length=16, choices=OUTCOMES)
    masked = models.BooleanField(default=False)
    away_until = models.DateField(null=True, blank=True, help_text="The day on which they may work again.")
    decision = models.CharField(max_length=10, choices=AbsenceDecision.choices, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=80, blank=True, default="", help_text="Principal.key.")
    declined_because = models.CharField(max_length=200, blank=True, default="")
    decisions = models.JSONField(
        null=True, blank=True, help_text="Each decision about the absence, and who took it back. No answers."
    )
    absence = models.ForeignKey(
        "scheduler.Absence", on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        help_text="What was entered.",
    )  # fmt: skip
    fitness = models.CharField(
        max_length=10,
        choices=FitnessDecision.choices,
        blank=True,
        default="",
        db_default="",
        help_text="By a clinician who talked with them.",
    )
    fitness_at = models.DateTimeField(null=True, blank=True)
    fitness_by = models.CharField(max_length=80, blank=True, default="", db_default="", help_text="Principal.key.")
    answers_until = models.DateTimeField(help_text="How long the answers are kept.")
    answers = models.TextField(blank=True, default="", help_text="Sealed; empty once they have been kept long enough.")

    class Meta:
        ordering = [F("answered_at").desc(), "-pk"]
        constraints = [
            models.CheckConstraint(
                name="absence_decision_says_who_and_when",
                condition=Q(decision="", decided_at__isnull=True, decided_by="")
                | (~Q(decision="") & Q(decided_at__isnull=False) & ~Q(decided_by="")),
            ),
            models.CheckConstraint(
                name="fitness_decision_says_who_and_when",
                condition=Q(fitness="", fitness_at__isnull=True, fitness_by="")
                | (~Q(fitness="") & Q(fitness_at__isnull=False) & ~Q(fitness_by="")),
            ),
        ]
        indexes = [
            models.Index(name="practitioner_screening_newest", fields=["practitioner", "-answered_at"]),
            models.Index(name="practitioner_answers_kept", fields=["answers_until"], condition=~Q(answers="")),
        ]

    def __str__(self) -> str:
        return f"practitioner screening {self.pk}"

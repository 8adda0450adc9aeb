"""What is known of somebody before they book: what they answered, their counts, and what a clinician has cleared."""

import uuid

from django.db import models
from django.db.models import F, Q

from booking.models.appointments import Appointment
from booking.models.patients import Patient

ANSWERS = "suitability answers"
"""The purpose for which answers are sealed."""

WITHDRAWN_SAYS_WHO = Q(withdrawn_at__isnull=True, withdrawn_by="") | (
    Q(withdrawn_at__isnull=False) & ~Q(withdrawn_by="")
)


class SuitabilityResponse(models.Model):
    """Somebody's answers to the questions before booking (FHIR QuestionnaireResponse): the newest of each counts.

    The answers are for clinicians of the site and whoever gave them. Which rules they set off is an answer too: it is
    written down nowhere, and found from them anew.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="suitability_responses")
    policy_version = models.PositiveIntegerField(help_text="Of the rules by which they were asked.")
    answered_at = models.DateTimeField()
    answered_by = models.CharField(max_length=80, help_text="Principal.key: themselves, or who read them aloud.")
    answers_until = models.DateTimeField(help_text="How long any of the answers counts.")
    only_for = models.ForeignKey(
        Appointment,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="For which alone they count, until its guest's address is verified.",
    )
    answers = models.TextField(blank=True, default="", help_text="Sealed; empty once none of them counts any more.")

    class Meta:
        ordering = ["patient", "-answered_at", "-pk"]
        constraints = [
            models.CheckConstraint(name="suitability_answers_say_who_gave_them", condition=~Q(answered_by="")),
        ]
        indexes = [
            models.Index(name="suitability_answers_kept", fields=["answers_until"], condition=~Q(answers="")),
        ]

    def __str__(self) -> str:
        return f"suitability response {self.pk}"


class LabKind(models.TextChoices):
    """What is counted, as the rules call it."""

    PLATELETS = "platelets", "platelets"
    NEUTROPHILS = "neutrophils", "neutrophils"


class LabValue(models.Model):
    """A blood count of somebody, entered by staff (FHIR Observation): the one that was taken last counts."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="lab_values")
    kind = models.CharField(max_length=12, choices=LabKind.choices)
    value = models.DecimalField(max_digits=8, decimal_places=3, help_text="In 10⁹/L.")
    taken_on = models.DateField()
    entered_at = models.DateTimeField()
    entered_by = models.CharField(max_length=80, help_text="Principal.key.")
    withdrawn_at = models.DateTimeField(null=True, blank=True, help_text="When it turned out to be a mistake.")
    withdrawn_by = models.CharField(max_length=80, blank=True, default="", help_text="Principal.key.")

    class Meta:
        ordering = ["patient", "kind", "-taken_on", "-pk"]
        constraints = [
            models.CheckConstraint(name="lab_value_says_who_entered_it", condition=~Q(entered_by="")),
            models.CheckConstraint(name="lab_value_is_a_count", condition=Q(value__gte=0)),
            models.CheckConstraint(name="lab_value_withdrawn_says_who_and_when", condition=WITHDRAWN_SAYS_WHO),
        ]

    def __str__(self) -> str:
        return f"lab value {self.pk}"


class Clearance(models.Model):
    """A clinician's word that one rule need not be looked at again for somebody, until the day on which it ends."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="clearances")
    rule = models.CharField(max_length=40, help_text="The rule's key.")
    therapy = models.SlugField(blank=True, default="", help_text="The therapy's key; empty: all that the rule names.")
    given_at = models.DateTimeField()
    given_by = models.CharField(max_length=80, help_text="Principal.key.")
    ends_on = models.DateField(help_text="The day on which it has ended, by the site's clock.")
    appointment = models.ForeignKey(
        Appointment, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        help_text="At whose review it was given.",
    )  # fmt: skip
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=80, blank=True, default="", help_text="Principal.key.")

    class Meta:
        ordering = ["patient", "rule", F("given_at").desc(), "-pk"]
        constraints = [
            models.CheckConstraint(name="clearance_says_who_gave_it", condition=~Q(given_by="") & ~Q(rule="")),
            models.CheckConstraint(name="clearance_withdrawn_says_who_and_when", condition=WITHDRAWN_SAYS_WHO),
        ]

    def __str__(self) -> str:
        return f"clearance {self.pk}"

"""The people who treat, and what they offer where."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Site
from scheduler.models.catalogue import Therapy, VisitType


class Gender(models.TextChoices):
    """FHIR administrative gender, as far as practitioners state it."""

    FEMALE = "female", _("female")
    MALE = "male", _("male")
    OTHER = "other", _("other")
    UNKNOWN = "unknown", _("not stated")


class Practitioner(models.Model):
    """An acupuncturist or physiatrist (FHIR Practitioner)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # An account may go; who treated whom stays known.
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="practitioner"
    )
    name = models.CharField(max_length=120)
    credentials = models.CharField(max_length=40, blank=True)
    nucc = models.CharField(max_length=10, help_text=_("NUCC provider taxonomy code."))
    languages = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    gender = models.CharField(max_length=8, choices=Gender.choices, default=Gender.UNKNOWN)
    # How many patients may rest with needles at once: one person answers all their bells.
    lanes = models.PositiveSmallIntegerField(default=3, validators=[MinValueValidator(1), MaxValueValidator(6)])
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name}, {self.credentials}" if self.credentials else self.name


class Offering(models.Model):
    """A therapy that a practitioner offers at a site; `visits` names first visits, follow-ups, or both."""

    public_id = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="offerings")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="offerings")
    therapy = models.ForeignKey(Therapy, on_delete=models.CASCADE, related_name="offerings")
    visits = ArrayField(models.CharField(max_length=10, choices=VisitType.choices), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="therapy_is_offered_once", fields=["practitioner", "site", "therapy"])
        ]

    def __str__(self) -> str:
        return f"{self.practitioner_id} offers {self.therapy_id} at {self.site_id}"

"""The programs whose patients and families time can be kept for."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models import Site
from core.text.languages import Texts, localized
from scheduler.models.catalogue import Therapy
from scheduler.models.practitioners import Practitioner


class Program(models.Model):
    """A program of the hospital (FHIR HealthcareService, program); its key is the word that hours and blocks name.

    Without sites, therapies or practitioners it has all of them.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # No longer: it stands in the words that say who may use a time.
    key = models.SlugField(unique=True, max_length=40)
    name = Texts()
    sites = models.ManyToManyField(Site, blank=True, related_name="programs", help_text=_("None: all sites."))
    therapies = models.ManyToManyField(Therapy, blank=True, related_name="+", help_text=_("None: all therapies."))
    practitioners = models.ManyToManyField(
        Practitioner, blank=True, related_name="+", help_text=_("None: all practitioners.")
    )
    families = models.BooleanField(default=False, help_text=_("Whether relatives of its patients may be treated."))
    referral_required = models.BooleanField(
        default=False, help_text=_("Whether an appointment waits until a referral is there.")
    )
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return localized(self.name) or self.key

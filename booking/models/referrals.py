"""What a program asks for before its patients come: that somebody sends them."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from booking.models.patients import Patient
from booking.status import OCCUPYING, Status
from core.database.compiled import Argument
from core.models import Site
from core.principal import Principal

USED = Q(appointments__status__in=sorted({*OCCUPYING, Status.FULFILLED}))
"""Which appointments a referral is used up by: those that take place, or did."""

MOST_VISITS = 100


class ReferralStatus(models.TextChoices):
    """FHIR request-status, as far as used."""

    ACTIVE = "active", _("in use")
    REVOKED = "revoked", _("withdrawn")


class ReferralQuerySet(models.QuerySet["Referral"]):
    """Referrals by whether they count, and by who may see them."""

    def usable(self, *, at: datetime | Argument) -> "ReferralQuerySet":
        """Keep those that hold and have visits left."""
        live = self.filter(status=ReferralStatus.ACTIVE, expires_at__gt=at)
        used_up = Count("appointments", filter=USED, distinct=True)
        return live.annotate(used_up=used_up).filter(used_up__lt=F("visits_allowed"))

    def visible_to(self, principal: Principal) -> "ReferralQuerySet":
        """Keep those of the patients whom `principal` may see."""
        return self.filter(patient__in=Patient.objects.visible_to(principal).values("pk"))


class Referral(models.Model):
    """Somebody sends a patient to a program of a site, for so many visits and until a day (FHIR ServiceRequest)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="referrals")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    program = models.SlugField()
    referred_by = models.CharField(max_length=120, help_text=_("Who sends them, as it stands on the paper."))
    visits_allowed = models.PositiveSmallIntegerField()
    expires_on = models.DateField(help_text=_("From this day on it is of no use."))
    expires_at = models.DateTimeField(help_text="When that day begins at the site.")
    status = models.CharField(max_length=8, choices=ReferralStatus.choices, default=ReferralStatus.ACTIVE)
    entered_by = models.CharField(max_length=80, help_text="Principal.key of whoever entered it.")
    entered_at = models.DateTimeField()
    revoked_by = models.CharField(max_length=80, blank=True, default="")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="referral_is_for_some_visits", condition=Q(visits_allowed__gte=1, visits_allowed__lte=MOST_VISITS)
            ),
            models.CheckConstraint(
                name="withdrawn_referral_says_who_and_when",
                condition=Q(status=ReferralStatus.ACTIVE, revoked_by="", revoked_at=None)
                | (Q(status=ReferralStatus.REVOKED, revoked_at__isnull=False) & ~Q(revoked_by="")),
            ),
        ]
        indexes = [models.Index(name="referral_by_patient", fields=["patient", "site", "program"])]

    def __str__(self) -> str:
        return f"referral {self.pk}"

    @property
    def used(self) -> int:
        """How many appointments it is used up by."""
        return Referral.objects.filter(USED, pk=self.pk).values("appointments").count()

"""Who of a patient's family may use the time that a program keeps for families, and what was done about it."""

import uuid
from datetime import date, datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from booking.families.status import LIVE, MOST_LIVE, FamilyAct, FamilyRelation, FamilyState
from booking.models.patients import Patient
from booking.models.reach import in_force, link_in_force
from core.database.compiled import Argument
from core.models import Site
from core.principal import Principal
from core.rights import Action, Scope, reaching

IS_LIVE = Q(state__in=sorted(LIVE))


class FamilyLinkQuerySet(models.QuerySet["FamilyLink"]):
    """Family links by who may see them, and by whether they count."""

    def visible_to(self, principal: Principal) -> "FamilyLinkQuerySet":
        """Keep those of one's own, as patient or as relative, and those of one's sites or programs."""
        if principal.key.startswith("system:"):
            return self
        seen = Q(pk__in=[])
        if principal.user_id and principal.has(*reaching(Action.SEE_FAMILY_LINK, Scope.OWN)):
            seen |= Q(patient__user_id=principal.user_id) | Q(relative__user_id=principal.user_id)
        if staffed := principal.sites(*reaching(Action.SEE_FAMILY_LINK, Scope.SITE)):
            seen |= Q(site__in=staffed)
        if programs := principal.sites(*reaching(Action.SEE_FAMILY_LINK, Scope.PROGRAM)):
            lasting = in_force(principal.at, of="patient__enrolments__") | Q(grace_at__isnull=False)
            seen |= Q(site__in=programs, patient__enrolments__site__in=programs) & lasting
        return self.filter(pk__in=FamilyLink.objects.filter(seen).values("pk"))

    def live(self, *, at: datetime) -> "FamilyLinkQuerySet":
        """Keep those that count among a patient's few: what is past its end counts for nothing, tidied up or not."""
        return self.filter(IS_LIVE, ends_at__gt=at)

    def in_force(self, *, at: datetime | Argument) -> "FamilyLinkQuerySet":
        """Keep those by which time for families is open."""
        return self.filter(link_in_force(at))

    def lapsed(self, *, at: datetime) -> "FamilyLinkQuerySet":
        """Keep those that stand as live and are past their end."""
        return self.filter(IS_LIVE, ends_at__lte=at)


class FamilyLink(models.Model):
    """A patient and a member of their family (FHIR RelatedPerson), who has a record of their own.

    Each is told nothing of the other's appointments. `ends_at`: until when the state counts, whatever it is.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="family_links")
    relative = models.ForeignKey(
        Patient, null=True, on_delete=models.CASCADE, related_name="relative_links", help_text="Once they have come."
    )
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+", help_text="Where it was made.")
    relation = models.CharField(max_length=8, choices=FamilyRelation.choices)
    state = models.CharField(max_length=8, choices=FamilyState.choices, default=FamilyState.INVITED)
    # Places with a number, so that the database itself counts them.
    number = models.PositiveSmallIntegerField(help_text="Which of the patient's few links it is, while it is live.")
    code_digest = models.CharField(max_length=64, unique=True)
    token_digest = models.CharField(max_length=64, unique=True, help_text="Of the link in an invitation's mail.")
    way_back_digest = models.CharField(max_length=64, unique=True, help_text="Of the link in the relative's mails.")
    patient_digest = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="Of the link in the patient's mails, where they have no appointment behind whose link their page is.",
    )
    wrong_birth_dates = models.PositiveSmallIntegerField(
        default=0,
        db_default=0,
        help_text="How often whoever has the patient's link typed another birth date than the patient's.",
    )
    mail_to = models.CharField(
        max_length=254, blank=True, default="", help_text="Where the invitation is mailed, until that is done."
    )
    invited_by = models.CharField(max_length=80, help_text="Principal.key of whoever invited.")
    vouched_by = models.CharField(max_length=80, blank=True, default="", help_text="Principal.key of staff.")
    vouched_reason = models.CharField(max_length=200, blank=True, default="")
    invited_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(help_text="Until when its state counts.")
    closed_at = models.DateTimeField(null=True, help_text="When it was taken back, given up or tidied up.")
    reminded_at = models.DateTimeField(null=True, help_text="When both were told that it ends soon.")
    grace_at = models.DateTimeField(null=True, help_text="Kept after the patient's death: nobody is written to.")
    ends_without_grace = models.DateTimeField(null=True, help_text="When it would end without the grace.")

    objects = FamilyLinkQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="live_family_links_of_a_patient_are_numbered", fields=["patient", "number"], condition=IS_LIVE
            ),
            models.CheckConstraint(
                name="patient_has_at_most_four_live_family_links", condition=Q(number__gte=1, number__lte=MOST_LIVE)
            ),
            models.UniqueConstraint(
                name="two_people_have_one_live_family_link", fields=["patient", "relative"], condition=IS_LIVE
            ),
            models.CheckConstraint(
                name="nobody_is_their_own_relative", condition=~IS_LIVE | Q(relative=None) | ~Q(patient=F("relative"))
            ),
            models.UniqueConstraint(
                name="patients_link_leads_to_one_family_link",
                fields=["patient_digest"],
                condition=~Q(patient_digest=""),
            ),
            models.CheckConstraint(
                name="confirmed_family_link_has_a_relative",
                condition=Q(relative__isnull=False) | ~Q(state__in=[FamilyState.CLAIMED, FamilyState.ACTIVE]),
            ),
        ]
        indexes = [models.Index(name="family_link_live", fields=["ends_at"], condition=IS_LIVE)]

    def __str__(self) -> str:
        return f"family link {self.pk}"

    def is_live(self, *, at: datetime) -> bool:
        """Whether it counts: asked or given, and not past its end."""
        return self.state in LIVE and self.ends_at > at

    def state_at(self, at: datetime) -> FamilyState:
        """Return how it stands: past its end it has ended, whether that was noted or not."""
        if self.state not in LIVE or self.ends_at > at:
            return FamilyState(self.state)
        return FamilyState.ENDED if self.state == FamilyState.ACTIVE else FamilyState.EXPIRED

    def is_in_force(self, *, at: datetime) -> bool:
        """Whether time for families is open by it."""
        return self.state == FamilyState.ACTIVE and self.ends_at > at

    @property
    def ends_on(self) -> date:
        """The last day on which it counts, where it was made; needs its site."""
        return (self.ends_at - timedelta(microseconds=1)).astimezone(self.site.tz).date()


class FamilyLinkChange(models.Model):
    """One act on a family link, or one that was refused. Append-only, but for `relayed_at`."""

    append_only_except: ClassVar[frozenset[str]] = frozenset({"relayed_at"})

    link = models.ForeignKey(
        FamilyLink, null=True, on_delete=models.PROTECT, related_name="changes", help_text="Empty where none was made."
    )
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="family_link_changes")
    act = models.CharField(max_length=8, choices=FamilyAct.choices)
    before = models.CharField(max_length=8, choices=FamilyState.choices, blank=True, default="")
    after = models.CharField(max_length=8, choices=FamilyState.choices, blank=True, default="")
    refused = models.CharField(max_length=40, blank=True, default="", help_text="The code of the refusal, if it was.")
    reason = models.CharField(max_length=200, blank=True, default="", help_text="What staff gave as their reason.")
    by = models.CharField(max_length=80, help_text="Principal.key of whoever acted.")
    at = models.DateTimeField()
    relayed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(name="family_change_not_yet_relayed", fields=["id"], condition=Q(relayed_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.act} of family link {self.link_id}"

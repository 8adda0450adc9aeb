"""People who are treated. Nothing clinical is kept here."""

import uuid
from datetime import datetime
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from booking.models.reach import family_of_enrolled, in_force
from booking.patients import search_words
from booking.references import new_reference
from core.database.compiled import Argument
from core.database.fields import FoldedField, SearchWordsField
from core.models import Site
from core.principal import Principal
from core.rights import OF_PROGRAMS, Action, Scope, reaching
from core.roles import Role
from core.text.phone_numbers import readable


def _by(*scopes: Scope) -> frozenset[Role]:
    return reaching(Action.SEE_PATIENT, *scopes)


class PatientQuerySet(models.QuerySet["Patient"]):
    """Patients by who may know of them."""

    def visible_to(self, principal: Principal) -> "PatientQuerySet":
        """Keep the patients that `principal` may see: their own record, those of their sites, programs or calendar.

        A record that was merged into another is nobody's any more.
        """
        if principal.key.startswith("system:"):
            return self.filter(merged_into=None)
        seen, visits = Q(pk__in=[]), _visits().filter(patient=OuterRef("pk"))
        if principal.user_id and principal.has(*_by(Scope.OWN)):
            seen |= Q(user_id=principal.user_id)
        # Asked of each person, once what is cheaper has not answered: joined, all visits of all of them would be read.
        if staffed := principal.sites(*_by(Scope.SITE)):
            seen |= Q(site__in=staffed) | Q(Exists(visits.filter(site__in=staffed)))
        if programs := principal.sites(*_by(*OF_PROGRAMS)):
            known = Enrolment.objects.filter(_known_by(programs, at=principal.at))
            seen |= Q(Exists(known.filter(patient=OuterRef("pk"))))
            if principal.families:
                theirs = Enrolment.objects.filter(site__in=programs)
                seen |= Q(Exists(theirs.of_relatives(at=principal.at, relative=OuterRef("pk"))))
        if principal.has(*_by(Scope.CALENDAR)):
            seen |= Q(Exists(visits.filter(practitioner__user_id=principal.user_id)))
        return self.filter(seen, merged_into=None)


def _visits() -> "models.QuerySet[Any]":
    # Found by its name: appointments name people, and import them.
    return apps.get_model("booking", "Appointment")._default_manager.all()


def _known_by(sites: frozenset[int], *, at: datetime | Argument | None) -> Q:
    """Return by which enrolments staff of programs know somebody: in force, or when they booked what is still ahead."""
    enrolled = Q(site__in=sites) & in_force(at)
    if at is None:
        return enrolled
    return enrolled | Q(
        site__in=sites,
        patient__appointments__site=F("site"),
        patient__appointments__period__endswith__gt=at,
        ends_at__gt=F("patient__appointments__created_at"),
    )


class Patient(models.Model):
    """Somebody who is treated: a patient, or a member of a patient's family, each with a record of their own."""

    # Three names for three uses: ids in addresses tell nothing, references are read aloud, primary keys stay inside.
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="patient"
    )
    site = models.ForeignKey(
        Site, on_delete=models.PROTECT, related_name="patients", help_text=_("Where the record was made.")
    )
    name = models.CharField(max_length=120)
    # A default of the database as well: an older release may still write records while this one starts.
    folded_name = FoldedField(of="name", db_default="")
    search_words = SearchWordsField()
    birth_date = models.DateField()
    language = models.CharField(max_length=12, default="en", help_text=_("The language they read."))
    access_needs = ArrayField(
        models.CharField(max_length=24),
        default=list,
        db_default=[],
        blank=True,
        help_text=_("What they need so that they can come, as keys of `AccessNeed`; never why."),
    )
    interpreter = models.CharField(
        max_length=12,
        default="",
        db_default="",
        blank=True,
        help_text=_("The language that somebody is to interpret; empty: nobody is."),
    )
    # Such a record may be a second one of somebody known here: only staff look whose it is, and the guest is not told.
    guest = models.BooleanField(default=False, help_text=_("Booked without signing in; not matched by staff yet."))
    merged_into = models.ForeignKey(
        "self",
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="merged",
        help_text="The record that holds what this one held.",
    )
    created_at = models.DateTimeField()

    objects = PatientQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            # Whoever signs in must reach the record that holds their visits; one merged into itself would lead round
            # for ever.
            models.CheckConstraint(
                name="merged_record_has_no_account",
                condition=models.Q(merged_into=None) | (models.Q(user=None) & ~models.Q(merged_into=models.F("id"))),
            )
        ]
        indexes = [
            models.Index(name="patient_by_birth_and_name", fields=["birth_date", "folded_name"]),
            # Empty but while an older release writes beside this one: the sweep that fills the words in finds them at
            # no cost.
            models.Index(name="patient_without_words", fields=["id"], condition=models.Q(search_words=None)),
            GinIndex(name="patient_by_words", fields=["search_words"]),
            # Who booked as a guest is asked about on every page of the desk, by the number beside "To do".
            models.Index(name="patient_who_is_a_guest", fields=["id"], condition=models.Q(guest=True)),
        ]

    def __str__(self) -> str:
        return self.reference

    def __repr__(self) -> str:
        return f"<Patient {self.pk}>"

    def search_words_now(self) -> frozenset[str]:
        """Return what the record is found by: name and reference."""
        return search_words.of_name(self.name) | {search_words.of_reference(self.reference)}


class ContactSystem(models.TextChoices):
    """FHIR ContactPoint.system, as far as used."""

    EMAIL = "email", _("e-mail")
    PHONE = "phone", _("phone")


class ContactPointQuerySet(models.QuerySet["ContactPoint"]):
    """Contact points by what they are, and by whether somebody has shown that they are theirs."""

    def mail(self, address: str) -> "ContactPointQuerySet":
        """Keep an e-mail address, in whatever case it is written."""
        return self.filter(system=ContactSystem.EMAIL, value__iexact=address)

    def unverified(self) -> "ContactPointQuerySet":
        """Keep the e-mail addresses that nobody has shown to be theirs."""
        return self.filter(system=ContactSystem.EMAIL, verified_at=None)


class ContactPoint(models.Model):
    """How a person is reached; rank 1 is tried first."""

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="contacts")
    system = models.CharField(max_length=5, choices=ContactSystem.choices)
    value = models.CharField(max_length=254)
    rank = models.PositiveSmallIntegerField(default=1)
    search_words = SearchWordsField()
    verified_at = models.DateTimeField(null=True, blank=True, help_text=_("When somebody showed that it is theirs."))
    typed_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("When a visitor typed it who booked on this record, and showed nothing else."),
    )

    objects = ContactPointQuerySet.as_manager()

    class Meta:
        ordering = ["patient", "rank"]
        constraints = [models.UniqueConstraint(name="contact_is_kept_once", fields=["patient", "system", "value"])]
        indexes = [
            # `iexact` is UPPER in Django's SQL: an index on LOWER would not be used.
            models.Index(Upper("value"), name="contact_in_any_case"),
            models.Index(name="contact_without_words", fields=["id"], condition=models.Q(search_words=None)),
            GinIndex(name="contact_by_words", fields=["search_words"]),
        ]

    def __str__(self) -> str:
        return f"{self.system} of patient {self.patient_id}"

    def readable(self, country: str | None) -> str:
        """Return it as people of a country read it."""
        return readable(self.value, country) if self.system == ContactSystem.PHONE else self.value

    def search_words_now(self) -> frozenset[str]:
        """Return what somebody is found by who is reached there."""
        words_of = search_words.of_email if self.system == ContactSystem.EMAIL else search_words.of_phone
        return words_of(self.value)

    @property
    def unverified(self) -> bool:
        """Whether it is an e-mail address that nobody has shown to be theirs."""
        return self.system == ContactSystem.EMAIL and self.verified_at is None


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    """Enrolments by whether they count, and by who may see them."""

    def live(self, *, at: datetime | Argument | None) -> "EnrolmentQuerySet":
        """Keep those that count at a time: what has ended counts for nothing, and nobody has to tidy it up."""
        return self.filter(in_force(at))

    def of_relatives(self, *, at: datetime | Argument | None, relative: OuterRef | None = None) -> "EnrolmentQuerySet":
        """Keep those by which staff of the program know the patient's family, once for each `family_links__relative`.

        `relative`: as the member of the family whom alone it is about.
        """
        them = Q() if relative is None else Q(patient__family_links__relative=relative)
        return self.filter(them, family_of_enrolled(at, links="patient__family_links__"))

    def visible_to(self, principal: Principal) -> "EnrolmentQuerySet":
        """Keep those of the patients whom `principal` may see."""
        return self.filter(patient__in=Patient.objects.visible_to(principal).values("pk"))


class Enrolment(models.Model):
    """A patient takes part in a program at a site (FHIR EpisodeOfCare), until a day or without an end.

    There is one of a patient, a site and a program: whoever is enrolled again has the same one, and the acts on it
    stand in the ledger of the record.
    """

    public_id = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="enrolments")
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="enrolments")
    program = models.SlugField(default="cancer-integrative-medicine")
    ends_on = models.DateField(null=True, blank=True, help_text=_("From this day on it counts for nothing."))
    ends_at = models.DateTimeField(
        null=True, blank=True, help_text="When that day begins at the site, or when it was ended on that day."
    )
    enrolled_by = models.CharField(
        max_length=80, blank=True, default="", db_default="", help_text="Principal.key of whoever enrolled them last."
    )
    enrolled_at = models.DateTimeField(null=True, blank=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="patient_enrols_once", fields=["patient", "site", "program"]),
            models.CheckConstraint(
                name="enrolment_that_ends_says_on_which_day_and_when",
                condition=Q(ends_on=None, ends_at=None) | Q(ends_on__isnull=False, ends_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"enrolment {self.pk}"

    def counts(self, *, at: datetime | None) -> bool:
        """Whether it counts at a time; without one, whether it never ends."""
        return self.ends_at is None or (at is not None and self.ends_at > at)

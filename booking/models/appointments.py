"""Appointments: who comes to whom, when and where, and how it stands."""

import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from booking.cancel_reasons import CancelReason
from booking.models.patients import Enrolment, Patient
from booking.references import new_reference
from booking.status import OCCUPYING, WAITING, Status
from core.database.compiled import Argument
from core.models import Site, only
from core.principal import Principal
from core.rights import OF_PROGRAMS, Action, Scope, reaching
from core.roles import Role
from scheduler import public as scheduler
from scheduler.public import VisitType


def _by(*scopes: Scope) -> frozenset[Role]:
    return reaching(Action.SEE_APPOINTMENT, *scopes)


UNPROVEN = Q(status=Status.PROPOSED, proof__isnull=False, proof__proven_at=None)
"""Requests of whoever has not yet shown that the address is theirs: they have booked nothing, and hear of a code."""


def _of_enrolled(*, at: datetime | Argument | None) -> Q:
    """Return whose appointments staff of a program know: the enrolled; and what is ahead that they booked as such."""
    enrolled = Enrolment.objects.filter(patient=OuterRef("patient"), site=OuterRef("site"))
    live = Q(Exists(enrolled.live(at=at)))
    if at is None:
        return live
    return live | Q(Exists(enrolled.filter(ends_at__gt=OuterRef("created_at"))), period__endswith__gt=at)


def _of_relatives(*, at: datetime | Argument | None) -> Q:
    """Return whose appointments they know besides: of whoever is linked with one of their patients, at that site."""
    enrolled = Enrolment.objects.filter(site=OuterRef("site"))
    return Q(Exists(enrolled.of_relatives(at=at, relative=OuterRef("patient"))))


NOT_CHECKED_IN = sorted({*WAITING, Status.BOOKED, Status.ARRIVED, Status.NOSHOW})
"""The states of whoever was not checked in, or of whom that was taken back."""


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    """Appointments by who may know of them."""

    def visible_to(self, principal: Principal) -> "AppointmentQuerySet":
        """Keep the appointments that `principal` may see: their own, those of their sites, programs or calendar."""
        if principal.key.startswith("system:"):
            return self
        seen = Q(pk__in=[])
        if principal.user_id and principal.has(*_by(Scope.OWN)):
            seen |= Q(patient__user_id=principal.user_id)
        if sites := principal.sites(*_by(Scope.SITE)):
            seen |= Q(site__in=sites)
        if programs := principal.sites(*_by(*OF_PROGRAMS)):
            known = _of_enrolled(at=principal.at)
            known |= _of_relatives(at=principal.at) if principal.families else Q()
            seen |= Q(site__in=programs) & known
        if principal.has(*_by(Scope.CALENDAR)):
            seen |= Q(practitioner__user_id=principal.user_id)
        # A subquery: joined with enrolments, a visit would come once for each, and could not be locked or counted.
        return self.filter(pk__in=Appointment.objects.filter(seen).values("pk"))

    def lapsed(self, *, at: datetime | Argument) -> "AppointmentQuerySet":
        """Keep the visits whose time was kept for a while that is over: nobody approved or completed them."""
        return self.filter(status__in=WAITING, kept_until__lte=at)

    def taking_time(self, *, at: datetime | Argument) -> "AppointmentQuerySet":
        """Keep the visits that take time; those that have lapsed take none, also before somebody has tidied up."""
        return self.filter(Q(kept_until=None) | Q(kept_until__gt=at), status__in=sorted(OCCUPYING))


class Appointment(models.Model):
    """A person has a time with a practitioner (FHIR Appointment).

    `version` is the calendar's SEQUENCE: one more on every move that calendars have to show.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reference = models.CharField(max_length=12, unique=True, default=new_reference, editable=False)
    # Nobody who treats, and no place, is deleted while a visit names them: they go out of use.
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="appointments")
    practitioner = models.ForeignKey("scheduler.Practitioner", on_delete=models.PROTECT, related_name="+")
    therapy = models.ForeignKey("scheduler.Therapy", on_delete=models.PROTECT, related_name="+")
    visit = models.CharField(max_length=10, choices=VisitType.choices)
    technique = models.SlugField(blank=True, default="")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey("scheduler.Place", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    period = DateTimeRangeField(help_text="The patient's time, UTC; turnover is the place's alone.")
    segments = models.JSONField(
        null=True, blank=True, editable=False,
        help_text="How it runs where that is its own: [name, minutes, presence] of each segment. Null: as its therapy.",
    )  # fmt: skip
    status = models.CharField(max_length=16, choices=Status.choices)
    version = models.PositiveIntegerField(default=0)
    # A number and not a time: two changes within one tick of the clock must differ to whoever compares.
    readdressed = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text="How often its patient's address has changed since."
    )
    slot = models.CharField(max_length=255, blank=True, default="", editable=False, help_text="Slot id.")
    # Not a key: claims are rows of the app below, which know no appointments; their allocation is all that both know.
    allocation = models.UUIDField()
    kept_until = models.DateTimeField(null=True, blank=True, help_text="While a check is awaited.")
    replaces = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replaced_by")
    linked = models.ForeignKey(
        "booking.LinkedVisits", null=True, blank=True, on_delete=models.SET_NULL, related_name="visits", editable=False
    )
    referral = models.ForeignKey(
        "Referral", null=True, blank=True, on_delete=models.PROTECT, related_name="appointments", editable=False
    )
    awaits_referral = models.SlugField(
        blank=True, default="", db_default="", editable=False, help_text="The program whose referral is not here yet."
    )
    cancel_reason = models.CharField(max_length=20, choices=CancelReason.choices, blank=True, default="")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    late_cancel = models.BooleanField(default=False)
    started_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="From when on they were treated, where somebody noted it."
    )
    undo_until = models.DateTimeField(null=True, blank=True)
    override_reason = models.CharField(max_length=200, blank=True, default="", help_text="Of a soft rule set aside.")
    set_aside_reason = models.CharField(
        max_length=200, blank=True, default="", help_text="Why a clinician set answers aside: for who may read answers."
    )
    note = models.CharField(max_length=200, blank=True, default="", help_text="Neutral, never clinical.")
    noted_by = models.CharField(
        max_length=80, blank=True, default="", db_default="", editable=False,
        help_text="Principal.key of whoever wrote the note last.",
    )  # fmt: skip
    noted_at = models.DateTimeField(null=True, blank=True, editable=False)
    practitioner_changed_at = models.DateTimeField(
        null=True, blank=True, editable=False,
        help_text="When staff put another practitioner in, as long as its patient may say that they would rather not.",
    )  # fmt: skip
    suitability = models.CharField(
        max_length=20, blank=True, default="", db_default="", editable=False,
        help_text="What followed from answers when it was booked; empty: nobody asked.",
    )  # fmt: skip
    suitability_version = models.PositiveIntegerField(
        null=True, blank=True, editable=False, help_text="Of the rules by which that was found."
    )
    answered_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When its patient answered by link what it waited for."
    )
    asked_questions = models.TextField(
        blank=True, default="", db_default="", editable=False,
        help_text="What a clinician asks its patient by link, sealed: it follows from what they answered.",
    )  # fmt: skip
    asked_needs = ArrayField(
        models.CharField(max_length=24), default=list, db_default=[], blank=True, editable=False,
        help_text="What is needed for it alone: whoever asked has not shown who they are. Keys of `AccessNeed`.",
    )  # fmt: skip
    asked_interpreter = models.CharField(
        max_length=12, blank=True, default="", db_default="", editable=False,
        help_text="The language that somebody is to interpret, asked for in the same way.",
    )  # fmt: skip
    source = models.SlugField(
        max_length=40, blank=True, default="", db_default="", editable=False,
        help_text="The page that led its patient here, as its link says.",
    )  # fmt: skip
    booked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        ordering = ["period", "pk"]
        constraints = [
            # Of this record alone, and of what is not tidied up as well: across a person's records actions look under
            # its lock.
            ExclusionConstraint(
                name="patient_is_in_one_place_at_a_time",
                expressions=[
                    (only(F("patient_id")), RangeOperators.OVERLAPS),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=sorted(OCCUPYING)),
            ),
            models.CheckConstraint(
                name="cancellation_says_why_and_when",
                condition=~Q(status=Status.CANCELLED) | (Q(cancelled_at__isnull=False) & ~Q(cancel_reason="")),
            ),
            models.CheckConstraint(
                name="nobody_is_treated_who_was_not_checked_in",
                condition=Q(started_at=None) | ~Q(status__in=NOT_CHECKED_IN),
            ),
            models.CheckConstraint(name="appointment_takes_time", condition=Q(period__isempty=False)),
        ]
        indexes = [
            # By where a period begins: GiST, which the constraint has, gives ranges in no order.
            models.Index(F("site"), Func(F("period"), function="lower"), name="appointment_by_site_day"),
            models.Index(F("practitioner"), Func(F("period"), function="lower"), name="appt_by_practitioner_day"),
        ]

    def __str__(self) -> str:
        return self.reference

    def __repr__(self) -> str:
        return f"<Appointment {self.pk}>"

    @property
    def lengths(self) -> scheduler.lengths.Segments | None:
        """How it runs where that is its own, and not as its therapy does."""
        return None if self.segments is None else tuple((name, length, who) for name, length, who in self.segments)

    def lengths_for(self, therapy: str, visit: str, technique: str) -> scheduler.lengths.Segments | None:
        """Return its own lengths for what it may be for: they are those of what it is for now alone."""
        return self.lengths if (therapy, visit, technique) == (self.therapy.key, self.visit, self.technique) else None

    @property
    def known_at(self) -> datetime:
        """Since when it is known what it is judged by: as it was booked, or as its patient answered by link."""
        return self.answered_at or self.created_at


class ReviewRequest(Appointment):
    """An appointment that somebody looks at before it is booked, as those who do so see it."""

    class Meta:
        proxy = True
        verbose_name = _("request to decide about")
        verbose_name_plural = _("requests to decide about")

"""Calls to make: what staff must tell a patient themselves, because no message may or can."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from booking.models.appointments import Appointment


class CallReason(models.TextChoices):
    """Why somebody is to be called."""

    WITHOUT_COVER = "without-cover", _("Their time is no longer open: find another one with them")
    UNANSWERED = "unanswered", _("Their request ran out without an answer: say sorry, and find a time with them")
    SCREENING = "screening", _("Talk with them about their health answers before they come")
    SEEK_CARE = "seek-care", _("They said that they need help: call them now")
    HELP_HERE = (
        "help-here",
        _("They are here and need help now: bring a clinician to them, and call 911 if it is urgent"),
    )
    FIND_TIME = "find-time", _("They stay home for now, and ask to be called: find another time with them")
    RULES_CHANGED = "rules-changed", _("By new rules a clinician looks at this again, before they come")
    ANSWERS_CHANGED = "answers-changed", _("By what they answered since a clinician looks at this before they come")
    NO_ANSWERS = "no-answers", _("They did not answer in time what is asked before booking: find a time with them")
    NOT_BOOKABLE = "not-bookable", _("By what they answered this is not booked: find something else with them")
    BOOKED_TOGETHER = (
        "booked-together",
        _("Something changed about an appointment booked together with theirs: ask whether they keep this time"),
    )
    REFERRAL = "referral", _("Their referral is not here yet: ask them for it, or the time is free two days before")
    FAMILY_MAIL = (
        "family-mail",
        _("A mail about an invitation in their family did not arrive: look at their family links, and tell them"),
    )
    OTHER_PRACTITIONER = (
        "other-practitioner",
        _("They would rather not come to whom they were moved: find somebody else, or another time, with them"),
    )
    MISSED_IN_A_ROW = (
        "missed-in-a-row",
        _("They missed appointments in a row: ask kindly what makes it hard to come. They book as before"),
    )
    CODE = "code", _("The mail with their code did not arrive: correct the address with them, or book it for them")
    ACCESS = (
        "access-needs",
        _("They asked for help to come, or an interpreter: see to it, as their appointment says"),
    )
    NOT_REACHED = "not-reached", _("A message could not reach them: tell them what it said")


class CallTask(models.Model):
    """Call the patient of a visit (FHIR Task). It holds no words about anybody: the visit says who and when."""

    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="calls")
    version = models.PositiveIntegerField(help_text="Of the appointment when the call was raised.")
    reason = models.CharField(max_length=20, choices=CallReason.choices)
    raised_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=80, blank=True, default="", help_text="Principal.key of whoever ended it.")
    tries = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="How often nobody answered.")
    tried_at = models.DateTimeField(null=True, blank=True, help_text="When nobody answered last.")
    tried_by = models.CharField(
        max_length=80, blank=True, default="", db_default="", help_text="Principal.key of whoever tried last."
    )
    tried_before_at = models.DateTimeField(null=True, blank=True, help_text="When nobody answered before that.")
    tried_before_by = models.CharField(
        max_length=80, blank=True, default="", db_default="", help_text="Principal.key of whoever tried before that."
    )
    follow_up = models.BooleanField(
        default=True,
        db_default=True,
        help_text="Its patient is told once the time is open again. Not of a call made before anybody was.",
    )

    class Meta:
        verbose_name = _("call to make")
        verbose_name_plural = _("calls to make")
        ordering = [F("done_at").desc(nulls_first=True), "raised_at", "pk"]
        constraints = [
            # Of the open ones only: a visit may be called about again once it has changed.
            models.UniqueConstraint(
                name="visit_has_one_open_call_for_a_reason",
                fields=["appointment", "reason"],
                condition=Q(done_at__isnull=True),
            ),
            models.CheckConstraint(
                name="ended_call_says_who_ended_it",
                condition=Q(done_at__isnull=True, done_by="") | (Q(done_at__isnull=False) & ~Q(done_by="")),
            ),
        ]

    def __str__(self) -> str:
        return f"call {self.pk}"

"""Answers to the screening questions, and what followed from them."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from booking.models.appointments import Appointment
from booking.screening.questionnaire import Outcome

OUTCOMES = [(one.value, one.value) for one in Outcome]
IS_A_WINDOW = Q(call_starts_at__isnull=False, call_ends_at__isnull=False, call_ends_at__gt=F("call_starts_at"))
ANSWERS = "screening answers"
"""The purpose for which answers are sealed."""


class ScreeningDecision(models.TextChoices):
    """What somebody who looked at answers decided."""

    APPROVED = "approved", _("may come")
    DECLINED = "declined", _("may not come yet")


class ReviewNews(models.TextChoices):
    """What whoever answered is told of the review of their answers."""

    APPROVED = "approved", _("may come")
    DECLINED = "declined", _("may not come yet")
    ASKED = "asked", _("is called first")
    AGAIN = "again", _("is looked at once more")
    AWAY = "away", _("has other appointments in the days away")


class ScreeningResponse(models.Model):
    """Somebody's answers before a visit (FHIR QuestionnaireResponse): the newest of a person counts.

    The answers are for clinicians of the site and whoever gave them; all else about them is for whoever may see the
    visit.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="screenings")
    companion = models.PositiveSmallIntegerField(default=0, help_text="0: the patient; 1: who comes along first.")
    visit_version = models.PositiveIntegerField(help_text="Of the appointment when they answered.")
    policy_version = models.PositiveIntegerField()
    answered_at = models.DateTimeField()
    answered_by = models.CharField(max_length=80, help_text="Principal.key: the link, or who read them aloud.")
    outcome = models.CharField(max_length=16, choices=OUTCOMES)
    masked = models.BooleanField(default=False)
    reviewed = models.BooleanField(default=False, help_text="Somebody looks at the answers.")
    earliest_day = models.DateField(null=True, blank=True, help_text="From when on they may come, where not before.")
    until_unknown = models.BooleanField(
        default=False, db_default=False, help_text="They are to stay at home, and nobody knows until when."
    )
    decision = models.CharField(max_length=10, choices=ScreeningDecision.choices, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=80, blank=True, default="", help_text="Principal.key.")
    rechecked_at = models.DateTimeField(
        null=True, blank=True, help_text="When what the policy asks at the door was asked, and nothing was new."
    )
    rechecked_by = models.CharField(max_length=80, blank=True, default="", db_default="", help_text="Principal.key.")
    taken_back_at = models.DateTimeField(null=True, blank=True, help_text="When a decision was taken back last.")
    taken_back_by = models.CharField(max_length=80, blank=True, default="", db_default="", help_text="Principal.key.")
    due_at = models.DateTimeField(null=True, blank=True, help_text="By when somebody looks at the answers.")
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When somebody chose to talk with them first.")
    asked_by = models.CharField(max_length=80, blank=True, default="", db_default="", help_text="Principal.key.")
    call_starts_at = models.DateTimeField(null=True, blank=True, help_text="From when on they are called.")
    call_ends_at = models.DateTimeField(null=True, blank=True)
    news = models.CharField(
        max_length=10,
        choices=ReviewNews.choices,
        blank=True,
        default="",
        db_default="",
        help_text="What they are told of the review, as it stands.",
    )
    news_at = models.DateTimeField(
        null=True, blank=True, help_text="Since when there is news to tell, until it is planned."
    )
    answers_until = models.DateTimeField(help_text="How long the answers are kept.")
    answers = models.TextField(blank=True, default="", help_text="Sealed; empty once they have been kept long enough.")

    class Meta:
        ordering = ["appointment", "companion", "-answered_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="screening_decision_says_who_and_when",
                condition=Q(decision="", decided_at__isnull=True, decided_by="")
                | (~Q(decision="") & Q(decided_at__isnull=False) & ~Q(decided_by="")),
            ),
            models.CheckConstraint(
                name="recheck_at_the_door_says_who_asked",
                condition=Q(rechecked_at__isnull=True, rechecked_by="")
                | (Q(rechecked_at__isnull=False) & ~Q(rechecked_by="")),
            ),
            models.CheckConstraint(
                name="screening_call_says_who_asked_and_when_it_is",
                condition=Q(asked_at__isnull=True, asked_by="", call_starts_at__isnull=True, call_ends_at__isnull=True)
                | (~Q(asked_by="") & Q(asked_at__isnull=False) & IS_A_WINDOW),
            ),
        ]
        indexes = [
            models.Index(name="screening_answers_kept", fields=["answers_until"], condition=~Q(answers="")),
            models.Index(
                name="screening_to_review",
                fields=["answered_at"],
                condition=Q(reviewed=True, decision=""),
            ),
            models.Index(name="screening_news_to_tell", fields=["news_at"], condition=Q(news_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"screening {self.pk}"

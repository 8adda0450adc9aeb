"""Whether somebody keeps an appointment that was booked together with one that was called off or moved."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from booking.models.appointments import Appointment
from booking.models.linked_visits import LinkedVisits


class QuestionAnswer(models.TextChoices):
    """How a question ended; a cancel or a move of the appointment answers it as well, and is seen by its version."""

    KEEP = "keep", _("they keep their time")
    OVER = "over", _("there is nothing to ask any more")


class LinkedQuestion(models.Model):
    """One question to the patient of an appointment, as that is at `version`. It names nobody and no reason."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    linked = models.ForeignKey(LinkedVisits, on_delete=models.PROTECT, related_name="questions")
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="linked_questions")
    version = models.PositiveIntegerField(help_text="Of the appointment when it was asked about.")
    asked_at = models.DateTimeField(help_text="When the other appointment was called off or moved.")
    due_at = models.DateTimeField(help_text="From when on they may be told: once that cannot be undone.")
    answer_by = models.DateTimeField(help_text="When staff call, if nobody has answered.")
    answer = models.CharField(max_length=4, choices=QuestionAnswer.choices, blank=True, default="")
    answered_by = models.CharField(max_length=80, blank=True, default="", help_text="Principal.key of whoever did.")
    answered_at = models.DateTimeField(null=True, blank=True)
    relayed_at = models.DateTimeField(null=True, blank=True)
    called_at = models.DateTimeField(null=True, blank=True, help_text="When staff were told to call.")

    class Meta:
        verbose_name = _("question about an appointment booked together")
        verbose_name_plural = _("questions about appointments booked together")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="appointment_is_asked_about_once_at_a_time",
                fields=["appointment", "version"],
                condition=Q(answer=""),
            ),
            models.CheckConstraint(
                name="answered_question_says_who_and_when",
                condition=Q(answer="", answered_by="", answered_at=None)
                | (~Q(answer="") & Q(answered_at__isnull=False) & ~Q(answered_by="")),
            ),
        ]
        indexes = [
            models.Index(name="linked_question_not_relayed", fields=["due_at"], condition=Q(relayed_at__isnull=True)),
            models.Index(
                name="linked_question_unanswered", fields=["answer_by"], condition=Q(answer="", called_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"question {self.pk} about appointment {self.appointment_id}"

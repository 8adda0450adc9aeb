"""What was decided about health answers, by whom, and how the answers stood before."""

import uuid

from django.db import models
from django.db.models import Q

from booking.models.screening import ReviewNews, ScreeningResponse


class ScreeningReview(models.Model):
    """One decision about health answers. It stands until it is taken back, and then says so."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    response = models.ForeignKey(ScreeningResponse, on_delete=models.PROTECT, related_name="reviews")
    decision = models.CharField(max_length=10, choices=ReviewNews.choices)
    decided_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, help_text="Principal.key.")
    talked = models.BooleanField(default=False, help_text="Whoever decided had talked with the person, as they say.")
    before = models.JSONField(help_text="What this decision changed of the answers' row, as it was. No answers.")
    hold = models.ForeignKey(
        "booking.Hold", on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        help_text="The time that was kept for them at a decline.",
    )  # fmt: skip
    hold_was_until = models.DateTimeField(
        null=True, blank=True, help_text="Until when they had that time, where they had chosen it themselves."
    )
    taken_back_at = models.DateTimeField(null=True, blank=True)
    taken_back_by = models.CharField(max_length=80, blank=True, default="", help_text="Principal.key.")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="review_taken_back_says_who_and_when",
                condition=Q(taken_back_at__isnull=True, taken_back_by="")
                | (Q(taken_back_at__isnull=False) & ~Q(taken_back_by="")),
            ),
        ]
        indexes = [models.Index(name="screening_reviews_by_day", fields=["decided_at"])]

    def __str__(self) -> str:
        return f"screening review {self.pk}"

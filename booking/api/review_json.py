"""How health answers that somebody decides about look over the wire, and how a decision is sent."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from booking.api.serializers import BookingProblemSerializer
from booking.models import ReviewNews, ScreeningDecision, ScreeningResponse, ScreeningReview
from booking.screening.queries import answers_of
from booking.screening.questionnaire import Outcome
from core.api import CalendarDate, Instant, StrictSerializer


class ReviewAct(StrEnum):
    """What can be decided about health answers."""

    APPROVE = "approve"
    APPROVE_MASKED = "approve-masked"
    CALL_FIRST = "call-first"
    STAY_AWAY = "stay-away"
    TAKE_BACK = "take-back"


ACTS = list(ReviewAct)


class ReviewsQuerySerializer(StrictSerializer):
    """At which site."""

    site = serializers.SlugField(required=False, help_text=_("Key of a site; all of yours when left out."))


class ReviewDecisionSerializer(StrictSerializer):
    """What somebody decides. The hour of a call, and the day and time of whoever stays away, may be left out."""

    answers = serializers.UUIDField(help_text=_("Id of health answers."))
    act = serializers.ChoiceField(ACTS)
    call_starts_at = Instant(required=False, help_text=_("With `call-first`: the next hour when left out."))
    call_ends_at = Instant(required=False)
    earliest_day = CalendarDate(
        required=False, help_text=_("With `stay-away`: from when on they may come; needed where nobody knows it yet.")
    )
    slot = serializers.CharField(
        required=False, max_length=255, help_text=_("With `stay-away`: a time that is kept for them meanwhile.")
    )
    talked = serializers.BooleanField(
        required=False,
        help_text=_("With `approve` and `approve-masked`: true where somebody has talked with whoever needs help now."),
    )
    review = serializers.UUIDField(
        required=False, help_text=_("With `take-back`: id of the decision; the newest when left out.")
    )


class ReviewProblemSerializer(BookingProblemSerializer):
    """Why answers cannot be decided about: somebody was quicker, or a time is not to be had."""

    decision = serializers.CharField(required=False, help_text=_("What was decided already."))
    decided_by = serializers.CharField(required=False, help_text=_("Who decided."))


class ReviewSerializer(serializers.ModelSerializer[ScreeningResponse]):
    """What was decided about health answers. What was answered is not in it: what is kept of writes outlives it."""

    id = serializers.UUIDField(source="public_id")
    appointment = serializers.UUIDField(source="appointment.public_id")
    outcome = serializers.ChoiceField(list(Outcome))
    decision = serializers.ChoiceField(list(ScreeningDecision.values), allow_blank=True)
    earliest_day = CalendarDate(allow_null=True)
    answered_at = Instant()
    due_at = Instant(allow_null=True)
    decided_at = Instant(allow_null=True)
    call_starts_at = Instant(allow_null=True)
    call_ends_at = Instant(allow_null=True)

    class Meta:
        model = ScreeningResponse
        fields: tuple[str, ...] = (
            "id",
            "appointment",
            "companion",
            "outcome",
            "masked",
            "earliest_day",
            "answered_at",
            "due_at",
            "decision",
            "decided_at",
            "call_starts_at",
            "call_ends_at",
        )
        read_only_fields: tuple[str, ...] = fields


class AnswersToReviewSerializer(ReviewSerializer):
    """Health answers to decide about. `answers`: what was answered, null once it is not kept any more."""

    answers = serializers.SerializerMethodField()

    class Meta(ReviewSerializer.Meta):
        fields = (*ReviewSerializer.Meta.fields, "answers")
        read_only_fields = fields

    def get_answers(self, row: ScreeningResponse) -> dict[str, Any] | None:
        """Return what was answered. Whoever is shown this may read it."""
        said = answers_of(row)
        return dict(said) if said is not None else None


class DecidedReviewSerializer(serializers.ModelSerializer[ScreeningReview]):
    """A decision of today that can be taken back."""

    id = serializers.UUIDField(source="public_id")
    answers = serializers.UUIDField(source="response.public_id", help_text=_("Id of the health answers."))
    appointment = serializers.UUIDField(source="response.appointment.public_id")
    companion = serializers.IntegerField(source="response.companion")
    decided = serializers.ChoiceField(list(ReviewNews.values), source="decision")
    decided_at = Instant()

    class Meta:
        model = ScreeningReview
        fields: tuple[str, ...] = ("id", "answers", "appointment", "companion", "decided", "decided_at")
        read_only_fields: tuple[str, ...] = fields


class ReviewsSerializer(serializers.Serializer[Any]):
    """What is to be decided: whoever needs help first, then what is due first; and what was decided today."""

    reviews = AnswersToReviewSerializer(many=True)
    decided_today = DecidedReviewSerializer(many=True)


def as_reviews(rows: Iterable[ScreeningResponse], decided: Iterable[ScreeningReview]) -> dict[str, object]:
    """Return rows as the body of an answer."""
    return dict(ReviewsSerializer({"reviews": list(rows), "decided_today": list(decided)}).data)

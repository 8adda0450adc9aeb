"""How the health questions and what follows from answers look over the wire, and what may be sent."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from booking.models import ScreeningResponse
from booking.screening.outcomes import ImmuneSystem, Severity
from booking.screening.policies import ScreeningPolicy
from booking.screening.queries import Screening
from booking.screening.questionnaire import QUESTIONNAIRE, AnswerChoice, Outcome
from booking.screening.state import ScreeningState
from core.api import CalendarDate, Instant, StrictSerializer
from core.text.languages import localized

MOST_COMPANIONS = 9
STATES = list(ScreeningState)


class ScreeningQuerySerializer(StrictSerializer):
    """For which appointment, and who answers."""

    appointment = serializers.UUIDField(help_text=_("Id of an appointment."))
    companion = serializers.IntegerField(
        min_value=0, max_value=MOST_COMPANIONS, default=0, help_text=_("0: the patient; 1: who comes along first.")
    )


class ScreeningAnswersSerializer(ScreeningQuerySerializer):
    """What somebody answers. Days are those of the site's wall clock."""

    answers = serializers.DictField(
        child=serializers.ChoiceField(list(AnswerChoice)), help_text=_("The answer to each question, by its id.")
    )
    emergency = serializers.BooleanField(default=False)
    tested_on = CalendarDate(required=False)
    symptoms_began_on = CalendarDate(required=False)
    fever_free_since = CalendarDate(required=False)
    severity = serializers.ChoiceField(list(Severity), required=False)
    weak_immune_system = serializers.ChoiceField(list(ImmuneSystem), required=False)
    isolate_until = CalendarDate(
        required=False,
        help_text=_(
            "The last day at home of whoever was told to isolate; without it a clinician says when they may come."
        ),
    )


class ScreeningRecheckSerializer(ScreeningAnswersSerializer):
    """What somebody says at the door: to the questions under `recheck` alone, as far as it is new."""

    temperature_f = serializers.DecimalField(
        max_digits=4, decimal_places=1, min_value=90, max_value=110, required=False,
        help_text=_("Degrees Fahrenheit, where the policy has the temperature taken."),
    )  # fmt: skip


class ScreeningQuestionSerializer(serializers.Serializer[Any]):
    """One question. `follow_up`: what is asked beside a yes."""

    id = serializers.CharField()
    text = serializers.CharField()
    choices = serializers.ListField(child=serializers.ChoiceField(list(AnswerChoice)))
    follow_up = serializers.ListField(child=serializers.CharField())


class ScreeningQuestionsSerializer(serializers.Serializer[Any]):
    """What is asked of somebody for an appointment, and how they stand. Nobody is asked: no questions."""

    state = serializers.ChoiceField(STATES)
    policy_version = serializers.IntegerField(allow_null=True)
    due_at = Instant(allow_null=True, help_text=_("By when somebody decides, where answers are looked at."))
    questions = ScreeningQuestionSerializer(many=True)
    recheck = serializers.ListField(
        child=serializers.CharField(), help_text=_("Ids of the questions that are asked once more at the door.")
    )
    temperature_at_door = serializers.BooleanField()
    rechecked = serializers.BooleanField(help_text=_("Whether what is asked at the door has been asked."))
    emergency = serializers.CharField(allow_blank=True)
    follow_ups = serializers.DictField(child=serializers.CharField())
    notices = serializers.ListField(child=serializers.CharField())


class ScreeningOutcomeSerializer(serializers.ModelSerializer[ScreeningResponse]):
    """What follows from somebody's answers; what they answered is not in it."""

    id = serializers.UUIDField(source="public_id")
    appointment = serializers.UUIDField(source="appointment.public_id")
    outcome = serializers.ChoiceField(list(Outcome))
    earliest_day = CalendarDate(allow_null=True)
    answered_at = Instant()

    class Meta:
        model = ScreeningResponse
        fields = (
            "id",
            "appointment",
            "companion",
            "policy_version",
            "outcome",
            "masked",
            "reviewed",
            "earliest_day",
            "answered_at",
        )
        read_only_fields = fields


def as_questions(found: Screening) -> Mapping[str, object]:
    """Return what is asked, in the reader's language."""
    policy = found.policy
    return {
        "state": found.state,
        "policy_version": policy.version if policy else None,
        "due_at": found.newest.due_at if found.newest and found.state is ScreeningState.IN_REVIEW else None,
        "questions": [_question(key) for key in policy.questions] if policy else [],
        "recheck": list(policy.recheck) if policy else [],
        "temperature_at_door": policy is not None and policy.temperature_at_door,
        "rechecked": found.newest is not None and found.newest.rechecked_at is not None,
        "emergency": _emergency(policy) if policy else "",
        "follow_ups": {name: localized(words) for name, words in QUESTIONNAIRE.follow_ups.items()} if policy else {},
        "notices": [localized(QUESTIONNAIRE.notices[key]) for key in policy.notices] if policy else [],
    }


def _emergency(policy: ScreeningPolicy) -> str:
    asked = QUESTIONNAIRE.asks_for_help(policy.questions)
    return localized(QUESTIONNAIRE.emergency.words) if asked else ""


def _question(key: str) -> Mapping[str, object]:
    question = QUESTIONNAIRE.questions[key]
    return {
        "id": key,
        "text": localized(question.words),
        "choices": list(question.choices),
        "follow_up": list(question.follow_up),
    }

"""How what is asked on the day of a therapy looks over the wire, and how answers and a clinician's word are sent."""

from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from booking.api.suitability_json import SuitabilityQuestionSerializer, question_as_json
from booking.suitability.day_questions import DayQuestions, DayState
from booking.suitability.questions import in_words
from core.api import StrictSerializer


class DayAct(StrEnum):
    """What a clinician decides about what was said on the day."""

    LET_IN = "let-in"


ACTS, STATES = list(DayAct), list(DayState)


class DayQuerySerializer(StrictSerializer):
    """For which appointment."""

    appointment = serializers.UUIDField(help_text=_("Id of an appointment."))


class DayAnswersSerializer(DayQuerySerializer):
    """What somebody says at the door: to each of the questions, and to no other."""

    answers = serializers.DictField(
        child=serializers.CharField(max_length=40), help_text=_("The answer to each question, by its id.")
    )
    captures = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField(max_length=40), max_length=20),
        required=False,
        help_text=_("Which places are meant, by the id of a question that is answered with yes."),
    )


class DayDecisionSerializer(DayQuerySerializer):
    """What a clinician of the site decides."""

    act = serializers.ChoiceField(ACTS, help_text=_("`let-in`: they are treated today, whatever they said."))


class DayStateSerializer(serializers.Serializer[Any]):
    """How somebody stands. What they answered is not in it: what is kept of writes outlives it."""

    appointment = serializers.UUIDField(help_text=_("Id of the appointment."))
    state = serializers.ChoiceField(
        STATES,
        allow_null=True,
        help_text=_(
            "`unanswered`: to be asked; `clear`: can be checked in; `looked-at`: a clinician decides first; `call`: "
            "they need help now. Null: nothing is asked today."
        ),
    )


class DayQuestionsSerializer(DayStateSerializer):
    """What is asked on the day, and how somebody stands. Nothing is asked: no questions."""

    policy_version = serializers.IntegerField(allow_null=True)
    questions = SuitabilityQuestionSerializer(many=True)
    answers = serializers.DictField(
        child=serializers.CharField(),
        allow_null=True,
        help_text=_("What was answered today, for clinicians of the site and whoever gave them; null for others."),
    )
    captures = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        allow_null=True,
        help_text=_("Which places were meant, with `answers`."),
    )
    always = serializers.CharField(allow_blank=True, help_text=_("Stands beside each page."))
    phone = serializers.CharField(allow_blank=True, help_text=_("The number of the site."))


def as_day_questions(found: DayQuestions | None, *, appointment: object, phone: str, reads: bool) -> dict[str, Any]:
    """Return what is asked on the day; what was answered only to somebody who `reads` answers."""
    given = found.given if found and reads else None
    return {
        "appointment": appointment,
        "state": found.state if found else None,
        "policy_version": found.version if found else None,
        "questions": [question_as_json(one) for one in found.asked] if found else [],
        "answers": dict(given.answers) if given else None,
        "captures": {key: list(parts) for key, parts in given.captures.items()} if given else None,
        "always": in_words(found.judged.rules, found.judged.rules.content.texts.always, {"phone": phone})
        if found
        else "",
        "phone": phone,
    }

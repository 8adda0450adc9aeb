"""How the questions before booking look over the wire, and for what they are asked."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from booking.suitability.answers import SuitabilityAnswers, read_answers
from booking.suitability.policies import rules_in_force
from booking.suitability.questions import AskedQuestion, in_words, question_pages
from booking.suitability.rules import RuleSet
from core.api import CalendarDate, StrictSerializer
from core.refusals import Invalid
from scheduler import public as scheduler


class SuitabilityQuerySerializer(StrictSerializer):
    """For what somebody wants to be asked. Days are those of the site's wall clock."""

    therapy = serializers.SlugField(help_text=_("Key of a therapy."))
    visit = serializers.ChoiceField(scheduler.VisitType.choices, required=False)
    technique = serializers.SlugField(required=False, help_text=_("For therapies that differ by it."))
    site = serializers.SlugField(required=False, help_text=_("Key of a site; may be left out where there is one."))
    birth_date = CalendarDate(required=False, help_text=_("Leaves out what is not asked at their age."))
    on = CalendarDate(required=False, help_text=_("The day of the appointment; today when left out."))


class SuitabilityQuestionSerializer(serializers.Serializer[Any]):
    """One question. `captures`: what may be named beside a yes, such as which arm."""

    id = serializers.CharField()
    text = serializers.CharField(help_text=_("In the language of the request."))
    choices = serializers.ListField(child=serializers.CharField())
    captures = serializers.ListField(child=serializers.CharField())


class SuitabilityPageSerializer(serializers.Serializer[Any]):
    """Questions that stand on one page: "None of these" answers all of them with no."""

    title = serializers.CharField()
    questions = SuitabilityQuestionSerializer(many=True)


class SuitabilityQuestionsSerializer(serializers.Serializer[Any]):
    """What is asked before booking: only what can change the outcome. Nobody is asked: no pages."""

    policy_version = serializers.IntegerField(allow_null=True)
    pages = SuitabilityPageSerializer(many=True)
    always = serializers.CharField(allow_blank=True, help_text=_("Stands beside each page."))


NOTHING_ASKED: dict[str, Any] = {"policy_version": None, "pages": [], "always": ""}


def questions_as_json(
    rules: RuleSet, version: int, *, therapy: str, technique: str, age: int | None, phone: str
) -> dict[str, Any]:
    """Return the questions for a therapy, page by page."""
    pages = question_pages([rules], therapy, technique, age=age)
    return {
        "policy_version": version,
        "pages": [
            {"title": page.title, "questions": [question_as_json(one) for one in page.questions]} for page in pages
        ],
        "always": in_words(rules, rules.content.texts.always, {"phone": phone}) if pages else "",
    }


def question_as_json(asked: AskedQuestion) -> dict[str, Any]:
    """Return a question in the language of the request."""
    return {"id": asked.key, "text": asked.words, "choices": list(asked.choices), "captures": list(asked.places)}


def read_sent(sent: dict[str, Any], *, site_id: int, at: datetime) -> SuitabilityAnswers | None:
    """Take the answers out of a body, read as a site asks them; None where there are none. Raises Invalid."""
    answers, captures = sent.pop("answers", {}), sent.pop("captures", {})
    if not answers and not captures:
        return None
    in_force = rules_in_force(site_id, at=at)
    if in_force is None:
        raise Invalid(_("Nobody asks anything before booking here: leave the answers out."), pointer="/answers")
    return read_answers(in_force[0], answers, {key: tuple(parts) for key, parts in captures.items()})

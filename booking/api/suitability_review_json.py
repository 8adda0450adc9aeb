"""How requests that wait because of answers look over the wire to whoever decides, and how a decision is sent."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from booking.actions.suitability import clearances, suitability_requests, suitability_reviews
from booking.actions.suitability.suitability_decisions import SuitabilityAct
from booking.api.serializers import BookingProblemSerializer, OtherTherapySerializer
from booking.models import Appointment, Change, Clearance, LabValue
from booking.status import Move, Status
from booking.suitability.answer_words import ANSWERS
from booking.suitability.answers_by_link import is_request
from booking.suitability.content import Disposition
from booking.suitability.content_words import disposition_words
from booking.suitability.due_questions import all_questions
from booking.suitability.judgement import Alternative, FiredRule
from booking.suitability.rules import UNSURE
from booking.suitability.visit_words import (
    fired_in_words,
    flags_in_words,
    needs_in_words,
    question_words,
    unanswered_keys,
)
from booking.suitability.visits import JudgedVisit, judge_visits
from core.accounts.names import names_of
from core.api import CalendarDate, Instant, LineField, StrictSerializer

ACTS = list(SuitabilityAct)


class SuitabilityReviewsQuerySerializer(StrictSerializer):
    """At which site."""

    site = serializers.SlugField(required=False, help_text=_("Key of a site; all of yours when left out."))


class SuitabilityDecisionSerializer(StrictSerializer):
    """What a clinician decides about a request, as they saw it."""

    appointment = serializers.UUIDField(help_text=_("Id of an appointment."))
    act = serializers.ChoiceField(ACTS)
    version = serializers.IntegerField(
        required=False,
        min_value=0,
        help_text=_("The `version` that was looked at; needed for all but `looked-at`."),
    )
    mark = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=128,
        help_text=_("The `mark` that was looked at: where more is known by now, nothing is decided."),
    )
    stood = serializers.CharField(
        required=False,
        max_length=128,
        help_text=_(
            "The `stood` that was looked at: where they were asked or answered since, nothing is decided. Needed once "
            "they were asked; once they have answered, the `mark` will do."
        ),
    )
    questions = serializers.ListField(
        child=serializers.CharField(max_length=80),
        required=False,
        max_length=80,
        help_text=_("With `ask`: ids of `questions`, which their patient is asked again by link."),
    )
    set_aside = LineField(
        required=False,
        max_length=200,
        help_text=_("With `approve`, `clear` or `looked-at`: why, where by the rules it is not bookable online."),
    )
    ends_on = CalendarDate(
        required=False,
        help_text=_("With `clear`: the day on which it ends, `clearable_until` at the latest and when left out."),
    )
    all_therapies = serializers.BooleanField(
        required=False, help_text=_("With `clear`: true where it is for all therapies that the rules name.")
    )
    instead = serializers.CharField(
        required=False, max_length=128, help_text=_("With `decline`: the `instead` of one of the `alternatives`.")
    )


class SuitabilityReviewProblemSerializer(BookingProblemSerializer):
    """Why nothing was decided: somebody was quicker, or more is known by now."""

    decided_by = serializers.CharField(required=False, help_text=_("Who changed the request last."))


class SuitabilityDecidedSerializer(serializers.Serializer[Any]):
    """How the appointment stands now. What was answered is not in it: what is kept of writes outlives it."""

    appointment = serializers.UUIDField()
    act = serializers.ChoiceField(ACTS)
    status = serializers.ChoiceField(Status.choices)
    version = serializers.IntegerField()


class AnsweredQuestionSerializer(serializers.Serializer[Any]):
    """What somebody answered to a question."""

    question = serializers.CharField(help_text=_("Id of the question."))
    text = serializers.CharField(help_text=_("In the language of the request."))
    answer = serializers.CharField()
    answer_text = serializers.CharField()
    captures = serializers.ListField(child=serializers.CharField(), help_text=_("Which places are meant."))


class FiredRuleSerializer(serializers.Serializer[Any]):
    """A rule that has a say, and what it means by itself."""

    rule = serializers.CharField(help_text=_("Id of the rule."))
    question = serializers.CharField(help_text=_("Id of the question, or what else the rule goes by."))
    text = serializers.CharField(help_text=_("What is known that set it off."))
    disposition = serializers.ChoiceField(list(Disposition))
    follows = serializers.CharField(help_text=_("The `disposition` in words."))


class OpenQuestionSerializer(serializers.Serializer[Any]):
    """A question by its id, and as it is asked."""

    question = serializers.CharField(help_text=_("Id of the question."))
    text = serializers.CharField(help_text=_("In the language of the request."))


class QuestionToAskSerializer(OpenQuestionSerializer):
    """A question that its patient can be asked again by link."""

    unsure = serializers.BooleanField(help_text=_("Whether they did not know, or have not answered."))


class ClearableRuleSerializer(OpenQuestionSerializer):
    """What need not be looked at again for a while, if a clinician says so."""

    rule = serializers.CharField(help_text=_("Id of the rule."))


class CountSerializer(serializers.ModelSerializer[LabValue]):
    """A blood count, in 10⁹/L."""

    id = serializers.UUIDField(source="public_id")
    taken_on = CalendarDate()
    withdrawn_at = Instant(allow_null=True, help_text=_("Since when it counts no more, where it was a mistake."))

    class Meta:
        model = LabValue
        fields = ("id", "kind", "value", "taken_on", "withdrawn_at")
        read_only_fields = fields


class ClearanceSerializer(serializers.ModelSerializer[Clearance]):
    """A clinician's word that a rule need not be looked at again for somebody."""

    id = serializers.UUIDField(source="public_id")
    therapy = serializers.CharField(allow_blank=True, help_text=_("Key of a therapy; empty: all that the rule names."))
    given_at = Instant()
    ends_on = CalendarDate(help_text=_("The day on which it has ended."))
    withdrawn_at = Instant(allow_null=True, help_text=_("Since when it holds no more, where it was withdrawn."))

    class Meta:
        model = Clearance
        fields = ("id", "rule", "therapy", "given_at", "ends_on", "withdrawn_at")
        read_only_fields = fields


class OfferedInsteadSerializer(OtherTherapySerializer):
    """What the person can book instead."""

    instead = serializers.CharField(help_text=_("By this a decision names it."))


class SuitabilityReviewSerializer(serializers.Serializer[Any]):
    """A request, or what stands, with what was answered. Empty where the rules say nothing of it any more."""

    appointment = serializers.UUIDField(help_text=_("Id of the appointment."))
    version = serializers.IntegerField(help_text=_("As which it is seen; sent with a decision."))
    mark = serializers.CharField(allow_blank=True, help_text=_("What was known when seen; sent with a decision."))
    stood = serializers.CharField(help_text=_("Whether they were asked again when it was seen; sent with a decision."))
    answered_at = Instant(allow_null=True, help_text=_("When they answered by link, if they did."))
    status = serializers.ChoiceField(Status.choices)
    patient = serializers.UUIDField(help_text=_("Id of the patient."))
    site = serializers.SlugField(help_text=_("Key of the site."))
    therapy = serializers.SlugField(help_text=_("Key of the therapy."))
    technique = serializers.CharField(allow_blank=True)
    start = Instant()
    due_at = Instant(allow_null=True, help_text=_("By when a request is looked at."))
    kept_until = Instant(allow_null=True, help_text=_("Until when its time is kept."))
    disposition = serializers.ChoiceField(list(Disposition), allow_null=True, help_text=_("What follows from it."))
    answers = AnsweredQuestionSerializer(many=True)
    unanswered = OpenQuestionSerializer(many=True)
    rules = FiredRuleSerializer(many=True)
    flags = serializers.ListField(child=serializers.CharField(), help_text=_("What who treats is told."))
    needs = serializers.ListField(child=serializers.CharField(), help_text=_("What is prepared for them."))
    counts = CountSerializer(many=True)
    clearable = ClearableRuleSerializer(many=True)
    clearable_until = CalendarDate(allow_null=True, help_text=_("The last day on which a clearance of today can end."))
    questions = QuestionToAskSerializer(many=True)
    clearances = ClearanceSerializer(many=True, help_text=_("What need not be looked at again by now."))
    alternatives = OfferedInsteadSerializer(many=True)


class DeclinedRequestSerializer(serializers.Serializer[Any]):
    """A request that was declined today, and can be taken back until tonight."""

    appointment = serializers.UUIDField(help_text=_("Id of the appointment."))
    version = serializers.IntegerField(help_text=_("As which it is seen; sent with `take-back`."))
    instead = serializers.CharField(allow_blank=True, help_text=_("What was offered instead, empty for nothing."))
    declined_at = Instant()
    declined_by = serializers.CharField(allow_blank=True)


class ApprovedRequestSerializer(serializers.Serializer[Any]):
    """A request that was approved today, and can be taken back: it waits again, and is looked at again."""

    appointment = serializers.UUIDField(help_text=_("Id of the appointment."))
    version = serializers.IntegerField(help_text=_("As which it is seen; sent with `take-back`."))


class SuitabilityReviewsSerializer(serializers.Serializer[Any]):
    """What waits, what is due first on top; what is booked and looked at again; and what was declined today."""

    reviews = SuitabilityReviewSerializer(many=True)
    asked = SuitabilityReviewSerializer(many=True, help_text=_("Whose patients are asked again by link."))
    looked_at_again = SuitabilityReviewSerializer(many=True)
    approved_today = ApprovedRequestSerializer(many=True)
    declined_today = DeclinedRequestSerializer(many=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRequests:
    """Appointments as whoever decides is shown them, by what can be done."""

    waiting: Sequence[Appointment]
    asked: Sequence[Appointment]
    standing: Sequence[Appointment]
    approved: Sequence[Appointment]
    declined: Sequence[Appointment]


def as_reviews(listed: ListedRequests, *, at: datetime) -> Mapping[str, Any]:
    """Return appointments as the body of an answer to whoever may read the answers of their people."""
    visits = [*listed.waiting, *listed.asked, *listed.standing]
    judged, counts, given = (
        judge_visits(visits, at=at),
        suitability_requests.newest_counts(visits),
        _given(visits, at=at),
    )
    cards = {
        one.pk: _card(one, judged.get(one.pk), counts.get(one.patient_id, [])) | {"clearances": given[one.pk]}
        for one in visits
    }
    found = {
        "reviews": [cards[one.pk] for one in listed.waiting],
        "asked": [cards[one.pk] for one in listed.asked],
        "looked_at_again": [cards[one.pk] for one in listed.standing],
        "approved_today": [{"appointment": one.public_id, "version": one.version} for one in listed.approved],
        "declined_today": list(_declined(listed.declined)),
    }
    return dict(SuitabilityReviewsSerializer(found).data)


def _given(visits: Sequence[Appointment], *, at: datetime) -> Mapping[int, list[Clearance]]:
    """Return by appointment what a clinician need not look at again of its patient, in a query for each site."""
    held = {
        site.pk: list(clearances.in_force(site, at=at, patients={one.patient_id for one in visits if one.site == site}))
        for site in {one.site for one in visits}
    }
    return {
        one.pk: [cleared for cleared in held[one.site_id] if cleared.patient_id == one.patient_id] for one in visits
    }


def _card(visit: Appointment, judged: JudgedVisit | None, counts: Sequence[LabValue]) -> dict[str, Any]:
    return {
        "appointment": visit.public_id,
        "version": visit.version,
        "stood": suitability_reviews.stands_as(visit),
        "answered_at": visit.answered_at,
        "status": visit.status,
        "patient": visit.patient.public_id,
        "site": visit.site.key,
        "therapy": visit.therapy.key,
        "technique": visit.technique,
        "start": visit.period.lower,
        "due_at": suitability_requests.due_at(visit) if is_request(visit) else None,
        "kept_until": visit.kept_until,
        **(_known(visit, judged, counts) if judged else NOTHING_SAID),
    }


NOTHING_SAID: Mapping[str, Any] = {
    **dict.fromkeys(
        ("answers", "unanswered", "rules", "flags", "needs", "counts", "clearable", "alternatives", "questions"), ()
    ),
    "mark": "",
    "disposition": None,
    "clearable_until": None,
}
"""Of what the rules say nothing any more."""


def _known(visit: Appointment, judged: JudgedVisit, counts: Sequence[LabValue]) -> dict[str, Any]:
    latest = suitability_reviews.last_day_of_clearance(judged, judged.facts.on)
    calls = judged.found.disposition is Disposition.STOP_AND_CALL
    clearable = [] if calls else judged.clearable
    return {
        "mark": judged.mark,
        "disposition": judged.found.disposition,
        "answers": list(_answers(judged)),
        "unanswered": [_question(judged, key) for key in unanswered_keys(judged)],
        "rules": [_rule(judged, one) for one in judged.fired],
        "flags": flags_in_words(judged, set_aside=bool(visit.set_aside_reason)),
        "needs": needs_in_words(judged),
        "counts": [one for one in counts if one.kind in judged.facts.labs],
        "clearable": [{"rule": one.rule} | _question(judged, one.ask) for one in clearable],
        "clearable_until": latest if clearable else None,
        "questions": [
            {"question": one.key, "text": one.words, "unsure": judged.facts.answers.get(one.key) in {None, *UNSURE}}
            for one in all_questions(visit, judged.rules)
        ],
        "alternatives": [_instead(one) for one in suitability_reviews.alternatives(visit, judged)],
    }


def _answers(judged: JudgedVisit) -> Iterator[dict[str, Any]]:
    for key, answer in judged.facts.answers.items():
        words, places = str(ANSWERS.get(answer, answer)), judged.facts.captures.get(key, ())
        yield _question(judged, key) | {"answer": answer, "answer_text": words, "captures": list(places)}


def _question(judged: JudgedVisit, key: str) -> dict[str, str]:
    return {"question": key, "text": question_words(judged, key)}


def _rule(judged: JudgedVisit, one: FiredRule) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "question": one.ask,
        "text": fired_in_words(judged, one),
        "disposition": one.disposition,
        "follows": disposition_words()[one.disposition],
    }


def _instead(one: Alternative) -> dict[str, Any]:
    return {
        "instead": suitability_reviews.named(one),
        "therapy": one.therapy,
        "technique": one.technique,
        "looked_at": one.disposition is Disposition.CLINICIAN_REVIEW,
        "asks_more": one.asks_more,
    }


def _declined(visits: Sequence[Appointment]) -> Iterator[dict[str, Any]]:
    moves = Change.objects.filter(appointment__in=visits, move=Move.DECLINE).order_by("appointment_id", "-pk")
    last = {one.appointment_id: one for one in moves.distinct("appointment_id")}
    names = names_of(one.by for one in last.values())
    for visit in visits:
        if change := last.get(visit.pk):
            yield {
                "appointment": visit.public_id,
                "version": visit.version,
                "instead": str(change.facts.get("instead", "")),
                "declined_at": change.at,
                "declined_by": names.get(change.by, ""),
            }

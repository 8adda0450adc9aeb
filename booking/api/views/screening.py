"""Health questions before an appointment: what is asked, and what is answered."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from booking.actions import arrivals
from booking.actions.screening import screening
from booking.api.lookups import named_appointment
from booking.api.screening_json import (
    ScreeningAnswersSerializer,
    ScreeningOutcomeSerializer,
    ScreeningQuerySerializer,
    ScreeningQuestionsSerializer,
    ScreeningRecheckSerializer,
    as_questions,
)
from booking.models import Appointment, ScreeningResponse
from booking.screening.outcomes import ImmuneSystem, ScreeningAnswers, Severity
from booking.screening.queries import NOT_ASKED, companions_allowed, screening_of
from booking.screening.questionnaire import AnswerChoice
from core.api.views import ApiView
from core.http.idempotency import Answer
from core.rights import Action


class ScreeningQuestionsView(ApiView):
    """The questions of an appointment."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Read the health questions of an appointment"}
    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_SCREENING}
    query = ScreeningQuerySerializer

    @extend_schema(responses=ScreeningQuestionsSerializer)
    def get(self, request: Request) -> Response:
        """Answer with what is asked of the patient, or of whoever comes along, and how they stand."""
        sent = self.validated_query()
        visit, companion = _visit(self, sent), sent["companion"]
        found = screening_of(visit, at=self.at, companion=companion)
        if companion and companion > companions_allowed(visit):
            found = NOT_ASKED
        return Response(ScreeningQuestionsSerializer(as_questions(found)).data)


class ScreeningAnswersView(ApiView):
    """The answers to them."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Answer the health questions of an appointment"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.ANSWER_SCREENING}
    serializer_class = ScreeningOutcomeSerializer
    form = ScreeningAnswersSerializer
    idempotent = "honoured"

    @extend_schema(responses={201: ScreeningOutcomeSerializer})
    def post(self, request: Request) -> Response:
        """Note what somebody answers, and say what follows. The appointment itself stays as it is."""
        return self.once(self.made)

    def made(self) -> Answer:
        """Note the answers. Raises Invalid, Forbidden, ScreeningNotAsked."""
        sent = self.validated_body()
        visit = _visit(self, sent)
        made = self.noted(visit, self.answers(visit, sent), companion=sent["companion"])
        return Answer(status=201, body=self.get_serializer(made).data, headers={})

    def answers(self, visit: Appointment, sent: dict[str, Any]) -> ScreeningAnswers:
        """Return what was sent as answers of today, where they come."""
        return ScreeningAnswers(
            answered_on=self.at.astimezone(visit.site.tz).date(),
            choices={key: AnswerChoice(choice) for key, choice in sent["answers"].items()},
            emergency=sent["emergency"],
            tested_on=sent.get("tested_on"),
            symptoms_began_on=sent.get("symptoms_began_on"),
            fever_free_since=sent.get("fever_free_since"),
            severity=Severity(sent["severity"]) if "severity" in sent else None,
            weak_immune_system=ImmuneSystem(sent["weak_immune_system"]) if "weak_immune_system" in sent else None,
            isolate_until=sent.get("isolate_until"),
            temperature_f=sent.get("temperature_f"),
        )

    def noted(self, visit: Appointment, answers: ScreeningAnswers, *, companion: int) -> ScreeningResponse:
        """Write them down, and return what follows."""
        return screening.answer(visit.public_id, answers, by=self.principal, at=self.at, companion=companion)


class ScreeningRechecksView(ScreeningAnswersView):
    """What is asked once more at the door."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Note what is new at the door, on the day of the appointment"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.MARK_ATTENDANCE}
    form = ScreeningRecheckSerializer

    def noted(self, visit: Appointment, answers: ScreeningAnswers, *, companion: int) -> ScreeningResponse:
        """Write down what is new: where nothing is, what they answered before still counts."""
        return arrivals.recheck(visit.public_id, answers, by=self.principal, at=self.at, companion=companion)


def _visit(view: ApiView, sent: dict[str, Any]) -> Appointment:
    """Return the appointment that is named; what is answered here tells how they stand. Raises Invalid, Forbidden."""
    return named_appointment(sent["appointment"], view.right, Action.SEE_SCREENING, by=view.principal)

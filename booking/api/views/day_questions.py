"""What is asked on the day of a therapy: the questions, what is answered at the door, and a clinician's word."""

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from booking.actions.screening.screening import ScreeningNotAsked
from booking.actions.suitability import day_questions
from booking.api.day_question_json import (
    DayAnswersSerializer,
    DayDecisionSerializer,
    DayQuerySerializer,
    DayQuestionsSerializer,
    DayStateSerializer,
    as_day_questions,
)
from booking.api.lookups import named_appointment
from booking.api.serializers import BookingProblemSerializer
from booking.models import Appointment
from booking.subjects import of_appointment
from booking.suitability.answers import read_answers
from booking.suitability.day_questions import DayQuestions
from core.api import StrictSerializer
from core.api.problem_responses import ProblemSerializer
from core.api.views import ApiView
from core.http.idempotency import Answer
from core.rights import Action, may


class DayQuestionsView(ApiView):
    """The questions of the day."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Read what is asked on the day of an appointment"}
    rights: ClassVar[dict[str, Action]] = {"GET": Action.ANSWER_SCREENING}
    query = DayQuerySerializer

    @extend_schema(responses=DayQuestionsSerializer)
    def get(self, request: Request) -> Response:
        """Answer with what is asked before somebody is checked in today, and how they stand."""
        by = self.principal
        visit = named_appointment(self.validated_query()["appointment"], self.right, by=by)
        found = day_questions.asked_today(visit, at=self.at)
        reads = may(by, Action.READ_SCREENING_ANSWERS, of_appointment(visit, by))
        shown = as_day_questions(found, appointment=visit.public_id, phone=visit.site.phone, reads=reads)
        return Response(DayQuestionsSerializer(shown).data)


class DayAnswersView(ApiView):
    """The answers to them."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Note what is answered on the day of an appointment"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.ANSWER_SCREENING}
    serializer_class = DayStateSerializer
    form: ClassVar[type[StrictSerializer]] = DayAnswersSerializer
    idempotent = "honoured"
    status: ClassVar[int] = 201
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = {409: BookingProblemSerializer}

    @extend_schema(responses={201: DayStateSerializer})
    def post(self, request: Request) -> Response:
        """Note what is answered at the door, and say how they stand by that. The same twice is once."""
        return self.once(self.made)

    def made(self) -> Answer:
        """Act, and answer with how they stand. Raises Invalid, Forbidden, and what is refused."""
        sent = self.validated_body()
        visit = named_appointment(sent["appointment"], self.right, by=self.principal)
        now = self.act(visit, sent)
        body = self.get_serializer({"appointment": visit.public_id, "state": now.state}).data
        return Answer(status=self.status, body=body, headers={})

    def act(self, visit: Appointment, sent: dict[str, Any]) -> DayQuestions:
        """Note the answers. Raises StaffOnly, Invalid, ScreeningNotAsked, ClinicianFirst."""
        found = day_questions.asked_today(visit, at=self.at)
        if found is None:
            raise ScreeningNotAsked
        captures = {key: tuple(parts) for key, parts in sent.get("captures", {}).items()}
        said = read_answers(found.judged.rules, sent["answers"], captures)
        return day_questions.answer(visit.public_id, said, by=self.principal, at=self.at)


class DayDecisionsView(DayAnswersView):
    """A clinician's word about them."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Let somebody be treated today whatever they answered"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.REVIEW}
    form = DayDecisionSerializer
    status = 200

    @extend_schema(responses={200: DayStateSerializer})
    def post(self, request: Request) -> Response:
        """Let them be treated today, by the word of a clinician of the site. Twice is the same as once."""
        return self.once(self.made)

    def act(self, visit: Appointment, sent: dict[str, Any]) -> DayQuestions:
        """Let them in. Raises AnswersOfClinicians, ScreeningNotAsked, HelpFirst."""
        return day_questions.let_in(visit.public_id, by=self.principal, at=self.at)

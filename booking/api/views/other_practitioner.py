"""A patient into whose appointment staff have put another practitioner would rather see somebody else."""

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from booking import queries
from booking.actions.practitioner_changes import decline
from booking.api.serializers import AppointmentSerializer
from booking.api.views.appointments import AppointmentView
from core.api.problem_responses import ProblemSerializer
from core.api.strict import StrictSerializer
from core.http.idempotency import Answer
from core.rights import Action


class OtherPractitionerSerializer(StrictSerializer):
    """Whom they would rather not see."""

    practitioner = serializers.UUIDField(help_text="Who sees them now, as they read it.")


class OtherPractitionerView(AppointmentView):
    """A practitioner whom staff put in is declined. The time stays the patient's, and they are called."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Say that one would rather see another practitioner"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.DECLINE_PRACTITIONER}
    form = OtherPractitionerSerializer
    idempotent = "honoured"
    conditional = True
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = {409: ProblemSerializer}

    @extend_schema(responses=AppointmentSerializer)
    def post(self, request: Request, **_: Any) -> Response:
        """Let staff call, to find something else; said twice, it is said once. The time stays theirs meanwhile."""
        return self.once(self.declined)

    def declined(self) -> Answer:
        """Note it. Raises Missing, Changed, Invalid, SomebodyElseNow, NothingToDecline."""
        visit = self.to_change()
        practitioner = str(self.validated_body()["practitioner"])
        return self.answer_with(queries.as_listed(decline(visit, practitioner=practitioner, at=self.at)))

"""Health answers that a clinician decides about."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from booking.actions.screening import screening_reviews
from booking.api.lookups import find_slot
from booking.api.review_json import (
    ReviewAct,
    ReviewDecisionSerializer,
    ReviewProblemSerializer,
    ReviewSerializer,
    ReviewsQuerySerializer,
    ReviewsSerializer,
    as_reviews,
)
from booking.models import Appointment, ScreeningResponse
from booking.screening.decided import decided_today
from booking.screening.review_times import CallWindow
from booking.screening.reviews import to_review
from core.api.problem_responses import ProblemSerializer
from core.api.views import ApiView
from core.http.idempotency import Answer
from core.models import Site
from core.refusals import Invalid
from core.rights import Action, sites_for


class ScreeningReviewsView(ApiView):
    """Health answers to decide about."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "List the health answers to decide about",
        "POST": "Decide about health answers",
    }
    rights: ClassVar[dict[str, Action]] = {"GET": Action.READ_SCREENING_ANSWERS, "POST": Action.REVIEW}
    serializer_class = ReviewSerializer
    query = ReviewsQuerySerializer
    form = ReviewDecisionSerializer
    idempotent = "honoured"
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = {409: ReviewProblemSerializer}

    @extend_schema(responses=ReviewsSerializer)
    def get(self, request: Request) -> Response:
        """Answer with what is to be decided at one's sites, whoever needs help first; and what was decided today."""
        sites = sites_for(self.principal, Action.READ_SCREENING_ANSWERS)
        if key := self.validated_query().get("site"):
            sites &= frozenset(Site.objects.filter(key=key).values_list("pk", flat=True))
        return Response(as_reviews(to_review(sites, at=self.at), decided_today(sites, at=self.at)))

    @extend_schema(responses={200: ReviewSerializer})
    def post(self, request: Request) -> Response:
        """Decide. The appointment itself stays as it is, and its patient is told by mail."""
        return self.once(self.decided)

    def decided(self) -> Answer:
        """Note the decision. Raises Invalid, ScreeningDecided, ScreeningDecisionStands, what holding a time does."""
        sent = self.validated_body()
        row = self._named(sent)
        key = row.public_id
        who: dict[str, Any] = {"by": self.principal, "at": self.at}
        act = ReviewAct(sent["act"])
        self._refuse_what_belongs_elsewhere(act, sent)
        if act is ReviewAct.CALL_FIRST:
            made = screening_reviews.ask(key, self._window(sent, row.appointment), **who)
        elif act is ReviewAct.STAY_AWAY:
            slot, day = self._slot(sent, row.appointment), sent.get("earliest_day")
            made = screening_reviews.decline(key, earliest_day=day, slot_id=slot, **who)
        elif act is ReviewAct.TAKE_BACK:
            made = screening_reviews.take_back(key, review=self._review(sent, row), **who)
        else:
            masked, talked = act is ReviewAct.APPROVE_MASKED, sent.get("talked", False)
            made = screening_reviews.approve(key, masked=masked, talked=talked, **who)
        return Answer(status=200, body=self.get_serializer(made).data, headers={})

    def _named(self, sent: dict[str, Any]) -> ScreeningResponse:
        """Return the answers that are named, of a site where they may be decided about. Raises Invalid."""
        rows = ScreeningResponse.objects.filter(appointment__site__in=sites_for(self.principal, Action.REVIEW))
        shown = ("patient", "practitioner", "site", "therapy")
        with_visit = rows.select_related(*(f"appointment__{one}" for one in shown))
        row = with_visit.filter(public_id=sent["answers"]).first()
        if row is None:
            raise Invalid(_("There are no such answers."), pointer="/answers")
        return row

    def _review(self, sent: dict[str, Any], row: ScreeningResponse) -> UUID | None:
        """Return the decision that was named, None where none was. Raises Invalid for one about other answers."""
        named: UUID | None = sent.get("review")
        if named is not None and not row.reviews.filter(public_id=named).exists():
            raise Invalid(_("There is no such decision about these answers."), pointer="/review")
        return named

    def _window(self, sent: dict[str, Any], visit: Appointment) -> CallWindow:
        """Return the hour that was sent, the next one where none was. Raises Invalid for half of one."""
        starts_at, ends_at = sent.get("call_starts_at"), sent.get("call_ends_at")
        if starts_at is None and ends_at is None:
            return screening_reviews.windows(visit, at=self.at)[0]
        if starts_at is None or ends_at is None:
            raise Invalid(_("Say both from when on and until when."), pointer="/call_starts_at")
        return CallWindow(starts_at=starts_at, ends_at=ends_at)

    def _slot(self, sent: dict[str, Any], visit: Appointment) -> str:
        """Return the time that was sent, once it is sure that there is such a one. Raises UnknownSlot, SlotTaken."""
        if "slot" not in sent:
            return ""
        by, who = self.principal, visit.patient
        return find_slot(sent["slot"], Action.REVIEW, moving=visit, patient=who, by=by, at=self.at).id

    def _refuse_what_belongs_elsewhere(self, act: ReviewAct, sent: dict[str, Any]) -> None:
        """Refuse what this decision has no use for: nobody believes it was heard. Raises Invalid."""
        belongs = {
            ReviewAct.CALL_FIRST: {"call_starts_at", "call_ends_at"},
            ReviewAct.STAY_AWAY: {"earliest_day", "slot"},
            ReviewAct.APPROVE: {"talked"},
            ReviewAct.APPROVE_MASKED: {"talked"},
            ReviewAct.TAKE_BACK: {"review"},
        }.get(act, set())
        for name in sorted(set(sent) - belongs - {"answers", "act"}):
            raise Invalid(_("This does not belong to this decision."), pointer=f"/{name}")

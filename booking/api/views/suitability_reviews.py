"""Requests that wait because of what somebody answered before booking: a clinician reads them and decides."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from booking.actions.suitability import suitability_requests, suitability_reviews
from booking.actions.suitability.review_answers import RequestChanged
from booking.actions.suitability.suitability_decisions import SuitabilityAct, is_done_already
from booking.api.suitability_review_json import (
    ListedRequests,
    SuitabilityDecidedSerializer,
    SuitabilityDecisionSerializer,
    SuitabilityReviewProblemSerializer,
    SuitabilityReviewsQuerySerializer,
    SuitabilityReviewsSerializer,
    as_reviews,
)
from booking.errors import MoveNotAllowed
from booking.models import Appointment
from booking.suitability.errors import WaitsForAnswers
from core.accounts.names import name_of
from core.api.problem_responses import ProblemSerializer
from core.api.views import ApiView
from core.database.transactions import one_reading
from core.http.idempotency import Answer
from core.models import Site
from core.refusals import Invalid
from core.rights import Action, sites_for

BELONGS = {
    SuitabilityAct.APPROVE: {"set_aside", "version", "stood", "mark"},
    SuitabilityAct.CLEAR: {"set_aside", "version", "stood", "mark", "ends_on", "all_therapies"},
    SuitabilityAct.ASK: {"version", "stood", "questions"},
    SuitabilityAct.DECLINE: {"version", "stood", "instead"},
    SuitabilityAct.TAKE_BACK: {"version"},
    SuitabilityAct.LOOKED_AT: {"set_aside", "mark"},
}


class SuitabilityReviewsView(ApiView):
    """What waits because of answers."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "List the requests that wait because of answers",
        "POST": "Decide about a request that waits because of answers",
    }
    rights: ClassVar[dict[str, Action]] = {"GET": Action.READ_SCREENING_ANSWERS, "POST": Action.REVIEW}
    serializer_class = SuitabilityDecidedSerializer
    query = SuitabilityReviewsQuerySerializer
    form = SuitabilityDecisionSerializer
    idempotent = "honoured"
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = {409: SuitabilityReviewProblemSerializer}

    @extend_schema(responses=SuitabilityReviewsSerializer)
    def get(self, request: Request) -> Response:
        """Answer with what waits at one's sites, what is booked and looked at again, and what was decided today."""
        sites = sites_for(self.principal, Action.READ_SCREENING_ANSWERS)
        if key := self.validated_query().get("site"):
            sites &= frozenset(Site.objects.filter(key=key).values_list("pk", flat=True))
        return Response(self._shown(sites))

    @one_reading
    def _shown(self, sites: frozenset[int]) -> Mapping[str, Any]:
        listed = ListedRequests(
            waiting=suitability_requests.waiting_requests(sites, at=self.at),
            asked=suitability_requests.asked_requests(sites, at=self.at),
            standing=suitability_requests.booked_visits(sites, at=self.at),
            approved=suitability_requests.approved_requests(sites, at=self.at),
            declined=suitability_requests.declined_requests(sites, at=self.at),
        )
        return as_reviews(listed, at=self.at)

    @extend_schema(responses={200: SuitabilityDecidedSerializer})
    def post(self, request: Request) -> Response:
        """Decide about a request as it was seen. The same twice by the same person is once."""
        return self.once(self.decided)

    def decided(self) -> Answer:
        """Decide. Raises Invalid, MoveNotAllowed, RequestChanged, and what the actions refuse."""
        sent = self.validated_body()
        visit, act = self._named(sent), SuitabilityAct(sent["act"])
        self._refuse_what_belongs_elsewhere(act, sent)
        try:
            self._make(act, visit, sent)
        except (MoveNotAllowed, RequestChanged, WaitsForAnswers) as refusal:
            what = {name: sent[name] for name in ("instead", "questions") if name in sent}
            if not is_done_already(visit, act, by=self.principal, **what):
                facts: dict[str, Any] = refusal.facts | _who_was_quicker(visit)
                raise type(refusal)(refusal.detail, **facts) from refusal
        visit.refresh_from_db(fields=["status", "version"])
        made = {"appointment": visit.public_id, "act": act, "status": visit.status, "version": visit.version}
        return Answer(status=200, body=self.get_serializer(made).data, headers={})

    def _make(self, act: SuitabilityAct, visit: Appointment, sent: dict[str, Any]) -> None:
        key, mark, why = visit.public_id, sent.get("mark"), sent.get("set_aside", "")
        who: dict[str, Any] = {"by": self.principal, "at": self.at}
        if act is SuitabilityAct.LOOKED_AT:
            suitability_reviews.looked_at(key, mark=mark, set_aside=why, **who)
            return
        if act is SuitabilityAct.TAKE_BACK:
            suitability_reviews.take_back(key, seen=sent["version"], **who)
            return
        who |= {"seen": sent["version"], "stood": sent.get("stood")}
        if act is SuitabilityAct.APPROVE:
            suitability_reviews.approve(key, mark=mark, set_aside=why, **who)
        elif act is SuitabilityAct.ASK:
            suitability_reviews.ask(key, sent.get("questions", []), **who)
        elif act is SuitabilityAct.DECLINE:
            suitability_reviews.decline(key, instead=sent.get("instead", ""), **who)
        else:
            ends_on, everywhere = sent.get("ends_on"), sent.get("all_therapies", False)
            suitability_reviews.approve_and_clear(
                key, mark=mark, set_aside=why, ends_on=ends_on, all_therapies=everywhere, **who
            )

    def _named(self, sent: dict[str, Any]) -> Appointment:
        """Return the appointment that is named, of a site where its requests may be decided about. Raises Invalid."""
        rows = Appointment.objects.filter(site__in=sites_for(self.principal, Action.REVIEW))
        visit = rows.select_related("patient", "site").filter(public_id=sent["appointment"]).first()
        if visit is None:
            raise Invalid(_("There is no such appointment."), pointer="/appointment")
        return visit

    def _refuse_what_belongs_elsewhere(self, act: SuitabilityAct, sent: dict[str, Any]) -> None:
        """Refuse what this decision has no use for, so that nobody believes it was heard, or lacks. Raises Invalid."""
        for name in sorted(set(sent) - BELONGS[act] - {"appointment", "act"}):
            raise Invalid(_("This does not belong to this decision."), pointer=f"/{name}")
        if "version" in BELONGS[act] and "version" not in sent:
            raise Invalid(_("Send the version that was looked at."), pointer="/version")


def _who_was_quicker(visit: Appointment) -> dict[str, str]:
    last = suitability_requests.last_change(visit)
    name = name_of(last.by) if last else ""
    return {"decided_by": name} if name else {}

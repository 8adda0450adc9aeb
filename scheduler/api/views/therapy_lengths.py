"""How long a therapy takes from a day on, over the wire: as its page at the desk changes it, and takes it back."""

from abc import abstractmethod
from datetime import datetime, time
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from core.database.transactions import rehearsal
from core.http.idempotency import Answer
from core.refusals import Invalid
from core.rights import Action, Subject
from scheduler.actions import plan_lengths
from scheduler.api import serializers
from scheduler.api.views.catalogue import TherapyView
from scheduler.api.views.edits import EditView, impact_on
from scheduler.models import Therapy, VisitPlan
from scheduler.sheets.edit_impact import Impact


class LengthsChangeView(TherapyView, EditView):
    """What both doors share: whoever sets up every site where it is given may, and no appointment is touched by it."""

    rights: ClassVar[dict[str, Action]] = {"POST": Action.EDIT_CATALOGUE}
    conditional = True

    def plan_of(self, therapy: Therapy, *, visit: str, technique: str) -> VisitPlan:
        """Return the newest plan of a kind of appointment. Raises Invalid."""
        plans = [one for one in therapy.plans.all() if (one.visit, one.technique) == (visit, technique)]
        if not plans:
            raise Invalid(_("This therapy has no such appointments."), pointer="/visit")
        return plans[-1]

    def changed(self) -> Answer:
        """Change how long it takes as the body says, or try it. Raises Missing, Forbidden, Invalid, Changed."""
        with rehearsal(only=self.acting["dry_run"]):
            therapy, sent = self.to_change(), self.validated_body()
            self.change(self.plan_of(therapy, visit=sent.pop("visit"), technique=sent.pop("technique")), **sent)
            # Read anew, with what has just become of its plans.
            return self.answer_with(Impact(row=self.get_object()))

    @abstractmethod
    def change(self, plan: VisitPlan, **sent: Any) -> None:
        """Change how long it takes. Raises Forbidden, Invalid."""


class LengthsView(LengthsChangeView):
    """Another while, from a day on."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Let a therapy take another while from a day on"}
    form = serializers.LengthsSerializer

    @extend_schema(responses=impact_on(serializers.TherapySerializer))
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """Set the minutes of each segment for what begins on that day or later; what is booked keeps its length."""
        return self.once(self.changed)

    def change(self, plan: VisitPlan, **sent: Any) -> None:
        """Let it take so long. What was to hold from a later day on is taken back by it."""
        site = self.site(sent["site"])
        self.allow(Subject(sites=frozenset({site.pk})))
        since = datetime.combine(sent["since"], time(), site.tz)
        plan_lengths.change_lengths(plan, sent["minutes"], since=since, by=self.principal, at=self.at)


class LengthsBackView(LengthsChangeView):
    """Not that while, after all."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Take back how long a therapy was to take"}
    form = serializers.PlanNamedSerializer

    @extend_schema(responses=impact_on(serializers.TherapySerializer))
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """Let it take as long as before, until the day from which the new length was to hold."""
        return self.once(self.changed)

    def change(self, plan: VisitPlan, **_sent: Any) -> None:
        """Take it back. Raises Invalid once it holds."""
        plan_lengths.take_back_lengths(plan, by=self.principal, at=self.at)

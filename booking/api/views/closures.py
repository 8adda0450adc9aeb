"""Closed appointments: who is inside a closure, telling them, and proposing other times to them."""

from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from booking import closures
from booking.actions import closures as actions
from booking.actions import proposals, requested_slots
from booking.api.closure_json import (
    ClosedAppointmentsSerializer,
    ClosedNoticeSerializer,
    ClosedQuerySerializer,
    ProposalSerializer,
    as_closed,
)
from booking.api.lookups import named_appointment
from booking.models import Appointment
from core.api.views import ApiView
from core.http.idempotency import Answer
from core.refusals import Invalid
from core.rights import Action, acting
from scheduler import public as scheduler


class ClosedAppointmentsView(ApiView):
    """The appointments inside closures."""

    summaries: ClassVar[dict[str, str]] = {"GET": "List the appointments inside the closures of a site"}
    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_CALENDAR}
    query = ClosedQuerySerializer

    @extend_schema(responses=ClosedAppointmentsSerializer)
    def get(self, request: Request) -> Response:
        """Answer with who is inside, and who was and chose another time, by closure and start."""
        sent = self.validated_query()
        site = next((one.id for one in scheduler.sites().values() if one.key == sent["site"]), None)
        if site is None:
            raise Invalid(errors=[{"parameter": "site", "detail": _("There is no such site.")}])
        visits = closures.visible(acting(self.principal, self.right), site)
        found: list[dict[str, Any]] = []
        ahead = scheduler.closed_ahead_at(site, at=self.at)
        for key in dict.fromkeys(one.key for one in ahead if sent.get("closure", one.key) == one.key):
            stretches = [one for one in ahead if one.key == key]
            found += as_closed(closures.closed_visits(stretches, visits, at=self.at), key)
        return Response(ClosedAppointmentsSerializer({"appointments": found}).data)


class ClosedNoticesView(ApiView):
    """What their patients are told."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Tell a patient that their appointment cannot take place"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.CLOSE}
    serializer_class = ClosedAppointmentsSerializer
    form = ClosedNoticeSerializer
    idempotent = "honoured"

    @extend_schema(responses={201: ClosedAppointmentsSerializer})
    def post(self, request: Request) -> Response:
        """Let a patient be told by mail, once; nothing is cancelled."""
        return self.once(self.made)

    def made(self) -> Answer:
        """Act, and answer with how the appointment stands. Raises Invalid, Forbidden, and what is refused."""
        sent = self.validated_body()
        visit = named_appointment(sent["appointment"], self.right, by=self.principal)
        self.act(visit, sent)
        return Answer(status=201, body=self.get_serializer({"appointments": self.state_of(visit)}).data, headers={})

    def act(self, visit: Appointment, sent: dict[str, Any]) -> None:
        """Let the patient be told. Raises NotClosed."""
        actions.tell(visit.public_id, by=self.principal, at=self.at)

    def state_of(self, visit: Appointment) -> list[dict[str, Any]]:
        """Return how an appointment stands inside what closes it."""
        closed = scheduler.closed_at(closures.key_of(visit))
        if closed is None:
            return []
        rows = closures.visible(self.principal, visit.site_id).filter(pk=visit.pk)
        return as_closed(closures.closed_visits([closed], rows, at=self.at), closed.key)


class ProposalsView(ClosedNoticesView):
    """What is proposed to them instead."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Propose another time for an appointment inside a closure"}
    form = ProposalSerializer

    @extend_schema(responses={201: ClosedAppointmentsSerializer})
    def post(self, request: Request) -> Response:
        """Keep another time for a patient, that one or the first that they can take, and ask them by mail."""
        return self.once(self.made)

    def act(self, visit: Appointment, sent: dict[str, Any]) -> None:
        """Propose a time. Raises NotClosed, TimeHeldAlready, NoTimeToPropose, and what holding a time refuses."""
        by, at = self.principal, self.at
        slot = requested_slots.slot_for(visit, sent["slot"], by=by, at=at) if "slot" in sent else None
        proposals.propose(visit.public_id, by=by, at=at, slot=slot)

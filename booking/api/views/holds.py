"""Time kept for a while: take, keep on, look at, give back. Everybody sees their own holds alone."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from booking import queries
from booking.actions import holds
from booking.api.lookups import find_appointment, find_patient, find_slot, therapy_hidden
from booking.api.place_needs import features_needed
from booking.api.serializers import BOOKING_PROBLEMS, HoldCreateSerializer, HoldSerializer
from booking.models import Hold
from booking.subjects import of_hold
from core.api.views import ApiView
from core.http.idempotency import Answer
from core.rights import Action, Subject


class HoldView(ApiView):
    """What views of holds share."""

    serializer_class = HoldSerializer
    id_description = "Id of a hold."

    def get_queryset(self) -> QuerySet[Hold]:
        """Return one's own holds, whatever one's role: another's is 404 to staff, too."""
        return queries.holds(self.principal)

    def subject_of(self, obj: Hold) -> Subject:
        """Return who made the hold."""
        return of_hold(obj)


class HoldCreateView(HoldView):
    """Keeping a time."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Hold a time for a while"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.HOLD}
    form = HoldCreateSerializer
    problems = BOOKING_PROBLEMS
    idempotent = "required"

    @extend_schema(responses={201: HoldSerializer})
    def post(self, request: Request) -> Response:
        """Keep a time until `expires_at`, which the clinic's policy sets."""
        return self.once(self.taken)

    def taken(self) -> Answer:
        """Keep what the body names. Raises Invalid, Forbidden, UnknownSlot and what holding refuses."""
        sent, by = self.validated_body(), self.principal
        moving = find_appointment(sent.get("moving"), by=by, pointer="/moving")
        patient = moving.patient if moving else find_patient(sent.get("patient"), by=by)
        why = sent.get("override_reason", "")
        asked = {"by": by, "at": self.at, "patient": patient, "moving": moving, "override_reason": why}
        with therapy_hidden(moving, by=by):
            slot = find_slot(sent["slot"], Action.HOLD, moving=moving, patient=patient, by=by, at=self.at)
            needs = features_needed(sent.get("needs", ""), [slot.site.id], at=self.at, where=("pointer", "/needs"))
            hold = holds.take(slot, needs=needs, **asked)
            shown = queries.hold(hold.public_id, by=by)  # with what it shows, in one query
            shown.moving = moving
            return self.answer_with(shown, status=201)


class HoldDetailView(HoldView):
    """A hold of one's own."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Read a hold of your own", "DELETE": "Release a hold"}
    rights: ClassVar[dict[str, Action]] = {"GET": Action.KEEP_HOLD, "DELETE": Action.KEEP_HOLD}
    conditional = True

    def get(self, request: Request, **_: Any) -> Response:
        """Answer with the hold; whether it still stands is told by `state` and `expires_at`."""
        return self.detail(self.get_object())

    @extend_schema(responses={204: None})
    def delete(self, request: Request, **_: Any) -> Response:
        """Give the time back. Doing it twice is the same as once."""
        self.as_seen(self.released)()
        return Response(status=204)

    def released(self) -> None:
        """Give the time back. Raises Missing."""
        holds.release(self.to_change().public_id, by=self.principal, at=self.at)


class HoldExtendView(HoldView):
    """Keeping a time for longer."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Extend a hold, from now for as long again"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.KEEP_HOLD}
    problems = BOOKING_PROBLEMS
    idempotent = "honoured"
    conditional = True

    @extend_schema(responses=HoldSerializer)
    def post(self, request: Request, **_: Any) -> Response:
        """Keep the time for as long again from now, as often as the clinic's policy says."""
        return self.once(self.extended)

    def extended(self) -> Answer:
        """Keep the time on. Raises Missing, HoldExpired."""
        hold = self.to_change()
        self.validated_body()
        with therapy_hidden(hold.moving, by=self.principal):
            return self.answer_with(holds.extend(hold.public_id, by=self.principal, at=self.at))

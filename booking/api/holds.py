"""Time kept for fifteen minutes: take, keep on, look at, give back. Everybody sees their own holds alone."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from booking import queries
from booking.actions import holds
from booking.api.asking import patient_named, slot_named, telling_no_purpose, visit_named
from booking.api.shapes import HoldForm, HoldSerializer
from booking.api.subjects import of_hold, of_slot
from booking.models import Hold
from core.api.doors import Door
from core.api.gate import require
from core.http.idempotency import Answer
from core.rights import Action, Subject
from scheduler import public as scheduler


class HoldDoor(Door):
    """What doors to holds share."""

    serializer_class = HoldSerializer

    def get_queryset(self) -> QuerySet[Hold]:
        """Return one's own holds."""
        return queries.holds(self.principal)

    def subject_of(self, obj: Hold) -> Subject:
        """Return who made the hold."""
        return of_hold(obj)

    def told(self, hold: Hold, *, status: int = 200) -> Answer:
        """Return the answer that shows a hold."""
        return Answer(status=status, body=self.get_serializer(hold).data)


class Holds(HoldDoor):
    """Keeping a time."""

    rights: ClassVar[dict[str, Action]] = {"POST": Action.HOLD}
    form = HoldForm
    idempotent = "required"

    @extend_schema(responses={201: HoldSerializer})
    def post(self, request: Request) -> Response:
        """Keep a time for fifteen minutes."""
        return self.once(self.taken)

    def taken(self) -> Answer:
        """Keep what the body names. Raises Invalid, Forbidden, UnknownSlot and what holding refuses."""
        sent, by = self.sent(), self.principal
        moving = visit_named(sent.get("moving"), by=by, pointer="/moving")
        patient = moving.patient if moving else patient_named(sent.get("patient"), by=by)
        why = sent.get("override_reason", "")
        asked = {"by": by, "at": self.at, "patient": patient, "moving": moving, "override_reason": why}
        with telling_no_purpose(moving, by=by):
            slot = slot_named(sent["slot"], moving, by=by) if moving else scheduler.slot(sent["slot"])
            require(by, Action.HOLD, of_slot(slot, patient, by), site=slot.site.key)
            return self.told(holds.take(slot.id, **asked), status=201)


class OneHold(HoldDoor):
    """A hold of one's own."""

    rights: ClassVar[dict[str, Action]] = {"GET": Action.KEEP_HOLD, "DELETE": Action.KEEP_HOLD}

    def get(self, request: Request, **_: Any) -> Response:
        """Answer with the hold; whether it still stands is told by `state` and `expires_at`."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, **_: Any) -> Response:
        """Give the time back. Doing it twice is the same as once."""
        hold = self.get_object()
        holds.release(hold.public_id, by=self.principal, at=self.at)
        return Response(status=204)


class ExtendHold(HoldDoor):
    """Keeping a time for longer."""

    rights: ClassVar[dict[str, Action]] = {"POST": Action.KEEP_HOLD}
    idempotent = "honoured"

    @extend_schema(responses=HoldSerializer)
    def post(self, request: Request, **_: Any) -> Response:
        """Keep the time for fifteen minutes from now; three times at most."""
        return self.once(self.extended)

    def extended(self) -> Answer:
        """Keep the time on. Raises Missing, HoldExpired."""
        hold = self.get_object()
        self.sent()
        with telling_no_purpose(hold.moving, by=self.principal):
            return self.told(holds.extend(hold.public_id, by=self.principal, at=self.at))

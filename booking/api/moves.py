"""What happens to an appointment: a door for each move of the life cycle."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from booking.actions.appointments import move
from booking.api.appointments import AppointmentDoor, tag_of
from booking.api.asking import hold_named, slot_named, telling_no_purpose
from booking.api.shapes import AppointmentSerializer, AwaitForm, CancelForm, RescheduleForm
from booking.api.subjects import of_slot
from booking.models import Appointment
from booking.status import Move
from core.api.etags import require_match
from core.api.gate import require
from core.http.idempotency import Answer
from core.rights import Action
from scheduler import public as scheduler


class MoveDoor(AppointmentDoor):
    """A move. `what` names it in the life cycle; the body holds what it needs to know."""

    what: ClassVar[Move]
    idempotent = "honoured"
    conditional = True

    @extend_schema(responses=AppointmentSerializer)
    def post(self, request: Request, **_: Any) -> Response:
        """Make the move, whole or not at all."""
        return self.once(self.moved)

    def moved(self) -> Answer:
        """Make the move that the body asks for. Raises Missing, Invalid, Forbidden and what moving refuses."""
        visit = self.get_object()
        with telling_no_purpose(visit, by=self.principal):
            return self.told(self.made(visit, self.details(visit, self.sent())))

    def details(self, visit: Appointment, sent: dict[str, Any]) -> dict[str, Any]:
        """Return what the move needs to know."""
        return sent

    def made(self, visit: Appointment, details: dict[str, Any]) -> Appointment:
        """Make the move on what the person has seen. Raises Changed."""
        seen = visit.version if require_match(self.request, tag_of(visit)) else None
        return move(visit.public_id, self.what, by=self.principal, at=self.at, if_version=seen, **details)


class Reschedule(MoveDoor):
    """Move a visit to another time: all of it, or nothing changes."""

    rights: ClassVar[dict[str, Action]] = {"POST": Action.MOVE}
    what = Move.RESCHEDULE
    form = RescheduleForm

    def details(self, visit: Appointment, sent: dict[str, Any]) -> dict[str, Any]:
        """Return the new time, once it is sure that it may be theirs."""
        hold = hold_named(sent.pop("hold", None), by=self.principal)
        slot_id = sent.pop("slot", None)
        slot = scheduler.slot(hold.slot) if hold else slot_named(slot_id, visit, by=self.principal)
        require(self.principal, Action.MOVE, of_slot(slot, visit.patient, self.principal), site=slot.site.key)
        return sent | {"hold_id": hold.public_id if hold else None, "slot_id": None if hold else slot.id}


class Cancel(MoveDoor):
    """Call a visit off, with a reason; for ten minutes it can be undone, unless the reason frees the time at once."""

    rights: ClassVar[dict[str, Action]] = {"POST": Action.CANCEL}
    what = Move.CANCEL
    form = CancelForm


class Undo(MoveDoor):
    """Undo a cancel within ten minutes, or, for staff, what was marked the same day."""

    rights: ClassVar[dict[str, Action]] = {"POST": Action.UNDO}
    what = Move.UNDO


class Approve(MoveDoor):
    """Book a proposed visit, as long as its time is kept."""

    rights: ClassVar[dict[str, Action]] = {"POST": Action.REVIEW}
    what = Move.APPROVE


class Decline(MoveDoor):
    """Call off a proposed visit after a check."""

    rights: ClassVar[dict[str, Action]] = {"POST": Action.REVIEW}
    what = Move.DECLINE


class Await(MoveDoor):
    """Let a visit wait for a document, and keep its time until then at most."""

    rights: ClassVar[dict[str, Action]] = {"POST": Action.HANDLE_PAPERS}
    what = Move.AWAIT
    form = AwaitForm


class Complete(MoveDoor):
    """Book a visit whose document has come."""

    rights: ClassVar[dict[str, Action]] = {"POST": Action.HANDLE_PAPERS}
    what = Move.COMPLETE


class Arrive(MoveDoor):
    """Note that the patient is there."""

    rights: ClassVar[dict[str, Action]] = {"POST": Action.MARK_ATTENDANCE}
    what = Move.ARRIVE


class CheckIn(MoveDoor):
    """Note that the patient is checked in."""

    rights: ClassVar[dict[str, Action]] = {"POST": Action.MARK_ATTENDANCE}
    what = Move.CHECK_IN


class Fulfil(MoveDoor):
    """Note that the visit is done."""

    rights: ClassVar[dict[str, Action]] = {"POST": Action.MARK_ATTENDANCE}
    what = Move.FULFIL


class NoShow(MoveDoor):
    """Note that the patient did not come; the time is given back."""

    rights: ClassVar[dict[str, Action]] = {"POST": Action.MARK_ATTENDANCE}
    what = Move.NO_SHOW


class EnterInError(MoveDoor):
    """Note that this was never a visit; its time is given back."""

    rights: ClassVar[dict[str, Action]] = {"POST": Action.CORRECT}
    what = Move.ENTER_IN_ERROR


DOORS: tuple[type[MoveDoor], ...] = (
    Reschedule, Cancel, Undo, Approve, Decline, Await, Complete, Arrive, CheckIn, Fulfil, NoShow, EnterInError,
)  # fmt: skip

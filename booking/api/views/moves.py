"""What happens to an appointment: a view for each move of the life cycle."""

import inspect
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from booking.actions.appointments import move
from booking.actions.families.linked_cancels import lock_all
from booking.api.length_json import ResizeSerializer
from booking.api.lookups import find_hold, find_place, find_slot, therapy_hidden
from booking.api.serializers import (
    BOOKING_PROBLEMS,
    AppointmentSerializer,
    AwaitSerializer,
    BookingProblemSerializer,
    CancelSerializer,
    CheckInSerializer,
    DeclineSerializer,
    ProposeSerializer,
    RescheduleSerializer,
)
from booking.api.views.appointments import AppointmentView
from booking.models import Appointment
from booking.status import Move
from booking.subjects import of_held_time
from core.api.permissions import require
from core.api.problem_responses import ProblemSerializer
from core.http.idempotency import Answer
from core.rights import Action


class MoveView(AppointmentView):
    """A move. `what` names it in the life cycle; the body holds what it needs to know."""

    what: ClassVar[Move]
    idempotent = "honoured"
    conditional = True
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = {409: BookingProblemSerializer}

    @extend_schema(responses=AppointmentSerializer)
    def post(self, request: Request, **_: Any) -> Response:
        """Make the move, whole or not at all."""
        return self.once(self.moved)

    def moved(self) -> Answer:
        """Make the move that the body asks for. Raises Missing, Changed, Invalid, Forbidden and what moving refuses."""
        visit = self.to_change()
        with therapy_hidden(visit, by=self.principal):
            details = self.details(visit, self.validated_body())
            return self.answer_with(move(visit.public_id, self.what, by=self.principal, at=self.at, **details))

    def lock(self, obj: Appointment) -> None:
        """Lock those first that were booked together with it and change with it, as the move does. Raises Missing."""
        lock_all(obj.public_id, self.what)
        super().lock(obj)

    def description_of(self, method: str) -> str:
        """Return what the move is."""
        return inspect.getdoc(type(self)) or ""

    def details(self, visit: Appointment, sent: dict[str, Any]) -> dict[str, Any]:
        """Return what the move needs to know."""
        return sent


class RescheduleView(MoveView):
    """Move an appointment to another time: all of it, or nothing changes."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Move an appointment to another time"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.MOVE}
    what = Move.RESCHEDULE
    form = RescheduleSerializer
    problems = BOOKING_PROBLEMS

    def details(self, visit: Appointment, sent: dict[str, Any]) -> dict[str, Any]:
        """Return the new time, once it is sure that it may be theirs."""
        by, hold = self.principal, find_hold(sent.pop("hold", None), by=self.principal)
        if hold:
            sent.pop("place", None)
            require(by, Action.MOVE, of_held_time(hold, visit.patient, by), site=hold.site.key)
            return sent | {"hold_id": hold.public_id}
        asked, place = sent.pop("slot"), sent.pop("place", None)
        slot = find_slot(asked, Action.MOVE, moving=visit, patient=visit.patient, by=by, at=self.at)
        return sent | {"slot": slot} | ({"place": find_place(place, slot)} if place else {})


class ResizeProblemSerializer(BookingProblemSerializer):
    """Why an appointment cannot be as long as that."""

    percent = serializers.IntegerField(
        required=False, help_text="Of the planned minutes of each part with hands, and of hands and rest together."
    )
    least = serializers.IntegerField(required=False, help_text="Minutes for which the patient is there at least.")


class ResizeView(MoveView):
    """Change how long an appointment takes, and what is claimed for it; refused where that time is not free.

    No part with hands is under the share of its planned minutes that the site's policy gives, sixty percent as a rule,
    and hands and rest together are not either. Rest alone gives way to one step of five minutes.
    """

    summaries: ClassVar[dict[str, str]] = {"POST": "Change how long an appointment takes"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.CHANGE_LENGTH}
    what = Move.RESIZE
    form = ResizeSerializer
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = {**BOOKING_PROBLEMS, 422: ResizeProblemSerializer}

    def details(self, visit: Appointment, sent: dict[str, Any]) -> dict[str, Any]:
        """Return how long it is to be."""
        return sent | {"late_by": timedelta(minutes=sent.pop("late_minutes", 0))}


class CancelView(MoveView):
    """Cancel an appointment, with a reason; until `undo_until` it can be undone, unless the reason frees the time."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Cancel an appointment"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.CANCEL}
    what = Move.CANCEL
    form = CancelSerializer


class UndoView(MoveView):
    """Undo a cancel until its `undo_until`, or, for staff, what was marked, declined, moved or let wait the same day.

    That somebody did not come is undone for as long as the policy says (`no_show.undo_hours`).
    The appointment is then as it was before. One that was moved goes back to its time if that is still free.
    """

    summaries: ClassVar[dict[str, str]] = {"POST": "Undo the last change of an appointment"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.UNDO}
    what = Move.UNDO


class ApproveView(MoveView):
    """Book a proposed appointment, as long as its time is kept."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Approve a proposed appointment"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.REVIEW}
    what = Move.APPROVE


class DeclineView(MoveView):
    """Call off a proposed appointment after a check, with a reason that the person is told."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Decline a proposed appointment"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.REVIEW}
    what = Move.DECLINE
    form = DeclineSerializer


class ProposeView(MoveView):
    """Offer another time to whoever asked for an appointment: it is kept for them until they answer."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Offer another time for a proposed appointment"}
    problems = BOOKING_PROBLEMS
    rights: ClassVar[dict[str, Action]] = {"POST": Action.REVIEW}
    what = Move.RESCHEDULE
    form = ProposeSerializer

    def details(self, visit: Appointment, sent: dict[str, Any]) -> dict[str, Any]:
        """Return the time, at a site where they look at requests."""
        by, asked = self.principal, sent["slot"]
        slot = find_slot(asked, Action.REVIEW, moving=visit, patient=visit.patient, by=by, at=self.at)
        return {"slot": slot, "propose": True}


class AwaitView(MoveView):
    """Let an appointment wait for a document, and keep its time until then at most."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Let an appointment wait for a document"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.HANDLE_PAPERS}
    what = Move.AWAIT
    form = AwaitSerializer


class CompleteView(MoveView):
    """Book an appointment whose document has come, or, as a clinician, one whose patient was asked again by link."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Book an appointment whose document has come"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.HANDLE_PAPERS}
    what = Move.COMPLETE


class ArriveView(MoveView):
    """Note that the patient is there."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Mark a patient as arrived"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.MARK_ATTENDANCE}
    what = Move.ARRIVE


class CheckInView(MoveView):
    """Note that the patient is checked in."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Check a patient in"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.MARK_ATTENDANCE}
    what = Move.CHECK_IN
    form = CheckInSerializer


class StartView(MoveView):
    """Note that the patient, who is checked in, is treated from now on; more than an hour early it is asked once."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Mark an appointment as begun"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.MARK_ATTENDANCE}
    what = Move.START
    form = CheckInSerializer


class FulfilView(MoveView):
    """Note that the appointment is done."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Mark an appointment as done"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.MARK_ATTENDANCE}
    what = Move.FULFIL


class NoShowView(MoveView):
    """Note that the patient did not come; the time is given back."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Mark a patient as not having come"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.MARK_ATTENDANCE}
    what = Move.NO_SHOW


class EnterInErrorView(MoveView):
    """Note that this was never an appointment; its time is given back."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Mark an appointment as entered in error"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.CORRECT}
    what = Move.ENTER_IN_ERROR


MOVE_VIEWS: tuple[type[MoveView], ...] = (
    RescheduleView,
    ResizeView,
    CancelView,
    UndoView,
    ApproveView,
    DeclineView,
    AwaitView,
    CompleteView,
    ArriveView,
    CheckInView,
    StartView,
    FulfilView,
    NoShowView,
    EnterInErrorView,
)

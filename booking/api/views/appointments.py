"""Appointments: book, list, look at. What happens to them afterwards is in `moves`."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from booking import queries
from booking.actions import appointments, notes
from booking.api.filters import AppointmentFilter
from booking.api.lookups import find_appointment, find_hold, find_slot, find_whom
from booking.api.serializers import (
    BOOKING_PROBLEMS,
    HIDDEN_FACTS,
    AppointmentCreateSerializer,
    AppointmentSerializer,
    ChangeSerializer,
    NoteSerializer,
    hidden_fields,
)
from booking.api.suitability_json import read_sent
from booking.models import Appointment, Change
from booking.subjects import PROGRAM_FACTS, of_appointment, of_held_time
from core.api.permissions import require
from core.api.views import ApiListView, ApiView, respond
from core.http.idempotency import Answer
from core.rights import Action, Subject, acting, may_ever
from core.roles import Role

BY_PERSON = "patient"
"""The parameter that asks for the visits of one person."""


class AppointmentView(ApiView):
    """What views of appointments share."""

    serializer_class: type[BaseSerializer[Any]] = AppointmentSerializer
    id_description = "Id of an appointment."

    def get_queryset(self) -> QuerySet[Appointment]:
        """Return the appointments that this role may do this to."""
        rows = queries.appointments(acting(self.principal, self.right))
        return rows.prefetch_related(*PROGRAM_FACTS) if self.principal.has(Role.PROGRAM) else rows

    def subject_of(self, obj: Appointment) -> Subject:
        """Return what the rights table asks; reads nothing more of what `get_queryset` returns."""
        return of_appointment(obj, self.principal)


class AppointmentListView(AppointmentView, ApiListView):
    """The appointments that may be seen, by time; and booking."""

    summaries: ClassVar[dict[str, str]] = {"GET": "List appointments", "POST": "Book an appointment"}
    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_APPOINTMENT, "POST": Action.BOOK}
    filterset_class = AppointmentFilter
    form = AppointmentCreateSerializer
    problems = BOOKING_PROBLEMS
    idempotent = "required"

    @extend_schema(responses={201: AppointmentSerializer})
    def post(self, request: Request) -> Response:
        """Book a held or a free time."""
        return self.once(self.made)

    def made(self) -> Answer:
        """Book what the body names. Raises Invalid, Forbidden and what booking refuses."""
        sent, by, at = self.validated_body(), self.principal, self.at
        hold, asked = find_hold(sent.pop("hold", None), by=by), sent.pop("slot", None)
        patient, slot = find_whom(sent.pop("patient", None), hold, by=by), None
        # Looked up for its refusal alone: whoever may not see it hears the same as of one that is not there.
        find_appointment(sent.get("replaces"), by=by, pointer="/replaces")
        if hold:
            require(by, Action.BOOK, of_held_time(hold, patient, by), site=hold.site.key)
            held, site_id = hold.public_id, hold.site_id
        else:
            slot = find_slot(asked, Action.BOOK, moving=None, patient=patient, by=by, at=at)
            held, site_id = None, slot.site.id
        sent["answers"] = read_sent(sent, site_id=site_id, at=at)
        visit = appointments.book(patient=patient, by=by, at=at, slot=slot, hold_id=held, **sent)
        return self.answer_with(queries.as_listed(visit), status=201)

    def parameters(self) -> set[str]:
        """Return the parameters: whose appointments they are is asked by those alone who may see names."""
        # Asked by person, a list tells whose its visits are: a parameter like any other that is unknown to whoever may
        # not.
        return super().parameters() - (set() if may_ever(self.principal, Action.SEE_NAMES) else {BY_PERSON})

    def get_queryset(self) -> QuerySet[Appointment]:
        """Return the appointments that may be seen; asked for by person, those whose names may be."""
        if BY_PERSON not in self.request.query_params:
            return super().get_queryset()
        return queries.appointments(acting(acting(self.principal, self.right), Action.SEE_NAMES))


class AppointmentDetailView(AppointmentView):
    """An appointment."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Read an appointment", "PATCH": "Write the note of an appointment"}
    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_APPOINTMENT, "PATCH": Action.WRITE_NOTE}
    conditional = True
    form = NoteSerializer

    def get(self, request: Request, **_: Any) -> Response:
        """Answer with the appointment and its ETag; 304 to whoever has it already."""
        return self.detail(self.get_object())

    @extend_schema(responses=AppointmentSerializer)
    def patch(self, request: Request, **_: Any) -> Response:
        """Write the note of an appointment: neutral, never clinical. All else of it changes by its moves."""
        return respond(self.as_seen(self.noted)())

    def noted(self) -> Answer:
        """Write the note that the body gives. Raises Missing, Changed, Invalid."""
        visit, given = self.to_change(), self.validated_body()
        if "note" in given:
            visit = queries.as_listed(notes.write(visit.public_id, note=given["note"], by=self.principal, at=self.at))
        return self.answer_with(visit)


class AppointmentChangesView(AppointmentView, ListModelMixin):
    """What was done to an appointment, oldest first."""

    summaries: ClassVar[dict[str, str]] = {"GET": "List the changes of an appointment, oldest first"}
    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_CHANGES}
    serializer_class = ChangeSerializer

    @extend_schema(operation_id="appointments_changes_list", responses=ChangeSerializer(many=True))
    def get(self, request: Request, **_: Any) -> Response:
        """Answer with a page of the history."""
        visit = self.get_object()
        rows: QuerySet[Change] = queries.changes(visit.public_id, by=acting(self.principal, self.right))
        page = self.paginate_queryset(rows)
        context = {**self.get_serializer_context(), "hidden": hidden_fields(HIDDEN_FACTS, visit, self.principal)}
        return self.get_paginated_response(ChangeSerializer(page, many=True, context=context).data)

"""In which programs patients take part: read, begun, changed and ended."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from booking.actions.patients import enrolments
from booking.actions.patients.person_locks import lock_patient
from booking.api.enrolment_json import (
    EnrolmentCreateSerializer,
    EnrolmentProblemSerializer,
    EnrolmentSerializer,
    EnrolmentUpdateSerializer,
)
from booking.api.patient_serializers import MergedProblemSerializer
from booking.api.views.patients import OnePatientView
from booking.models import Enrolment
from core.api.permissions import require
from core.api.problem_responses import ProblemSerializer
from core.api.views import ApiView, respond
from core.http.idempotency import Answer
from core.models import Site
from core.principal import Principal
from core.refusals import Invalid
from core.rights import Action, Subject, acting, sites_for


def enrolments_seen(by: Principal, right: Action) -> QuerySet[Enrolment]:
    """Return the enrolments that somebody may do this to: their own, and those at sites where it is their right."""
    at_sites = Q(site__in=sites_for(by, right))
    own = Q(patient__user=by.user_id, patient__user__isnull=False)
    return Enrolment.objects.visible_to(acting(by, right)).filter(own | at_sites).select_related("patient", "site")


def site_named(key: str) -> Site:
    """Return the site in use that a body names. Raises Invalid."""
    site = Site.objects.filter(key=key, active=True).first()
    if site is None:
        raise Invalid(_("There is no such site."), pointer="/site")
    return site


class PatientEnrolmentsView(OnePatientView):
    """The enrolments of one patient."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "List the programs that a patient takes part in",
        "POST": "Enrol a patient in a program",
    }
    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_ENROLMENTS, "POST": Action.ENROL}
    serializer_class = EnrolmentSerializer  # type: ignore[assignment]
    form = EnrolmentCreateSerializer
    idempotent = "honoured"
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = {
        409: EnrolmentProblemSerializer,
        410: MergedProblemSerializer,
    }

    def parameters(self) -> set[str]:
        """Return the parameters: what is listed comes in pages."""
        return super().parameters() | ({"page", "page_size"} if self.request.method in {"GET", "HEAD"} else set())

    @extend_schema(operation_id="patients_enrolments_list", responses={200: EnrolmentSerializer(many=True)})
    def get(self, request: Request, **_kwargs: Any) -> Response:
        """Answer with a page of them, also of those that have ended."""
        rows = enrolments_seen(self.principal, self.right).filter(patient=self.get_object()).order_by("program", "pk")
        return self.get_paginated_response(self.get_serializer(self.paginate_queryset(rows), many=True).data)

    @extend_schema(responses={201: EnrolmentSerializer})
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """Enrol them at a site, until a day or without an end. The same twice is once."""
        return self.once(self.enrolled)

    def enrolled(self) -> Answer:
        """Enrol them. Raises Missing, Invalid, Forbidden, AlreadyEnrolled."""
        patient, sent = self.get_object(), self.validated_body()
        site = site_named(sent["site"])
        here = frozenset({site.pk})
        require(self.principal, self.right, Subject(sites=here, programs=here), site=site.key)
        row = enrolments.enrol(patient, **sent | {"site": site}, by=self.principal, at=self.at)
        return self.answer_with(row, status=201)

    def address_of(self, obj: Any, *, status: int) -> dict[str, str]:
        """Return where the enrolment is: it has an address of its own."""
        return {"Location": self.request.build_absolute_uri(f"/api/v1/enrolments/{obj.public_id}/")}


class EnrolmentView(ApiView):
    """One enrolment."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "Read an enrolment",
        "PATCH": "Change the day on which an enrolment ends",
        "DELETE": "End an enrolment now",
    }
    rights: ClassVar[dict[str, Action]] = {
        "GET": Action.SEE_ENROLMENTS,
        "PATCH": Action.ENROL,
        "DELETE": Action.ENROL,
    }
    serializer_class = EnrolmentSerializer
    form = EnrolmentUpdateSerializer
    id_description = "Id of an enrolment."
    conditional = True

    def get_queryset(self) -> QuerySet[Enrolment]:
        """Return the enrolments that this role may do this to."""
        return enrolments_seen(self.principal, self.right)

    def subject_of(self, obj: Enrolment) -> Subject:
        """Return what the rights table asks: where it is, and whose."""
        here = frozenset({obj.site_id})
        return Subject(sites=here, owner=obj.patient.user_id, programs=here)

    def get(self, request: Request, **_kwargs: Any) -> Response:
        """Answer with it, also when it has ended."""
        return self.detail(self.get_object())

    def patch(self, request: Request, **_kwargs: Any) -> Response:
        """Let it end on another day, or never; one that has ended may go on."""
        return respond(self.as_seen(self.changed)())

    def changed(self) -> Answer:
        """Change its end. Raises Missing, Changed, Invalid."""
        row, sent = self.to_change(), self.validated_body()
        if "ends_on" not in sent:
            return self.answer_with(row)
        return self.answer_with(enrolments.change_end(row, **sent, by=self.principal, at=self.at))

    @extend_schema(responses={204: None})
    def delete(self, request: Request, **_kwargs: Any) -> Response:
        """End it at once: from now on it counts for nothing. Doing it twice is the same as once."""
        self.as_seen(self.ended)()
        return Response(status=204)

    def ended(self) -> None:
        """End it. Raises Missing, Changed."""
        enrolments.end(self.to_change(), by=self.principal, at=self.at)

    def lock(self, obj: Enrolment) -> None:
        """Lock the record first, as the change does. Raises MergedInto."""
        lock_patient(obj.patient)

"""Records of patients: staff make and find them, people see and keep up their own."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from booking import patient_search, queries
from booking.actions import patients
from booking.api.serializers import (
    PatientCreateSerializer,
    PatientSearchSerializer,
    PatientSerializer,
    PatientUpdateSerializer,
)
from booking.api.subjects import of_patient
from booking.models import Patient
from core.api.permissions import require
from core.api.views import ApiView
from core.http.idempotency import Answer
from core.models import Site
from core.refusals import Invalid
from core.rights import Action, Subject, acting


class PatientView(ApiView):
    """What views of records share."""

    serializer_class = PatientSerializer

    def get_queryset(self) -> QuerySet[Patient]:
        """Return the records that this role may do this to."""
        return queries.patients(acting(self.principal, self.right))

    def subject_of(self, obj: Patient) -> Subject:
        """Return what the rights table asks of a record, in one query."""
        used = list(obj.appointments.order_by().values_list("site_id", "practitioner__user_id").distinct())
        sites = frozenset({obj.site_id, *(site for site, _user in used)})
        treated_by = frozenset(user for _site, user in used)
        return of_patient(obj, self.principal, sites=sites, practitioners=treated_by)

    def answer_with(self, patient: Patient, *, status: int = 200) -> Answer:
        """Return the answer that shows a record."""
        return Answer(status=status, body=self.get_serializer(patient).data)


class PatientCreateView(PatientView):
    """Making a record."""

    rights: ClassVar[dict[str, Action]] = {"POST": Action.REGISTER_PATIENT}
    form = PatientCreateSerializer
    idempotent = "honoured"

    @extend_schema(responses={201: PatientSerializer})
    def post(self, request: Request) -> Response:
        """Make a record at a site."""
        return self.once(self.made)

    def made(self) -> Answer:
        """Make the record. Raises Invalid, Forbidden."""
        sent = self.validated_body()
        site = Site.objects.filter(key=sent.pop("site"), active=True).first()
        if site is None:
            raise Invalid(_("There is no such site."), pointer="/site")
        require(self.principal, self.right, Subject(sites=frozenset({site.pk})), site=site.key)
        asked = sent | {"site": site, "by": self.principal, "at": self.at}
        return self.answer_with(patients.register(**asked), status=201)


class PatientSearchView(PatientView):
    """Finding records. Nothing is changed, so no key is needed."""

    rights: ClassVar[dict[str, Action]] = {"POST": Action.SEARCH_PATIENTS}
    form = PatientSearchSerializer

    def parameters(self) -> set[str]:
        """Return the parameters: what is found comes in pages."""
        return super().parameters() | {"page", "page_size"}

    @extend_schema(operation_id="patients_search", responses={200: PatientSerializer(many=True)})
    def post(self, request: Request) -> Response:
        """Answer with a page of the records that the text means: by name, birth date, contact or reference."""
        page = self.paginate_queryset(patient_search.search(self.get_queryset(), self.validated_body()["search"]))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class PatientDetailView(PatientView):
    """A record."""

    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_PATIENT, "PATCH": Action.EDIT_PATIENT}
    form = PatientUpdateSerializer

    def get(self, request: Request, **_: Any) -> Response:
        """Answer with the record."""
        return Response(self.get_serializer(self.get_object()).data)

    def patch(self, request: Request, **_: Any) -> Response:
        """Change how the person is reached, and their language."""
        patient = self.get_object()
        changed = patients.change(patient, by=self.principal, at=self.at, **self.validated_body())
        return Response(self.get_serializer(changed).data)

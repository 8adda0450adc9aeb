"""What clinicians of a site write down of whoever asks for an appointment there: blood counts, and clearances."""

from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from booking.actions.suitability import clearances, suitability_reviews
from booking.api.lookups import named_appointment
from booking.api.suitability_count_json import CountsSerializer, EnteredCountsSerializer
from booking.api.suitability_review_json import ClearanceSerializer, CountSerializer
from booking.models import Appointment, Clearance, LabKind, LabValue
from core.api.views import ApiView
from core.http.idempotency import Answer
from core.rights import Action, Scope, Subject, reaching, sites_for


class SuitabilityCountsView(ApiView):
    """Counts that are entered."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Enter blood counts of a patient"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.REVIEW}
    serializer_class = EnteredCountsSerializer
    form = CountsSerializer
    idempotent = "honoured"

    @extend_schema(responses={200: EnteredCountsSerializer})
    def post(self, request: Request) -> Response:
        """Write counts down, and look again at what they matter for. The same twice is once."""
        return self.once(self.entered)

    def entered(self) -> Answer:
        """Write them down. Raises Invalid, StaffOnly."""
        sent = self.validated_body()
        visit = named_appointment(sent["appointment"], self.right, by=self.principal)
        counts = {kind: sent[kind.value] for kind in LabKind if kind.value in sent}
        made = suitability_reviews.enter_counts(
            visit.public_id, counts, taken_on=sent["taken_on"], by=self.principal, at=self.at
        )
        body = self.get_serializer({"appointment": visit.public_id, "counts": list(made)}).data
        return Answer(status=200, body=body, headers={})


class KnownOfPatientView(ApiView):
    """One thing that staff have written down of a patient, and can withdraw: it stays, and counts no more."""

    rights: ClassVar[dict[str, Action]] = {"GET": Action.READ_SCREENING_ANSWERS, "DELETE": Action.REVIEW}
    model: ClassVar[type[LabValue | Clearance]]
    withdraw: ClassVar[Callable[..., object]]
    """Withdraws one (its id) as known of an appointment's patient (its id)."""
    conditional = True

    def get_queryset(self) -> QuerySet[LabValue | Clearance]:
        """Return what is known of whoever has an appointment at a site where this is one's right; and of oneself."""
        mine = self.principal.has(*reaching(self.right, Scope.OWN))
        own = Q(patient__user=self.principal.user_id, patient__user__isnull=False) if mine else Q(pk=None)
        rows: QuerySet[LabValue | Clearance] = self.model.objects.select_related("patient")
        return rows.filter(own | Exists(self._visits(OuterRef("patient"))))

    def subject_of(self, obj: LabValue | Clearance) -> Subject:
        """Return what the rights table asks: where they have appointments, and of whom it is."""
        sites = Appointment.objects.filter(patient=obj.patient_id).values_list("site", flat=True)
        return Subject(sites=frozenset(sites), owner=obj.patient.user_id)

    def get(self, request: Request, **_: Any) -> Response:
        """Answer with it, also when it was withdrawn."""
        return self.detail(self.get_object())

    @extend_schema(responses={204: None})
    def delete(self, request: Request, **_: Any) -> Response:
        """Let it count no more; what was booked by it is looked at again. Doing it twice is the same as once."""
        self.as_seen(self.withdrawn)()
        return Response(status=204)

    def withdrawn(self) -> None:
        """Withdraw it. Raises Missing, Changed, StaffOnly."""
        known = self.to_change()
        self.withdraw(self._visit(known), known.public_id, by=self.principal, at=self.at)

    def lock(self, obj: LabValue | Clearance) -> None:
        """Lock an appointment of theirs, and who it is of, as the withdrawal does."""
        suitability_reviews.lock_to_withdraw(self._visit(obj), by=self.principal)

    def _visits(self, patient: Any) -> QuerySet[Appointment]:
        return Appointment.objects.filter(patient=patient, site__in=sites_for(self.principal, self.right))

    def _visit(self, known: LabValue | Clearance) -> UUID:
        visit: UUID = self._visits(known.patient_id).values_list("public_id", flat=True).latest("period")
        return visit


class SuitabilityCountView(KnownOfPatientView):
    """One blood count."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Read a blood count", "DELETE": "Withdraw a blood count"}
    serializer_class = CountSerializer
    id_description = "Id of a blood count."
    model = LabValue
    withdraw = staticmethod(suitability_reviews.withdraw_count)


class SuitabilityClearanceView(KnownOfPatientView):
    """One clearance."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Read a clearance", "DELETE": "Withdraw a clearance"}
    serializer_class = ClearanceSerializer
    id_description = "Id of a clearance."
    model = Clearance
    withdraw = staticmethod(clearances.withdraw)

"""Referrals that programs ask for: read, entered and withdrawn."""

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from booking.actions.patients import referrals
from booking.actions.patients.person_locks import lock_patient
from booking.api.referral_json import ReferralCreateSerializer, ReferralSerializer
from booking.api.views.enrolments import site_named
from booking.api.views.patients import OnePatientView
from booking.models import Referral
from core.api.permissions import require
from core.api.views import ApiView
from core.http.idempotency import Answer
from core.principal import Principal
from core.rights import Action, Subject, acting, sites_for


def referrals_seen(by: Principal, right: Action) -> QuerySet[Referral]:
    """Return the referrals that somebody may do this to: their own, and those at sites where it is their right."""
    at_sites = Q(site__in=sites_for(by, right))
    own = Q(patient__user=by.user_id, patient__user__isnull=False)
    return Referral.objects.visible_to(acting(by, right)).filter(own | at_sites).select_related("patient", "site")


class PatientReferralsView(OnePatientView):
    """The referrals of one patient."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "List the referrals of a patient",
        "POST": "Enter a referral, and book what waits for it",
    }
    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_REFERRALS, "POST": Action.ENTER_REFERRAL}
    serializer_class = ReferralSerializer  # type: ignore[assignment]
    form = ReferralCreateSerializer
    idempotent = "honoured"

    def parameters(self) -> set[str]:
        """Return the parameters: what is listed comes in pages."""
        return super().parameters() | ({"page", "page_size"} if self.request.method in {"GET", "HEAD"} else set())

    @extend_schema(operation_id="patients_referrals_list", responses={200: ReferralSerializer(many=True)})
    def get(self, request: Request, **_kwargs: Any) -> Response:
        """Answer with a page of them, the newest first, also of those that are used up or withdrawn."""
        rows = referrals_seen(self.principal, self.right).filter(patient=self.get_object()).order_by("-pk")
        return self.get_paginated_response(self.get_serializer(self.paginate_queryset(rows), many=True).data)

    @extend_schema(responses={201: ReferralSerializer})
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """Enter what stands on the paper. Appointments that wait for it are booked, the soonest first."""
        return self.once(self.entered)

    def entered(self) -> Answer:
        """Enter it. Raises Missing, Invalid, Forbidden."""
        patient, sent = self.get_object(), self.validated_body()
        site = site_named(sent["site"])
        here = frozenset({site.pk})
        require(self.principal, self.right, Subject(sites=here, programs=here), site=site.key)
        row = referrals.enter(patient, **sent | {"site": site}, by=self.principal, at=self.at)
        return self.answer_with(row, status=201)

    def address_of(self, obj: Any, *, status: int) -> dict[str, str]:
        """Return where the referral is: it has an address of its own."""
        return {"Location": self.request.build_absolute_uri(f"/api/v1/referrals/{obj.public_id}/")}


class ReferralView(ApiView):
    """One referral."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Read a referral", "DELETE": "Withdraw a referral"}
    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_REFERRALS, "DELETE": Action.ENTER_REFERRAL}
    serializer_class = ReferralSerializer
    id_description = "Id of a referral."
    conditional = True

    def get_queryset(self) -> QuerySet[Referral]:
        """Return the referrals that this role may do this to."""
        return referrals_seen(self.principal, self.right)

    def subject_of(self, obj: Referral) -> Subject:
        """Return what the rights table asks: where it is, and whose."""
        here = frozenset({obj.site_id})
        return Subject(sites=here, owner=obj.patient.user_id, programs=here)

    def get(self, request: Request, **_kwargs: Any) -> Response:
        """Answer with it, also when it was withdrawn."""
        return self.detail(self.get_object())

    @extend_schema(responses={204: None})
    def delete(self, request: Request, **_kwargs: Any) -> Response:
        """Let nothing more be booked by it; what is booked stands. Doing it twice is the same as once."""
        self.as_seen(self.withdrawn)()
        return Response(status=204)

    def withdrawn(self) -> None:
        """Withdraw it. Raises Missing, Changed."""
        referrals.revoke(self.to_change(), by=self.principal, at=self.at)

    def lock(self, obj: Referral) -> None:
        """Lock the record first, as the change does. Raises MergedInto."""
        lock_patient(obj.patient)

"""The waiting list: who waits for a time to open, put on it, taken off it, and what is offered accepted or declined."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from booking.actions.waiting import answering, list_entries
from booking.api.lookups import find_appointment, find_patient
from booking.api.place_needs import features_needed
from booking.api.serializers import BOOKING_PROBLEMS
from booking.api.views.enrolments import site_named
from booking.api.waiting_list_json import OfferAnswerSerializer, WaitingEntryCreateSerializer, WaitingEntrySerializer
from booking.models import Appointment, Patient, WaitingListEntry
from booking.status import OCCUPYING
from booking.subjects import PROGRAM_FACTS, of_waiting, of_who_would_wait
from booking.waiting.errors import OfferOver
from booking.waiting.status import EntryAct, EntryStatus
from core.api.filters import ChoicesFilter
from core.api.permissions import require
from core.api.problem_responses import ProblemSerializer
from core.api.views import ApiListView, ApiView
from core.http.idempotency import Answer
from core.principal import Principal
from core.refusals import Invalid
from core.rights import Action, Subject, acting
from core.roles import Role
from scheduler import public as scheduler


class WaitingListFilter(django_filters.FilterSet):  # type: ignore[misc]  # comes without types
    """Entries by place, person and how they stand."""

    site = django_filters.CharFilter("site__key", help_text="Key of a site.")
    patient = django_filters.UUIDFilter("patient__public_id", help_text="Id of a patient.")
    status = ChoicesFilter(choices=EntryStatus.choices, help_text="One of these, separated by commas.")

    class Meta:
        model = WaitingListEntry
        fields = ["site", "patient", "status"]


class WaitingListView(ApiView):
    """What views of the waiting list share."""

    serializer_class = WaitingEntrySerializer
    id_description = "Id of an entry of the waiting list."

    def get_queryset(self) -> QuerySet[WaitingListEntry]:
        """Return the entries that this role may do this to, with all that is shown of each."""
        rows = WaitingListEntry.objects.visible_to(acting(self.principal, self.right))
        more = PROGRAM_FACTS if self.principal.has(Role.PROGRAM) else ()
        shown = ("offers__hold__practitioner", "offers__appointment", *more)
        return rows.select_related(*list_entries.READ).prefetch_related(*shown).order_by("waiting_since", "pk")

    def subject_of(self, obj: WaitingListEntry) -> Subject:
        """Return what the rights table asks of an entry."""
        return of_waiting(obj, self.principal)

    def lock(self, obj: WaitingListEntry) -> None:
        """Lock what is kept for them first, as answering does."""
        list_entries.lock_with_offer(obj)


class WaitingEntriesView(WaitingListView, ApiListView):
    """Who waits, whoever has waited longest first; and putting somebody on the list."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "List who waits for a time to open",
        "POST": "Put somebody on the waiting list",
    }
    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_WAITING_LIST, "POST": Action.KEEP_WAITING_LIST}
    filterset_class = WaitingListFilter
    form = WaitingEntryCreateSerializer
    idempotent = "honoured"

    @extend_schema(responses={201: WaitingEntrySerializer})
    def post(self, request: Request) -> Response:
        """Let somebody wait: they are offered times that suit them, by mail or by a call."""
        return self.once(self.made)

    def made(self) -> Answer:
        """Put them on the list. Raises Invalid, Forbidden, NotOffered, OnTheListAlready."""
        sent, by = self.validated_body(), self.principal
        site, patient = site_named(sent["site"]), _whom(sent.pop("patient", None), by=by)
        require(by, self.right, of_who_would_wait(patient, site.pk, by), site=site.key)
        later = find_appointment(sent.pop("instead_of", None), by=acting(by, Action.MOVE), pointer="/instead_of")
        _check(sent, site.pk, patient, later, by=by)
        needs = features_needed(sent.get("needs", ""), [site.pk], at=self.at, where=("pointer", "/needs"))
        asked = WaitingEntryCreateSerializer().preferences(sent, site=site, needs=tuple(sorted(needs)))
        entry = list_entries.join(asked, patient, instead_of=later, by=by, at=self.at)
        return self.answer_with(self.get_queryset().get(pk=entry.pk), status=201)


def _whom(public_id: UUID | None, *, by: Principal) -> Patient:
    """Return who is to wait. Raises Invalid."""
    patient = find_patient(public_id, by=by)
    if patient is None:
        raise Invalid(_("Say who waits."), pointer="/patient")
    return patient


def _check(sent: dict[str, Any], site: int, patient: Patient, later: Appointment | None, *, by: Principal) -> None:
    """Refuse what nobody could be offered. Raises NotOffered, TechniqueNeeded, Invalid."""
    given = [one for one in scheduler.offered(sent["therapy"], sent["visit"]) if one.site.id == site]
    if not given:
        raise scheduler.NotOffered
    known = next((card.minutes for card in scheduler.therapies() if card.key == sent["therapy"]), ())
    techniques = sorted(technique for visit, technique in known if visit == sent["visit"])
    if sent.get("technique", "") not in techniques:
        raise scheduler.NotOffered if "technique" in sent else scheduler.TechniqueNeeded(techniques=techniques)
    if sent.get("practitioner") not in {None, *(one.practitioner.public_id for one in given)}:
        raise Invalid(_("Nobody of that id gives this at this site."), pointer="/practitioner")
    first, last = sent.get("earliest_on"), sent.get("latest_on")
    if first and last and last < first:
        raise Invalid(_("The last day lies before the first: check both."), pointer="/latest_on")
    if sent["soon"] and patient.user_id is not None and patient.user_id == by.user_id:
        raise Invalid(_("A clinician says who should come soon: please call us."), pointer="/soon")
    if later is not None and (later.patient_id != patient.pk or later.status not in OCCUPYING):
        raise Invalid(_("Name an appointment of theirs that is still to come."), pointer="/instead_of")


class WaitingEntryView(WaitingListView):
    """An entry of the waiting list."""

    summaries: ClassVar[dict[str, str]] = {
        "GET": "Read an entry of the waiting list",
        "DELETE": "Take somebody off the waiting list",
    }
    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_WAITING_LIST, "DELETE": Action.KEEP_WAITING_LIST}
    conditional = True

    def get(self, request: Request, **_kwargs: Any) -> Response:
        """Answer with it, also when it is over."""
        return self.detail(self.get_object())

    @extend_schema(responses={204: None})
    def delete(self, request: Request, **_kwargs: Any) -> Response:
        """Offer them nothing more; what is kept for them is free. Doing it twice is the same as once."""
        self.as_seen(self.left)()
        return Response(status=204)

    def left(self) -> None:
        """Take them off the list. Raises Missing, Changed."""
        entry, by = self.to_change(), self.principal
        own = entry.patient.user_id is not None and entry.patient.user_id == by.user_id
        answering.leave(entry, by=by, at=self.at, act=EntryAct.LEAVE if own else EntryAct.END)


class WaitingAnswerView(WaitingListView):
    """An answer to what is offered."""

    accepts: ClassVar[bool]
    form = OfferAnswerSerializer
    idempotent = "honoured"
    conditional = True
    rights: ClassVar[dict[str, Action]] = {"POST": Action.KEEP_WAITING_LIST}
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = BOOKING_PROBLEMS

    @extend_schema(responses=WaitingEntrySerializer)
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """Answer the offer that the body names, whole or not at all."""
        return self.once(self.answered)

    def answered(self) -> Answer:
        """Answer it. Raises Missing, Changed, Invalid, OfferOver, JustTaken and what booking refuses."""
        entry, named = self.to_change(), self.validated_body()["offer"]
        offer = next((one for one in entry.offers.all() if one.public_id == named), None)
        if offer is None:
            raise OfferOver
        answer = answering.accept if self.accepts else answering.decline
        answer(offer.pk, by=self.principal, at=self.at)
        return self.answer_with(self.get_queryset().get(pk=entry.pk))


class WaitingAcceptView(WaitingAnswerView):
    """Accept a time that is offered: it is booked, or the later appointment moves there."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Accept a time that is offered to somebody who waits"}
    accepts = True


class WaitingDeclineView(WaitingAnswerView):
    """Decline a time that is offered: they stay on the list, and somebody else is asked."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Decline a time that is offered to somebody who waits"}
    accepts = False

"""Several people's appointments as one: looked for, booked, moved together, and taken apart again."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from booking import queries
from booking.actions.families import linked_moves, linked_visits
from booking.actions.families.linked_cancels import lock_visits_of
from booking.actions.families.linked_visits import PersonBooking
from booking.api.linked_json import (
    LINKED_PROBLEMS,
    LinkedCreateSerializer,
    LinkedMoveSerializer,
    LinkedSerializer,
    SetQuerySerializer,
    SlotSetsSerializer,
    UnlinkSerializer,
    below,
    sets_as_json,
)
from booking.api.lookups import find_patient, find_slot
from booking.api.place_needs import features_needed
from booking.api.suitability_json import read_sent
from booking.api.views.slots import SHOWN, SlotView
from booking.audiences import for_patient
from booking.models import Appointment, CancelPolicy, LinkedVisits, Patient
from booking.subjects import of_link
from core.api.problem_responses import ProblemSerializer
from core.api.views import ApiView
from core.database.transactions import one_reading
from core.http.idempotency import Answer
from core.refusals import Invalid
from core.rights import Action, Subject, acting
from scheduler import public as scheduler

LONGEST = timedelta(days=31)


class SetSearchView(SlotView):
    """Times for several people who come together."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Search times for several people who come together"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.BOOK_TOGETHER}
    query = None  # type: ignore[assignment]  # what is looked for stands in the body
    form = SetQuerySerializer
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = LINKED_PROBLEMS

    @extend_schema(operation_id="slots_sets", responses=SlotSetsSerializer)
    @one_reading
    def post(self, request: Request) -> Response:
        """Answer with the soonest sets of times, at most `limit`; nothing is kept or booked."""
        found = scheduler.sets(self.set_query(), at=self.at)
        return Response({"results": sets_as_json(found)})

    def set_query(self) -> scheduler.SetQuery:
        """Return the search that the body asks for. Raises Invalid."""
        sent = self.validated_body()
        scope = self.search_scope(sent.pop("site", None), override=False)
        start = sent.get("from", self.at)
        end = sent.get("to", start + SHOWN)
        if not start < end <= start + LONGEST:
            raise Invalid(_("The end must be later, by 31 days at most."), pointer="/to")
        patients = [self.patient(n, one) for n, one in enumerate(sent["people"])]
        linked_visits.check_named_once([one for one in patients if one])
        people = zip(sent["people"], patients, strict=True)
        return scheduler.SetQuery(
            people=tuple(self.person(n, *one, scope.audience, scope.sites) for n, one in enumerate(people)),
            relation=sent["relation"],
            within=sent["within"],
            starts_at=start,
            ends_at=end,
            sites=scope.sites,
            anchor=_anchor(sent.get("anchor")),
            limit=sent["limit"],
        )

    def patient(self, number: int, asked: dict[str, Any]) -> Patient | None:
        """Return who one of them is, where that is said. Raises Invalid."""
        with below(f"/people/{number}"):
            return find_patient(asked.pop("patient", None), by=self.principal)

    def person(
        self,
        number: int,
        asked: dict[str, Any],
        patient: Patient | None,
        audience: scheduler.Audience,
        sites: frozenset[int],
    ) -> scheduler.PersonQuery:
        """Return what one of them looks for: by who they are, where that is said. Raises Invalid."""
        with below(f"/people/{number}"):
            where = ("pointer", "/needs")
            needs = features_needed(asked.pop("needs", ""), sites, at=self.at, where=where)
        if patient is not None:
            audience = for_patient(audience, patient, at=self.at)
        return scheduler.PersonQuery(audience=replace(audience, needs=needs), **asked)


def _anchor(sent: dict[str, Any] | None) -> scheduler.Anchor | None:
    if sent is None:
        return None
    within = timedelta(minutes=sent["within_minutes"])
    return scheduler.Anchor(moment=sent["at"], side=scheduler.Side(sent["side"]), within=within)


class LinkedView(ApiView):
    """What views of linked appointments share."""

    serializer_class = LinkedSerializer
    id_description = "Id of what links appointments, as an appointment's `linked`."
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = LINKED_PROBLEMS

    def get_queryset(self) -> QuerySet[LinkedVisits]:
        """Return what links appointments, as far as this role may do this to it."""
        return queries.linked_visits(acting(self.principal, self.right)).select_related("site")

    def subject_of(self, obj: LinkedVisits) -> Subject:
        """Return where the appointments are, and of which programs their patients are."""
        return of_link(obj, self.principal)

    def representation_of(self, obj: LinkedVisits) -> Any:
        """Return what whoever asks is shown: how they were booked, and those of them that they may see."""
        return super().representation_of(self.shown(obj))

    def lock(self, obj: LinkedVisits) -> None:
        """Lock the appointments first, as every change of them does."""
        lock_visits_of(obj.pk)

    def shown(self, link: LinkedVisits) -> LinkedVisits:
        """Return it with those of its appointments that whoever asks may see, in the order in which they were made."""
        rows = queries.appointments(acting(self.principal, Action.SEE_APPOINTMENT)).filter(linked=link)
        link.shown = list(rows.order_by("pk"))  # type: ignore[attr-defined]
        return link


class LinkedCreateView(LinkedView):
    """Booking several people."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Book several people as one act"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.BOOK_TOGETHER}
    form = LinkedCreateSerializer
    idempotent = "required"

    @extend_schema(operation_id="appointments_linked_create", responses={201: LinkedSerializer})
    def post(self, request: Request) -> Response:
        """Book all of them, or none: each is booked or proposed by their own answers."""
        return self.once(self.made)

    def made(self) -> Answer:
        """Book whom the body names. Raises Invalid, Forbidden and what booking refuses."""
        sent = self.validated_body()
        people = [self.person(n, one) for n, one in enumerate(sent["people"])]
        done = linked_visits.book(
            people,
            relation=sent["relation"],
            within=sent["within"],
            cancel_policy=CancelPolicy(sent["cancel_policy"]),
            by=self.principal,
            at=self.at,
        )
        return self.answer_with(done.link, status=201)

    def person(self, number: int, sent: dict[str, Any]) -> PersonBooking:
        """Return one of the people with their time. Raises Invalid, UnknownSlot, Forbidden."""
        by, asked = self.principal, sent.pop("slot")
        with below(f"/people/{number}"), linked_visits.whose(number):
            patient = _found(find_patient(sent.pop("patient"), by=by))
            slot = find_slot(asked, Action.BOOK_TOGETHER, moving=None, patient=patient, by=by, at=self.at)
            answers = read_sent(sent, site_id=slot.site.id, at=self.at)
        return PersonBooking(patient=patient, slot=slot, answers=answers, **sent)


def _found(patient: Patient | None) -> Patient:
    if patient is None:
        raise Invalid(_("There is no such patient."), pointer="/patient")
    return patient


class LinkedDetailView(LinkedView):
    """Appointments that were booked together."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Read which appointments were booked together"}
    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_LINKED}
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = {}
    conditional = True

    @extend_schema(operation_id="appointments_linked_retrieve", responses=LinkedSerializer)
    def get(self, request: Request, **_kwargs: Any) -> Response:
        """Answer with how they were booked, and those of them that you may see."""
        return self.detail(self.get_object())


class LinkedChangeView(LinkedView):
    """What is done to linked appointments."""

    idempotent = "honoured"
    conditional = True
    rights: ClassVar[dict[str, Action]] = {"POST": Action.BOOK_TOGETHER}

    def once_for_all(self, change: Callable[[LinkedVisits, dict[str, Any]], object]) -> Response:
        """Change what the address names as the body says, whole or not at all, once for a key."""
        return self.once(lambda: self._changed(change))

    def _changed(self, change: Callable[[LinkedVisits, dict[str, Any]], object]) -> Answer:
        link = self.to_change()
        change(link, self.validated_body())
        link.refresh_from_db()
        return self.answer_with(link)

    def one_of(self, link: LinkedVisits, public_id: Any, *, pointer: str) -> Appointment:
        """Return one of the linked appointments that whoever asks may see. Raises Invalid."""
        rows = queries.appointments(acting(self.principal, Action.SEE_APPOINTMENT))
        found = rows.filter(linked=link, public_id=public_id).first()
        if found is None:
            raise Invalid(_("There is no such appointment."), pointer=pointer)
        return found


class LinkedMoveView(LinkedChangeView):
    """Moving several appointments that were booked together."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Move linked appointments to other times"}
    form = LinkedMoveSerializer

    @extend_schema(operation_id="appointments_linked_move", responses=LinkedSerializer)
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """Move those that are named, all of them or none; the others stay where they are."""
        return self.once_for_all(self.change)

    def change(self, link: LinkedVisits, sent: dict[str, Any]) -> None:
        """Move them to the times that the body names."""
        by, slots = self.principal, {}
        for n, one in enumerate(sent["appointments"]):
            where = f"/appointments/{n}/appointment"
            visit = self.one_of(link, one["appointment"], pointer=where)
            if visit.public_id in slots:
                raise Invalid(_("Name each appointment once."), pointer=where)
            slots[visit.public_id] = find_slot(
                one["slot"], Action.BOOK_TOGETHER, moving=visit, patient=visit.patient, by=by, at=self.at
            )
        why = sent.get("override_reason", "")
        linked_moves.move_together(link, slots, by=by, at=self.at, override_reason=why)


class LinkedUnlinkView(LinkedChangeView):
    """Taking an appointment out of what it was booked together with."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Take an appointment out of those booked together"}
    form = UnlinkSerializer

    @extend_schema(operation_id="appointments_linked_unlink", responses=LinkedSerializer)
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """Take one out; all stand as they stood, and what becomes of one is nothing to the other any more."""
        return self.once_for_all(self.change)

    def change(self, link: LinkedVisits, sent: dict[str, Any]) -> None:
        """Take the appointment out that the body names."""
        visit = self.one_of(link, sent["appointment"], pointer="/appointment")
        linked_moves.unlink(visit, by=self.principal, at=self.at)


class LinkedUndoView(LinkedChangeView):
    """Taking back what was done last to linked appointments."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Undo the last move or unlinking of linked appointments"}

    @extend_schema(operation_id="appointments_linked_undo", responses=LinkedSerializer)
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """Put back those that moved together last, or link again what was taken out."""
        return self.once_for_all(self.change)

    def change(self, link: LinkedVisits, sent: dict[str, Any]) -> None:
        """Undo the last act."""
        linked_moves.undo(link, by=self.principal, at=self.at)

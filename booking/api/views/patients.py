"""Records of patients: staff make and find them, people see and keep up their own."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from booking import queries
from booking.actions import access_needs
from booking.actions.patients import merge_undo, merging, patients, person_locks
from booking.api.patient_serializers import (
    DuplicatesProblemSerializer,
    MergedProblemSerializer,
    MergeProblemSerializer,
    PatientCreateSerializer,
    PatientMergeSerializer,
    PatientSearchSerializer,
    PatientSerializer,
    PatientUpdateSerializer,
)
from booking.models import Patient
from booking.patients import patient_search
from booking.subjects import of_record
from core.api.permissions import require
from core.api.problem_responses import ProblemSerializer
from core.api.views import ApiView, respond
from core.http.idempotency import Answer
from core.models import Site
from core.refusals import Invalid, Missing
from core.rights import Action, Subject, acting, may


class PatientView(ApiView):
    """What views of records share."""

    serializer_class = PatientSerializer
    id_description = "Id of a patient."

    def get_queryset(self) -> QuerySet[Patient]:
        """Return the records that this role may do this to."""
        return queries.patients(acting(self.principal, self.right))

    def subject_of(self, obj: Patient) -> Subject:
        """Return what the rights table asks of a record, in one query."""
        return of_record(obj, self.principal)


class PatientCreateView(PatientView):
    """Making a record."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Register a patient"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.REGISTER_PATIENT}
    form = PatientCreateSerializer
    idempotent = "honoured"
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = {409: DuplicatesProblemSerializer}

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
        if "program" in sent:
            here = frozenset({site.pk})
            require(self.principal, Action.ENROL, Subject(sites=here, programs=here), program=sent["program"])
        asked = sent | {"site": site, "by": self.principal, "at": self.at}
        return self.answer_with(patients.enter(**asked), status=201)


class PatientSearchView(PatientView):
    """Finding records. Nothing is changed, so no key is needed."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Search patients by name, birth date, contact or reference"}
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


class OnePatientView(PatientView):
    """What doors to one record share."""

    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = {410: MergedProblemSerializer}

    def get_object(self) -> Patient:
        """Return the record. Raises Missing, MergedInto with the id of the one that holds what it held."""
        try:
            found: Patient = super().get_object()
        except (Http404, Missing):
            queries.follow_merge(self.kwargs["id"], by=acting(self.principal, self.right))
            raise
        return found


class PatientDetailView(OnePatientView):
    """Read and corrected by staff of its site, with a row in its ledger for every correction."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Read a patient's record", "PATCH": "Change a patient's record"}
    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_PATIENT, "PATCH": Action.EDIT_PATIENT}
    form = PatientUpdateSerializer
    conditional = True

    def get(self, request: Request, **_: Any) -> Response:
        """Answer with the record."""
        return self.detail(self.get_object())

    def patch(self, request: Request, **_kwargs: Any) -> Response:
        """Change how the person is reached, and their language; staff correct name and birth date, too."""
        return respond(self.as_seen(self.changed)())

    def lock(self, obj: Patient) -> None:
        """Lock the record as its change does. Raises MergedInto."""
        given = self.validated_body()
        named = {name: given[name] for name in ("name", "birth_date") if name in given}
        patients.lock_to_change(obj, readdressed="email" in given, **named)

    def changed(self) -> Answer:
        """Change the record as the body says. Raises Missing, Changed, Invalid."""
        patient, given = self.to_change(), self.validated_body()
        refuse_correction(given, may(self.principal, Action.CORRECT_PATIENT, self.subject_of(patient)))
        asked = {name: given.pop(name) for name in ("access_needs", "interpreter") if name in given}
        changed = patients.change(patient, by=self.principal, at=self.at, **given)
        return self.answer_with(access_needs.correct(changed, by=self.principal, at=self.at, **asked))


def refuse_correction(given: Collection[str], allowed: bool) -> None:  # noqa: FBT001  (says who may)
    """Refuse name and birth date from somebody who may not correct them. Raises Invalid."""
    wrong = [] if allowed else [name for name in ("name", "birth_date") if name in given]
    if wrong:
        detail = _("Our staff correct this with you: please call us.")
        raise Invalid(errors=[{"pointer": f"/{name}", "detail": detail} for name in wrong])


class PatientMergeView(OnePatientView):
    """Two records of one person."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Merge two records of one patient"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.CORRECT_PATIENT}
    form = PatientMergeSerializer
    idempotent = "honoured"
    conditional = True
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = {
        409: MergeProblemSerializer,
        410: MergedProblemSerializer,
    }
    http_method_names: ClassVar[list[str]] = ["post"]  # type: ignore[misc]

    @extend_schema(responses={200: PatientSerializer})
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """Merge another record of the same person into this one, which keeps name, birth date and language."""
        return self.once(self.merged)

    def given_up(self) -> Patient:
        """Return the record that the body names. Raises Invalid, MergedInto."""
        try:
            return queries.patient(self.validated_body()["other"], by=acting(self.principal, self.right))
        except Missing as error:
            raise Invalid(_("There is no such patient."), pointer="/other") from error

    def lock(self, obj: Patient) -> None:
        """Lock both records as their merging does. Raises Invalid, MergedInto."""
        person_locks.lock_both(obj, self.given_up())

    def merged(self) -> Answer:
        """Merge the records. Raises Invalid, SameRecord, MergedInto, VisitsOverlap, BothHaveAccounts."""
        kept, given_up = self.to_change(), self.given_up()
        require(self.principal, self.right, self.subject_of(given_up))
        merging.merge(kept=kept, given_up=given_up, by=self.principal, at=self.at)
        return self.answer_with(self.get_queryset().get(pk=kept.pk))


class PatientUnmergeView(OnePatientView):
    """The last merging into a record is undone."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Undo the merging of two records"}
    rights: ClassVar[dict[str, Action]] = {"POST": Action.CORRECT_PATIENT}
    idempotent = "honoured"
    conditional = True
    http_method_names: ClassVar[list[str]] = ["post"]  # type: ignore[misc]

    @extend_schema(responses={200: PatientSerializer})
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """Let the other record stand by itself again, for a day after the merging, and answer with it.

        Whatever was its own is its own again. Refused where something was booked, entered or corrected since.
        """
        return self.once(self.parted)

    def lock(self, obj: Patient) -> None:
        """Lock both records as the undo does."""
        merged = merge_undo.undoable(obj, at=self.at)
        person_locks.lock_both(obj, merged.given_up if merged else obj)

    def parted(self) -> Answer:
        """Undo it. Raises Missing, Changed, NothingMerged, MergeInUse."""
        back = merge_undo.undo(self.to_change(), by=self.principal, at=self.at)
        return self.answer_with(self.get_queryset().get(pk=back.pk))


class PatientApartView(PatientMergeView):
    """Two records are of two people, or may be one person's after all."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Note that two records are of two people"}
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = {410: MergedProblemSerializer}

    def merged(self) -> Answer:
        """Note it. Raises Invalid, SameRecord, MergedInto."""
        one, other = self.to_change(), self.given_up()
        require(self.principal, self.right, self.subject_of(other))
        merging.keep_apart(one, other, by=self.principal, at=self.at)
        return self.answer_with(one)

    @extend_schema(responses={200: PatientSerializer})
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """Note that another record is somebody else's, so that nobody is asked about the two again."""
        return self.once(self.merged)


class PatientNotApartView(PatientMergeView):
    """That two records are of two people is taken back."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Take back that two records are of two people"}

    def merged(self) -> Answer:
        """Take it back. Raises Invalid, NotApart, MergedInto."""
        one, other = self.to_change(), self.given_up()
        require(self.principal, self.right, self.subject_of(other))
        merging.ask_again(one, other, by=self.principal, at=self.at)
        return self.answer_with(one)

    @extend_schema(responses={200: PatientSerializer})
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """Take it back, at any time: whoever looks at one of the two is asked about them again."""
        return self.once(self.merged)

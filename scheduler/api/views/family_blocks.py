"""Time that programs keep for families over the wire: blocks, their occurrences, and what is decided about these."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api import Instant, StrictSerializer
from core.api.etags import etag_of
from core.api.problem_responses import ProblemSerializer
from core.api.views import ApiView
from core.http.idempotency import Answer
from core.refusals import Invalid
from core.rights import Action, Subject
from core.updates import lock_row
from scheduler.actions import family_blocks
from scheduler.actions.calendar_edits import lock as lock_owner
from scheduler.api import block_serializers
from scheduler.api.filters import FamilyBlockFilter
from scheduler.api.views.calendars import CalendarListView
from scheduler.api.views.edits import EditView, impact_on
from scheduler.calendars.block_checks import WantedBlock
from scheduler.catalogue import visible_rows
from scheduler.catalogue.block_rules import usual_policy
from scheduler.models import BlockDecision, FamilyBlock, Place, Program, Therapy
from scheduler.search.block_occurrences import BlockOccurrence, block_occurrences

BlockImpact = impact_on(block_serializers.FamilyBlockSerializer)
LONGEST = timedelta(days=92)


def subject_of_block(block: FamilyBlock) -> Subject:
    """Return whose time it is and where."""
    here = frozenset({block.site_id})
    return Subject(sites=here, practitioner=block.practitioner.user_id, programs=here)


class FamilyBlockView(EditView):
    """A practitioner's time that a program keeps for families of its patients."""

    rights: ClassVar[dict[str, Action]] = {
        "GET": Action.SEE_FAMILY_BLOCKS,
        "POST": Action.KEEP_FAMILY_TIME,
        "PATCH": Action.KEEP_FAMILY_TIME,
        "DELETE": Action.KEEP_FAMILY_TIME,
    }
    serializer_class = block_serializers.FamilyBlockSerializer
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = {409: block_serializers.FamilyBlockProblemSerializer}
    id_description = "Id of a block."

    def get_queryset(self) -> QuerySet[FamilyBlock]:
        return visible_rows.family_blocks(self.principal, to=self.right)

    def subject_of(self, obj: FamilyBlock) -> Subject:
        return subject_of_block(obj)

    def lock(self, obj: FamilyBlock) -> None:
        """Lock whose time it is, and the block. Raises Missing."""
        lock_owner(obj.practitioner)
        super().lock(obj)

    def named_in(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Return what a body says with what it names by keys. Raises Invalid."""
        if "program" in sent:
            sent["program"] = self.program(sent["program"])
        if "therapies" in sent:
            sent["therapies"] = self.therapies(sent["therapies"])
        if "places" in sent:
            sent["places"] = self.places(sent["places"])
        if "release_policy" in sent:
            given = sent["release_policy"]
            sent["release_policy"] = usual_policy() if given is None else [dict(one) for one in given]
        return sent

    def program(self, key: str) -> Program:
        """Return the program named in a body. Raises Invalid."""
        found = Program.objects.filter(key=key, active=True).first()
        if found is None:
            raise Invalid(_("There is no such program."), pointer="/program")
        return found

    def places(self, ids: list[UUID]) -> tuple[Place, ...]:
        """Return the places named in a body. Raises Invalid."""
        found = Place.objects.select_related("room").filter(public_id__in=ids).order_by("pk")
        if len(found) < len(set(ids)):
            raise Invalid(_("There is no such place."), pointer="/places")
        return tuple(found)

    def therapies(self, keys: list[str]) -> tuple[Therapy, ...]:
        """Return the therapies named in a body. Raises Invalid."""
        found = visible_rows.therapies(self.principal).filter(key__in=keys)
        if len(found) < len(set(keys)):
            raise Invalid(_("There is no such therapy."), pointer="/therapies")
        return tuple(found)


class FamilyBlockListView(FamilyBlockView, CalendarListView):
    """The blocks of sites; one that is added narrows who may book at once, and leaves what is booked."""

    summaries: ClassVar[dict[str, str]] = {"GET": "List blocks kept for families", "POST": "Keep time for families"}
    form = block_serializers.FamilyBlockCreateSerializer
    filterset_class = FamilyBlockFilter
    rights = FamilyBlockView.rights

    @extend_schema(responses={200: BlockImpact, 201: BlockImpact})
    def post(self, request: Request) -> Response:
        """Keep time of a practitioner for families of a program."""
        return self.once(self.added)

    def added(self) -> Answer:
        """Add what the body names. Raises Invalid, Forbidden and what the calendar refuses."""
        sent = self.named_in(self.validated_body())
        practitioner, site = self.practitioner(sent.pop("practitioner")), self.site(sent.pop("site"))
        here = frozenset({site.pk})
        self.allow(Subject(sites=here, practitioner=practitioner.user_id, programs=here))
        return self.answer_with(
            family_blocks.create(practitioner, WantedBlock(site=site, **sent), **self.acting), status=201
        )


class FamilyBlockDetailView(FamilyBlockView):
    """A block: read, change, end. What was decided about its occurrences holds on."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Read a block", "PATCH": "Change a block", "DELETE": "End a block"}
    form = block_serializers.FamilyBlockUpdateSerializer
    conditional = True

    def get(self, request: Request, **_kwargs: Any) -> Response:
        """Answer with the block."""
        return self.detail(self.get_object())

    @extend_schema(responses=BlockImpact)
    def patch(self, request: Request, **_kwargs: Any) -> Response:
        """Change the fields that are sent; the others stay."""
        return self.once(self.changed)

    def changed(self) -> Answer:
        """Change the block as the body says. Raises Missing, Invalid and what the calendar refuses."""
        block = self.to_change()
        sent: Any = self.named_in(self.validated_body())
        return self.answer_with(family_blocks.change(block, **sent, **self.acting))

    @extend_schema(responses={200: BlockImpact})
    def delete(self, request: Request, **_kwargs: Any) -> Response:
        """Keep nothing from now on; the block stays on record."""
        return self.once(lambda: self.answer_with(family_blocks.end(self.to_change(), **self.acting)))

    @property
    def gone(self) -> bool:
        """An ended block is still there."""
        return False


class DecisionView(FamilyBlockView):
    """Deciding about one occurrence of a block."""

    rights: ClassVar[dict[str, Action]] = {"POST": Action.KEEP_FAMILY_TIME}
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = {}
    conditional = True

    def decided(self, row: BlockDecision, *, status: int = 201) -> Answer:
        """Return the answer to a decision; one that was only tried is never 201."""
        tried = self.validated_query()["dry_run"]
        body = {"row": block_serializers.BlockDecisionSerializer(row).data, "dry_run": tried}
        return Answer(status=200 if tried else status, body=body, headers={"ETag": etag_of(body["row"])})


class KeepView(DecisionView):
    """Keep an occurrence longer."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Keep an occurrence of a block longer"}
    form = block_serializers.KeepSerializer

    @extend_schema(responses={200: block_serializers.DecidedSerializer, 201: block_serializers.DecidedSerializer})
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """Let nobody else book in it before `until` than those who may by now; a reason is needed."""
        return self.once(self.longer)

    def longer(self) -> Answer:
        """Keep it as the body says. Raises Missing, Changed, Invalid, CannotDecide."""
        block, sent = self.to_change(), self.validated_body()
        return self.decided(family_blocks.keep_occurrence(block, sent.pop("starts_at"), **sent, **self.acting))


class ReleaseView(DecisionView):
    """Open an occurrence to everybody."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Open an occurrence of a block to everybody"}
    form = block_serializers.ReleaseSerializer

    @extend_schema(responses={200: block_serializers.DecidedSerializer, 201: block_serializers.DecidedSerializer})
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """Open it at once. It can be taken back until somebody books in it."""
        return self.once(self.released)

    def released(self) -> Answer:
        """Open it as the body says. Raises Missing, Changed, Invalid, CannotDecide."""
        block, sent = self.to_change(), self.validated_body()
        return self.decided(family_blocks.release_occurrence(block, sent.pop("starts_at"), **sent, **self.acting))


class DecisionUndoView(DecisionView):
    """Take a decision back."""

    summaries: ClassVar[dict[str, str]] = {"POST": "Take back a decision about an occurrence of a block"}
    serializer_class = block_serializers.BlockDecisionSerializer  # type: ignore[assignment]  # shows a decision
    id_description = "Id of a decision."

    def get_queryset(self) -> QuerySet[BlockDecision]:  # type: ignore[override]  # names a decision, not a block
        return visible_rows.block_decisions(self.principal, to=self.right)

    def subject_of(self, obj: BlockDecision) -> Subject:  # type: ignore[override]
        return subject_of_block(obj.block)

    def lock(self, obj: BlockDecision) -> None:  # type: ignore[override]
        """Lock whose time it is, the block and the decision. Raises Missing."""
        super().lock(obj.block)
        lock_row(obj)

    @extend_schema(responses={200: block_serializers.DecidedSerializer})
    def post(self, request: Request, **_kwargs: Any) -> Response:
        """Take it back, as if it had not been made."""
        return self.once(self.undone)

    def undone(self) -> Answer:
        """Take it back. Raises Missing, Changed, CannotDecide."""
        return self.decided(family_blocks.undo_decision(self.to_change(), **self.acting), status=200)


class OccurrenceQuery(StrictSerializer):
    """Where and when."""

    site = serializers.SlugField(help_text="Key of a site.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the fields; `from` is a word of Python's, so it cannot be written above."""
        since = Instant(required=False, help_text="From when on; now when left out.")
        until = Instant(required=False, help_text="Until when; 14 days later when left out, 92 at most.")
        return super().get_fields() | {"from": since, "to": until}


class OccurrenceListView(ApiView):
    """What is kept at a site day by day."""

    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_FAMILY_BLOCKS}
    summaries: ClassVar[dict[str, str]] = {"GET": "List what blocks keep at a site, day by day"}
    serializer_class = block_serializers.BlockOccurrencesSerializer
    query = OccurrenceQuery

    @extend_schema(responses=block_serializers.BlockOccurrencesSerializer)
    def get(self, request: Request) -> Response:
        """Answer with the occurrences by start: how far each is open, what is booked, what was decided."""
        asked = self.validated_query()
        start = asked.get("from", self.at)
        end = asked.get("to", start + timedelta(days=14))
        if end > start + LONGEST:
            detail = _("Please ask for at most 92 days at once.")
            raise Invalid(errors=[{"parameter": "to", "detail": detail, "code": "range-too-long"}])
        found: list[BlockOccurrence] = block_occurrences(self._site(asked["site"]), start, end, at=self.at)
        return Response(self.get_serializer({"results": self._own_only(found)}).data)

    def _site(self, key: str) -> int:
        found = visible_rows.sites(self.principal).filter(key=key).first()
        if found is None:
            raise Invalid(errors=[{"parameter": "site", "detail": _("There is no such site."), "code": "unknown"}])
        return found.pk

    def _own_only(self, found: list[BlockOccurrence]) -> list[BlockOccurrence]:
        """Return those that whoever asks may see: all of their sites, and their own calendar's."""
        seen = set(visible_rows.family_blocks(self.principal, to=self.right).values_list("public_id", flat=True))
        return [one for one in found if one.block in seen]

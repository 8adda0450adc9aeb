"""What views of edits share: an edit can be rehearsed, and answers with what it leaves without cover."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.response import Response

from core.api import StrictSerializer
from core.api.etags import etag_of
from core.api.permissions import require
from core.api.views import ApiView, respond
from core.http.idempotency import Answer
from core.models import Site
from core.refusals import Invalid
from core.rights import Subject
from scheduler.catalogue import visible_rows
from scheduler.models import Practitioner, Therapy
from scheduler.search import parted_patients, tight_trips
from scheduler.sheets import closed_hours
from scheduler.sheets.edit_impact import STAYS, EditWarning, Impact, Uncovered


class DryRunQuery(StrictSerializer):
    """Whether an edit is made, or only counted."""

    dry_run = serializers.BooleanField(default=False, help_text="Change nothing; tell what would lose cover.")


class UncoveredSerializer(serializers.Serializer[Uncovered]):
    """An appointment or hold without cover; `GET appointments/?allocation=` finds the appointment."""

    allocation = serializers.UUIDField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    practitioner = serializers.UUIDField(allow_null=True)
    practitioner_name = serializers.CharField()
    zone = serializers.CharField()


class EditWarningSerializer(serializers.Serializer[EditWarning]):
    """Something to know about an edit that is saved all the same."""

    code = serializers.ChoiceField([closed_hours.CODE, STAYS, tight_trips.CODE, parted_patients.CODE])
    detail = serializers.CharField()


class ImpactSerializer(serializers.Serializer[Impact[Any]]):
    """The row after an edit, and what the edit leaves without cover. Nothing is cancelled by it."""

    dry_run = serializers.BooleanField(help_text="Whether this was only counted.")
    count = serializers.IntegerField()
    without_cover = UncoveredSerializer(many=True)
    warnings = EditWarningSerializer(many=True)


_impacts: dict[type[serializers.BaseSerializer[Any]], type[ImpactSerializer]] = {}


def impact_on(row: type[serializers.BaseSerializer[Any]]) -> type[ImpactSerializer]:
    """Return how the impact of an edit of such a row looks: one class for each kind of row."""
    if row not in _impacts:
        # A name for each kind of row: generated clients make a type of it.
        name = row.__name__.replace("Serializer", "ImpactSerializer")
        _impacts[row] = type(name, (ImpactSerializer,), {"row": row(), "__doc__": ImpactSerializer.__doc__})
    return _impacts[row]


class EditView(ApiView):
    """A view whose writes are edits."""

    query = DryRunQuery
    idempotent = "honoured"

    def query_serializer_of(self, method: str | None) -> type[StrictSerializer] | None:
        """Return the parameters of an edit: reading is not rehearsed."""
        return None if method in {"GET", "HEAD"} else super().query_serializer_of(method)

    def answer_with(self, impact: Impact[Any], *, status: int = 200) -> Answer:
        """Return the answer to an edit; a rehearsal is never 201."""
        rehearsed = self.validated_query()["dry_run"]
        left = [asdict(one) for one in impact.uncovered]
        body = {
            "row": self.get_serializer(impact.row).data,
            "dry_run": rehearsed,
            "count": len(left),
            "without_cover": left,
            "warnings": [asdict(one) for one in impact.warnings],
        }
        # What was rehearsed is nobody's state: a tag of it would let the next edit through, or refuse it, by mistake.
        if rehearsed or self.gone:
            return Answer(status=200, body=body)
        headers = {"ETag": etag_of(body["row"])} | self.address_of(impact.row, status=status)
        return Answer(status=status, body=body, headers=headers)

    def once(self, act: Callable[[], Answer]) -> Response:
        """Act once for the request's key. A rehearsal changes nothing: its key means nothing, and nothing is kept."""
        return respond(self.as_seen(act)()) if self.validated_query()["dry_run"] else super().once(act)

    @property
    def gone(self) -> bool:
        """Whether the row is there no more after the edit."""
        return self.request.method == "DELETE"

    @property
    def acting(self) -> dict[str, Any]:
        """Who edits, when, and whether it is a rehearsal."""
        return {"by": self.principal, "at": self.at, "dry_run": self.validated_query()["dry_run"]}

    def practitioner(self, public_id: UUID) -> Practitioner:
        """Return the practitioner named in a body. Raises Invalid."""
        found = visible_rows.practitioners(self.principal).filter(public_id=public_id).first()
        if found is None:
            raise Invalid(_("There is no such practitioner."), pointer="/practitioner")
        return found

    def site(self, key: str, *, pointer: str = "/site") -> Site:
        """Return the site named in a body. Raises Invalid."""
        found = visible_rows.sites(self.principal).filter(key=key).first()
        if found is None:
            raise Invalid(_("There is no such site."), pointer=pointer)
        return found

    def therapy(self, key: str) -> Therapy:
        """Return the therapy named in a body. Raises Invalid."""
        found = visible_rows.therapies(self.principal).filter(key=key).first()
        if found is None:
            raise Invalid(_("There is no such therapy."), pointer="/therapy")
        return found

    def allow(self, subject: Subject) -> None:
        """Refuse to edit a calendar that is not theirs. Raises Forbidden."""
        require(self.principal, self.right, subject)

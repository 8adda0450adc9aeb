"""The programs of the hospital: who gives what where, and who may take part."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.views import ApiListView, ApiView
from core.rights import Action
from scheduler.api.program_json import ProgramSerializer
from scheduler.models import Program


class ProgramView(ApiView):
    """What views of programs share. They are public: what stands here is on the hospital's own pages."""

    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_CATALOGUE}
    serializer_class = ProgramSerializer
    id_description = "Id of a program."

    def get_queryset(self) -> QuerySet[Program]:
        """Return the programs in use, by key."""
        return Program.objects.filter(active=True).prefetch_related("sites", "therapies", "practitioners")


class ProgramListView(ApiListView, ProgramView):
    """The programs."""

    summaries: ClassVar[dict[str, str]] = {"GET": "List the programs"}


class ProgramDetailView(ProgramView):
    """One program."""

    summaries: ClassVar[dict[str, str]] = {"GET": "Read a program"}
    conditional = True

    def get(self, request: Request, **_kwargs: Any) -> Response:
        """Answer with what it gives, where, by whom, and who may take part."""
        return self.detail(self.get_object())

"""The base of every REST view: who asks, at what time, with which parameters; what is kept from caches."""

import inspect
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache, partial
from typing import Any, ClassVar, TypeVar

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.mixins import ListModelMixin
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response

from core import clock
from core.accounts.principals import principal_of
from core.api.etags import asks_for_match, etag_of, refuse_malformed, require_match, unchanged
from core.api.permissions import action_of
from core.api.problem_responses import ProblemSerializer
from core.api.schema import Schema
from core.api.strict import WRITTEN_OUT, StrictSerializer
from core.database.transactions import as_one
from core.http import idempotency
from core.http.idempotency import Answer
from core.principal import Principal
from core.refusals import Invalid
from core.rights import Action, Subject
from core.updates import lock_row

PUBLIC = frozenset({Action.SEE_FREE_TIMES, Action.SEE_CATALOGUE, Action.SEE_SERVICE})
CREATED = 201
M = TypeVar("M", bound=serializers.BaseSerializer[Any])
R = TypeVar("R")


def respond(answer: Answer) -> Response:
    """Return an answer, kept or new, as a response."""
    headers = dict(answer.headers)
    kind = headers.pop("Content-Type", None)
    return Response(answer.body, status=answer.status, headers=headers, content_type=kind)


@cache
def _reader(query: type[StrictSerializer], _language: str | None) -> StrictSerializer:
    """Return what reads the parameters of a query; one for all requests in a language, for it keeps nothing of them."""
    # In a language: some messages of the framework are put into words once, for whoever meets them first.
    return query(context={WRITTEN_OUT: True})


class _Serializers(threading.local):
    """What shows objects: each thread makes one of a kind for a language, and lets go of each request after it."""

    def __init__(self) -> None:
        self._made: dict[tuple[type, str | None], tuple[serializers.BaseSerializer[Any], dict[str, Any]]] = {}

    def show(self, obj: object, kind: type[serializers.BaseSerializer[Any]], context: Mapping[str, Any]) -> Any:
        """Return what a kind of serializer shows of an object."""
        # To make one, with its fields and theirs, takes longer than to show an object.
        key = kind, get_language()
        if key not in self._made:
            of_request: dict[str, Any] = {}
            self._made[key] = kind(context=of_request), of_request
        serializer, of_request = self._made[key]
        of_request.update(context)
        try:
            return serializer.to_representation(obj)
        finally:
            of_request.clear()


_serializers = _Serializers()


class ApiView(GenericAPIView[Any]):
    """One address. `rights` says what each method does; `query` names the parameters; `form` the body of a write."""

    rights: ClassVar[dict[str, Action]] = {}
    summaries: ClassVar[dict[str, str]] = {}
    """What each method does, in a line by which a stranger finds it in the description of the API."""
    query: ClassVar[type[StrictSerializer] | None] = None
    form: ClassVar[type[serializers.BaseSerializer[Any]] | None] = None
    idempotent: ClassVar[str] = ""
    """"required" or "honoured" on each write; empty where a key has no meaning."""
    id_description: ClassVar[str] = ""
    """What the id in the address names."""
    conditional: ClassVar[bool] = False
    """Whether the address names one thing: reading it gives its ETag, changing it honours If-Match."""
    problems: ClassVar[Mapping[int, type[ProblemSerializer]]] = {}
    """How problems look by their status: those that tell facts, and those that not every view answers with."""
    # No PUT: whoever sends back the whole of what they read undoes what others changed meanwhile.
    http_method_names: ClassVar[list[str]] = ["get", "post", "patch", "delete", "head"]  # type: ignore[misc]
    lookup_field = "public_id"
    lookup_url_kwarg = "id"
    schema = Schema()
    at: datetime

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Fix the time, let the gate decide, and only then look at the parameters."""
        self.at = clock.now()
        super().initial(request, *args, **kwargs)
        if request.method in self.allowed_methods:  # any other is refused as such
            self._refuse_unknown_parameters(request)
            self._refuse_malformed_headers(request)

    @property
    def principal(self) -> Principal:
        """Who asks."""
        return principal_of(self.request)

    @property
    def right(self) -> Action:
        """What the method at hand does."""
        found = action_of(self, self.request.method)
        if found is None:
            raise LookupError("This method has no declared action.")
        return found

    def tag_of(self, obj: Any) -> str:
        """Return the entity tag of an object of this view, as whoever asks is shown it."""
        return etag_of(self.representation_of(obj))

    def representation_of(self, obj: Any) -> Any:
        """Return what whoever asks is shown of an object of this view."""
        return _serializers.show(obj, self.get_serializer_class(), self.get_serializer_context())

    def detail(self, obj: Any) -> Response:
        """Answer with an object and its ETag; with 304 to whoever has it already."""
        shown = self.representation_of(obj)
        return self.conditional_response(shown, etag=etag_of(shown))

    def answer_with(self, obj: Any, *, status: int = 200) -> Answer:
        """Return the answer that shows an object with its ETag, and where it is when it was just made."""
        body = self.representation_of(obj)
        return Answer(status=status, body=body, headers={"ETag": etag_of(body)} | self.address_of(obj, status=status))

    def address_of(self, obj: Any, *, status: int) -> dict[str, str]:
        """Return where an object is that was just made: below the list to which it was posted."""
        if status != CREATED:
            return {}
        return {"Location": self.request.build_absolute_uri(f"{self.request.path}{obj.public_id}/")}

    def conditional_response(self, body: object, *, etag: str) -> Response:
        """Answer with a body and its ETag; with 304 to whoever has it already."""
        if unchanged(self.request, etag):
            return Response(status=304, headers={"ETag": etag})
        return Response(body, headers={"ETag": etag})

    def to_change(self) -> Any:
        """Return the object to change; where `If-Match` is sent, locked and as it was seen. Raises Missing, Changed."""
        obj = self.get_object()
        if asks_for_match(self.request):
            self.lock(obj)
            obj = self.get_object()  # with all that is shown of it, as it is while it is locked
            require_match(self.request, self.tag_of(obj))
        return obj

    def lock(self, obj: Any) -> None:
        """Lock an object that is about to be changed. Raises Missing.

        Where its change locks something else first, a view locks that first, too: two people who change the same, one
        with `If-Match` and one without, would else wait for each other.
        """
        lock_row(obj)

    def subject_of(self, obj: Any) -> Subject:
        """Return what the rights table asks of an object of this view."""
        return Subject()

    def description_of(self, method: str) -> str:
        """Return what the description of the API says of a method below its summary."""
        return inspect.getdoc(getattr(self, method.lower())) or ""

    def query_serializer_of(self, method: str | None) -> type[StrictSerializer] | None:
        """Return what names the query parameters of a method, beside filters and pages: what the description shows."""
        return self.query

    def validated_query(self) -> dict[str, Any]:
        """Return the query parameters as values. Raises ValidationError."""
        reader = self._query_reader
        return dict(reader.run_validation(self.request.query_params.dict())) if reader else {}

    @property
    def _query_reader(self) -> StrictSerializer | None:
        query = self.query_serializer_of(self.request.method)
        return _reader(query, get_language()) if query else None

    def validated_body(self) -> dict[str, Any]:
        """Return the body as values. Raises ValidationError."""
        partial = self.request.method == "PATCH"
        kind = self.form or StrictSerializer
        given = kind(data=self.request.data, partial=partial, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def once(self, act: Callable[[], Answer]) -> Response:
        """Act once for the request's key, and answer as then; what `If-Match` holds still is held until it is done."""
        act = self.as_seen(act)
        required = self.idempotent == "required"
        return respond(idempotency.once(self.request, self.principal, act, at=self.at, required=required))

    def as_seen(self, act: Callable[[], R]) -> Callable[[], R]:
        """Return an act as one unit with what it looks at first, where `If-Match` asks for that."""
        return partial(as_one, act) if asks_for_match(self.request) else act

    def parameters(self) -> set[str]:
        """Return the names of the query parameters that this method knows."""
        reader = self._query_reader
        names = set(reader.fields) if reader else set()
        if self.request.method in {"GET", "HEAD"} and isinstance(self, ListModelMixin):
            filters = getattr(self, "filterset_class", None)
            names |= set(filters.base_filters) if filters else set()
            names |= {"page", "page_size"} if self.pagination_class else set()
        return names

    def _refuse_unknown_parameters(self, request: Request) -> None:
        known = self.parameters()
        given = request.query_params
        unknown, twice = sorted(set(given) - known), sorted(n for n in known if len(given.getlist(n)) > 1)
        wrong = [{"parameter": n, "detail": _("Unknown parameter."), "code": "unknown"} for n in unknown]
        wrong += [{"parameter": n, "detail": _("Given twice."), "code": "repeated"} for n in twice]
        empty = sorted(n for n in known if given.get(n) == "")
        wrong += [{"parameter": n, "detail": _("Give a value, or leave this out."), "code": "blank"} for n in empty]
        if wrong:
            raise Invalid(errors=wrong)

    def _refuse_malformed_headers(self, request: Request) -> None:
        if self.conditional:
            refuse_malformed(request)
        if self.idempotent and request.method not in SAFE_METHODS:
            idempotency.key_of(request)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Keep what may be about a person out of every cache."""
        finished = super().finalize_response(request, response, *args, **kwargs)
        public = action_of(self, request.method) in PUBLIC and response.status_code < 400  # noqa: PLR2004
        finished.headers.setdefault("Cache-Control", "no-cache" if public else "no-store")
        return finished


class ApiListView(ListModelMixin, ApiView):
    """A list, in pages, filtered by its filter set."""

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Answer with one page: `count` says how many there are in all, `next` leads on."""
        return self.list(request, *args, **kwargs)

"""The OpenAPI description: what every view has in common is said here once."""

import re
from typing import Any, Literal

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.fields import empty

from core.api import problem_responses
from core.api.strict import StrictSerializer
from core.http.problems import CONTENT_TYPE


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Says how a token is sent."""

    target_class = "core.accounts.authentication.ApiTokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        text = "`Token <token>`. Tokens end after 90 days."
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": text}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Says that the session of a browser does as well."""

    target_class = "core.accounts.authentication.BrowserSessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        text = "The session of a browser; acts need the CSRF token."
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME, "description": text}


ACT = re.compile(r"\}/[a-z-]+/$")
"""The end of the address of an act on one thing, such as `…/{id}/cancel/`."""
KEY = r"^[!-~]{1,255}$"
TAGS = r'^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)$'
EXAMPLES = {KEY: "0b7c6b0e-5d0f-4d0e-9d61-2f4f5a1c9a52", TAGS: '"3-65f4a184a3900"'}
KEY_RULE = "1 to 255 visible characters. The same key and body get the same answer for 72 hours."
UNCHANGED = "The same as when its ETag was sent."
TAG = "Names the state that is shown: send it as If-Match, and nothing is changed that was not seen."
REPLAYED = "`true`: this is the answer that the first request with the key got."


def _not_empty(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a filter with what is true of each: one that says nothing is refused."""
    if schema.get("type") == "array":
        return schema | {"minItems": 1}
    any_text = schema.get("type") == "string" and not {"format", "enum"} & set(schema)
    return schema | {"minLength": 1} if any_text else schema


def _is_always_shown(serializer: Any, name: str) -> bool:
    """Whether an answer always has a field: all but those that are declared as ones that may be left out."""
    options = getattr(getattr(serializer, "Meta", None), "extra_kwargs", {})
    declared = {*serializer._declared_fields, *options}  # noqa: SLF001  (the framework has no other name for them)
    field = serializer.fields[name]
    return name not in declared or field.required or field.read_only or field.default is not empty


class Schema(AutoSchema):
    """Adds query parameters, keys, preconditions and problems to each operation of a view."""

    view: Any

    def get_summary(self) -> str | None:
        """Return the line by which a stranger finds the operation."""
        summary: str | None = self.view.summaries.get(self.method)
        return summary

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it
        """Return what there is to know beside the summary."""
        return str(self.view.description_of(self.method))

    def get_operation_id(self) -> str:
        """Return the name that generated clients give to the operation: an act is called by its own name."""
        name: str = super().get_operation_id()
        return name.removesuffix("_create") if ACT.search(self.path) else name

    def get_override_parameters(self) -> list[Any]:
        """Return the parameters and headers that the view declares."""
        query = self.view.query_serializer_of(self.method)
        found: list[Any] = [query] if query else []
        if self.method in {"POST", "PATCH", "DELETE"} and self.view.idempotent:
            required = self.view.idempotent == "required"
            found.append(self._header("Idempotency-Key", KEY_RULE, pattern=KEY, required=required))
        if self.view.conditional and self.method == "GET":
            text = "The ETag last read; 304 when it is still the same."
            found.append(self._header("If-None-Match", text, pattern=TAGS))
        elif self.view.conditional:
            found.append(self._header("If-Match", "The ETag last read; 412 when it has changed.", pattern=TAGS))
        return found + self._answer_headers() + problem_responses.headers()

    def _answer_headers(self) -> list[OpenApiParameter]:
        """Return the headers of answers."""
        keyed = self.method != "GET" and bool(self.view.idempotent)
        found = [self._answer_header("Idempotency-Replayed", REPLAYED, "200", "201")] if keyed else []
        if self.method == "POST":
            found.append(self._answer_header("Location", "Where that is which was just made.", "201"))
        if self.method != "DELETE" and (self.view.conditional or keyed):
            found.append(self._answer_header("ETag", TAG, "200", "201", "304"))
        return found

    @staticmethod
    def _answer_header(name: str, text: str, *statuses: str) -> OpenApiParameter:
        return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=text, response=list(statuses))

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        resolved: Any = super()._resolve_path_parameters
        return [parameter | {"description": self.view.id_description} for parameter in resolved(variables)]

    @staticmethod
    def _header(name: str, text: str, *, pattern: str, required: bool = False) -> OpenApiParameter:
        kind = {"type": "string", "pattern": pattern, "examples": [EXAMPLES[pattern]]}
        return OpenApiParameter(name, kind, OpenApiParameter.HEADER, required=required, description=text)

    def _map_basic_serializer(self, serializer: Any, direction: Literal["request", "response"]) -> Any:
        shape = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if direction == "response":
            always = sorted(name for name in shape.get("properties", {}) if _is_always_shown(serializer, name))
            return shape | ({"required": always} if always else {})
        if not isinstance(serializer, StrictSerializer):
            return shape
        return shape | {"additionalProperties": False} | (serializer.either.rule if serializer.either else {})

    def _get_request_body(self, direction: Literal["request", "response"] = "request") -> Any:
        body: Any = super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        return body | {"required": True} if body and getattr(self.view.form, "either", None) else body

    def get_request_serializer(self) -> Any:
        """Return the form of a write; a write without a form has no body."""
        return getattr(self.view, "form", None) if self.method in {"POST", "PATCH"} else None

    def get_filter_backends(self) -> list[Any]:
        """Return the filters of lists only."""
        return super().get_filter_backends() if self._is_list_view() else []

    def _get_filter_parameters(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = super()._get_filter_parameters()  # type: ignore[no-untyped-call]
        return [one | {"schema": _not_empty(one["schema"])} for one in found]

    def get_auth(self) -> list[Any]:
        """Return how to sign in; what is public says that nobody has to."""
        needed: list[Any] = super().get_auth()
        return [*needed, {}] if problem_responses.is_public(self.view.rights.get(self.method)) else needed

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        told: Any = self._get_response_for_code
        if self.view.conditional and self.method == "GET":
            bodies["304"] = told(OpenApiResponse(description=UNCHANGED), "304", None, direction)
        for status in problem_responses.statuses(self.view, self.method, self.path):
            kind = problem_responses.serializer_of(self.view, status)
            response = OpenApiResponse(kind, description=problem_responses.MEANING[status])
            bodies[status] = told(response, status, [CONTENT_TYPE], direction)
        return bodies

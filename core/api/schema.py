"""The OpenAPI description: what every view has in common is said here once."""

import re
from typing import Any, Literal

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from core.rights import MATRIX
from core.roles import Role


class ErrorSerializer(serializers.Serializer[Any]):
    """One thing that is not right, and where."""

    pointer = serializers.CharField(required=False, help_text="JSON pointer (RFC 6901) into the body.")
    parameter = serializers.CharField(required=False, help_text="Name of the query parameter.")
    header = serializers.CharField(required=False, help_text="Name of the header.")
    detail = serializers.CharField()
    code = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """RFC 9457 problem details. Facts of the refusal stand beside these members, such as `alternatives`."""

    type = serializers.URLField(help_text="Says what this kind of problem means; it can be opened.")
    title = serializers.CharField(help_text="In the reader's language.")
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="The same in every language; the last part of `type`.")
    detail = serializers.CharField()
    errors = ErrorSerializer(many=True, required=False)  # type: ignore[assignment]  # hides a property of the class


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Says how a token is sent."""

    target_class = "core.accounts.authentication.Token"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        text = "`Token <token>`. Tokens end after 90 days."
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": text}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Says that the session of a browser does as well."""

    target_class = "core.accounts.authentication.Session"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """Return the OpenAPI security scheme."""
        text = "The session of a browser; acts need the CSRF token."
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME, "description": text}


PROBLEM = "application/problem+json"
ACT = re.compile(r"\}/[a-z-]+/$")
"""The end of the address of an act on one thing, such as `…/{id}/cancel/`."""
KEY_RULE = "1 to 255 visible characters. The same key and body get the same answer for 72 hours."


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
            found.append(self._header("Idempotency-Key", KEY_RULE, required=self.view.idempotent == "required"))
        if self.view.conditional and self.method == "GET":
            found.append(self._header("If-None-Match", "The ETag last read; 304 when it is still the same."))
        elif self.view.conditional:
            found.append(self._header("If-Match", "The ETag last read; 412 when it has changed."))
        return found + self._told_headers()

    def _told_headers(self) -> list[OpenApiParameter]:
        """Return the headers of answers."""
        if not self.view.conditional or self.method == "DELETE":
            return []
        text = "Names the state that is shown: send it as If-Match, and nothing is changed that was not seen."
        return [OpenApiParameter("ETag", str, OpenApiParameter.HEADER, description=text, response=["200"])]

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        resolved: Any = super()._resolve_path_parameters
        return [parameter | {"description": self.view.id_description} for parameter in resolved(variables)]

    @staticmethod
    def _header(name: str, text: str, *, required: bool = False) -> OpenApiParameter:
        return OpenApiParameter(name, str, OpenApiParameter.HEADER, required=required, description=text)

    def get_request_serializer(self) -> Any:
        """Return the form of a write; a write without a form has no body."""
        return getattr(self.view, "form", None) if self.method in {"POST", "PATCH"} else None

    def get_filter_backends(self) -> list[Any]:
        """Return the filters of lists only."""
        return super().get_filter_backends() if self._is_list_view() else []

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        told: Any = self._get_response_for_code
        for status, text in self._refusals().items():
            response = OpenApiResponse(ProblemSerializer, description=text)
            bodies.setdefault(status, told(response, status, [PROBLEM], direction))
        return bodies

    def _refusals(self) -> dict[str, str]:
        action = self.view.rights.get(self.method)
        found = {"400": "What was sent is not right.", "default": "Any other problem."}
        if action and Role.ANONYMOUS not in MATRIX[action]:
            found |= {"401": "Not signed in.", "403": "Not allowed to this role."}
        if "{" in self.path:
            found["404"] = "Not there, or not for you to know."
        if self.view.conditional and self.method != "GET":
            found["412"] = "Changed since it was read."
        if self.method in {"POST", "PATCH", "DELETE"} and action:
            found["409"] = "Not possible as things stand."
        return found

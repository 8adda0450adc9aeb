"""Which problems an operation answers with, and how the description of the API shows them."""

import json
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from core.http.problems import CONTENT_TYPE
from core.principal import Principal
from core.rights import Action, may_ever
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
    etag = serializers.CharField(required=False, help_text="With 412: the ETag as it is now.")


MEANING = {
    "400": "What was sent is not right; `errors` says where.",
    "401": "Nobody is signed in, or the token has ended.",
    "403": "Not allowed to whoever is signed in.",
    "404": "Not there, or not for you to know.",
    "406": "Answers are JSON only.",
    "409": "Not possible as things stand; `code` says why.",
    "410": "No longer there; the problem says what there is instead.",
    "412": "Changed since it was read.",
    "415": "Bodies are JSON only.",
    "422": "The key belongs to another request.",
    "429": "Too much at once. `Retry-After` says when to come back.",
    "503": "The service is busy. `Retry-After` says when to come back.",
    "default": "Any other problem.",
}


NOBODY = Principal(key="visitor:", roles=frozenset({(Role.ANONYMOUS, None)}))


def is_public(action: Action | None) -> bool:
    """Whether somebody who is not signed in may do this over the API."""
    return action is not None and may_ever(NOBODY, action)


def statuses(view: Any, method: str, path: str) -> list[str]:
    """Return the statuses of the problems that a method of a view answers with, beside the view's own."""
    action = view.rights.get(method)
    writes = method in {"POST", "PATCH", "DELETE"}
    found = {"400": True, "401": True, "406": True, "503": True, "default": True} | {
        "403": writes or not is_public(action),
        "404": "{" in path,
        "409": writes,
        "412": view.conditional and method != "GET",
        "415": method in {"POST", "PATCH"},
        "422": writes and bool(view.idempotent),
    }
    own = {str(status): True for status in view.problems}
    return [status for status in MEANING if (found | own).get(status)]


def serializer_of(view: Any, status: str) -> type[ProblemSerializer]:
    """Return how a problem of a view looks."""
    found: type[ProblemSerializer] = view.problems.get(int(status) if status.isdigit() else 0, ProblemSerializer)
    return found


def headers() -> list[OpenApiParameter]:
    """Return the headers that go with problems."""
    wait = "After how many seconds to come back."
    scheme = "How to sign in: `Token`."
    return [
        OpenApiParameter("Retry-After", int, OpenApiParameter.HEADER, description=wait, response=["429", "503"]),
        OpenApiParameter("WWW-Authenticate", str, OpenApiParameter.HEADER, description=scheme, response=["401"]),
    ]


def share(result: dict[str, Any], generator: Any, **_: Any) -> dict[str, Any]:
    """Name each answer with a problem once, under `components`: drf-spectacular writes it out at every operation."""
    del generator  # drf-spectacular hands it over by name
    shared: dict[str, Any] = {}
    for operation in (one for methods in result["paths"].values() for one in methods.values()):
        for status, response in operation["responses"].items():
            if CONTENT_TYPE in response.get("content", {}):
                operation["responses"][status] = {"$ref": f"#/components/responses/{_name(shared, status, response)}"}
    result["components"]["responses"] = dict(sorted(shared.items()))
    return result


def _name(shared: dict[str, Any], status: str, response: dict[str, Any]) -> str:
    kind = response["content"][CONTENT_TYPE]["schema"]["$ref"].rpartition("/")[2]
    name = f"{kind}{status.title()}"
    if shared.setdefault(name, response) != response:
        raise LookupError(f"Two answers are called {name}: {json.dumps(response)}")
    return name

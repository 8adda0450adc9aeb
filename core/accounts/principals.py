"""Who asks: found once for each request, so that an ended role or a closed account counts from the next request on."""

import secrets

from django.http import HttpRequest
from rest_framework.request import Request

from core import clock
from core.principal import Principal

VISITOR = "visitor"
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def principal_of(request: HttpRequest | Request) -> Principal:
    """Return who asks.

    A visitor of the pages is named by a random key in their session. It is made by their first act: reading leaves no
    trace, and a visitor without a key has made nothing that could be found. Through the API visitors make nothing.
    """
    found: Principal | None = vars(request).get("_principal")
    if found is None:
        anonymous_page = not (isinstance(request, Request) or request.user.is_authenticated)
        visitor = _visitor(request) if anonymous_page else ""
        found = Principal.of(request.user, at=clock.now(), visitor=visitor)
        vars(request)["_principal"] = found
    return found


def _visitor(request: HttpRequest) -> str:
    if getattr(request, "session", None) is None:
        return ""
    if VISITOR not in request.session and request.method not in SAFE:
        request.session[VISITOR] = secrets.token_urlsafe(24)
    return str(request.session.get(VISITOR, ""))

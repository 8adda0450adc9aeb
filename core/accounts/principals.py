"""Who asks: found once for each request, so that an ended role or a closed account counts from the next request on."""

import secrets

from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from rest_framework.request import Request

from core import clock
from core.principal import Principal

VISITOR = "visitor"
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def principal_of(request: HttpRequest | Request) -> Principal:
    """Return who asks.

    A visitor of the pages is named by a key in their session. It is made by their first act: reading leaves no trace,
    and a visitor without a key has made nothing that could be found. It is made from the secret against forged posts,
    which their browser has since it was shown a form: a first button pressed twice is pressed by one visitor, though
    neither press knows of the session that the other begins. Through the API visitors make nothing.
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
        request.session[VISITOR] = _key_for(str(request.META.get("CSRF_COOKIE") or secrets.token_urlsafe(24)))
    return str(request.session.get(VISITOR, ""))


def _key_for(secret: str) -> str:
    return salted_hmac("core.visitor", secret, algorithm="sha256").hexdigest()

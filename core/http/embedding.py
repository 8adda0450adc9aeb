"""Whose pages may show one of ours in a frame, and from which page somebody came to book."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

ORIGIN = re.compile(r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?")
SOURCE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_SOURCE = 40
COOKIE = "came-from"
A_DAY = 24 * 3600


def is_origin(written: str) -> bool:
    """Whether somebody wrote an origin as browsers do: scheme and name, perhaps a port, nothing after it."""
    return bool(ORIGIN.fullmatch(written))


def framed(view: View[P]) -> View[P]:
    """Let the pages that the clinic lists show what this view answers in a frame; whoever is not listed cannot."""

    @wraps(view)
    def shown(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        vars(answer)["framed"] = True
        if settings.EMBED_ORIGINS:
            vars(answer)["_csp_replace"] = {"frame-ancestors": ["'self'", *settings.EMBED_ORIGINS]}
            vars(answer)["xframe_options_exempt"] = True
        return answer

    return shown


def source_of(request: HttpRequest) -> str:
    """Return which page led somebody here, as its link or an earlier one says it: a word, or nothing."""
    named = request.GET.get("source") or request.COOKIES.get(COOKIE, "")
    return named if len(named) <= LONGEST_SOURCE and SOURCE.fullmatch(named) else ""


class SourceMiddleware:
    """Middleware: notes for a day, in the browser, from which page somebody came. It names a page and nobody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, and note what the link says."""
        response = self.get_response(request)
        # A framed page is the same for everybody, and may be cached so; its links lead on with the source.
        if "source" in request.GET and not hasattr(response, "framed") and (source := source_of(request)):
            response.set_cookie(COOKIE, source, A_DAY, secure=settings.HTTPS, httponly=True, samesite="Lax")
        return response

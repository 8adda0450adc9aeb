"""Post/Redirect/Get: a page that answers what a browser sent has an address of its own (ADR 68).

Back, Forward and reload then show that page again, and send nothing again.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.http import urlencode

from core import clock
from core.http import posted_pages

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

FIELD = "answer"
"""What an address says of which answer is shown there."""

SHOWN = {200, 401, 403, 409, 410, 422}
"""Pages that say how it goes on. Whoever is to wait, or asks for what is not there, is answered at once."""


def answers_by_redirect(view: View) -> View:
    """Let each page with which a view answers what was sent have an address of its own."""
    view.answers_by_redirect = True  # type: ignore[attr-defined]  # whatever wraps the view takes it over
    return view


class PostRedirectGetMiddleware:
    """Middleware: what a browser sends is answered with the address of the answer (303), which is shown there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Show the answer that an address names; give an address to one that a browser is about to get."""
        named = _taken_from(request)
        if request.method == "POST":
            return _by_redirect(request, self.get_response(request))
        return self._answered(request, named) if named else self.get_response(request)

    def _answered(self, request: HttpRequest, named: UUID) -> HttpResponseBase:
        found = posted_pages.find(request, named, at=clock.now())
        if found is not None and not found.page:  # it has gone well since: the page as it stands now
            response = self.get_response(request)
            return response if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED else _ended(request)
        return (posted_pages.opened(found, request) if found else None) or _ended(request)


def _taken_from(request: HttpRequest) -> UUID | None:
    """Return which answer an address names, and take it away: the page itself has the same address without it."""
    try:
        named = UUID(request.GET.get(FIELD, ""))
    except ValueError:
        return None
    left = request.GET.copy()
    del left[FIELD]
    request.GET = left  # type: ignore[assignment]  # a copy is still what was asked for
    request.META["QUERY_STRING"] = left.urlencode()
    return named


def _by_redirect(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    view = request.resolver_match.func if request.resolver_match else None
    if not (getattr(view, "answers_by_redirect", False) and wants_pages(request)):
        return response
    if HTTPStatus.MULTIPLE_CHOICES <= response.status_code < HTTPStatus.BAD_REQUEST:
        posted_pages.supersede(request)
    if not (isinstance(response, HttpResponse) and _is_shown(response)):
        return response
    answer = posted_pages.store(request, response, at=clock.now())
    query = "&".join(filter(None, [request.META.get("QUERY_STRING", ""), urlencode({FIELD: str(answer)})]))
    redirect = HttpResponse(status=HTTPStatus.SEE_OTHER, headers={"Location": f"{request.path}?{query}"})
    redirect.cookies = response.cookies
    return redirect


def wants_pages(request: HttpRequest) -> bool:
    """Whether a browser opens a page with the answer; a script, or a program, reads the answer itself."""
    by_script = request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
    return "text/html" in request.headers.get("Accept", "") and not by_script


def _is_shown(response: HttpResponse) -> bool:
    page = response.headers.get("Content-Type", "").startswith("text/html") and bool(response.content)
    return page and response.status_code in SHOWN and len(response.content) <= posted_pages.LONGEST


def _ended(request: HttpRequest) -> HttpResponse:
    """Say that an answer is not shown any more: it ended, or it was somebody else's."""
    page = render(request, "core/page_has_ended.html", {"onwards": request.get_full_path()}, status=HTTPStatus.GONE)
    page.headers["Cache-Control"] = "no-store, private"
    return page

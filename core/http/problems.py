"""Every "no" of the API as RFC 9457 problem details: refusals, framework errors and faults alike."""

import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import singledispatch
from typing import Any, ClassVar

from django.conf import settings
from django.core import exceptions as django_errors
from django.db import Error as DatabaseFault
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views import defaults
from psycopg.errors import LockNotAvailable, QueryCanceled
from rest_framework import exceptions as drf
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from core.database.hang import watch
from core.refusals import Busy, Forbidden, Invalid, Missing, Refusal

log = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 5
WAITS = frozenset({429, 503})
FIRST_ERROR = 400
FIRST_FAULT = 500


class BadRequest(Refusal):
    """The request is not well formed: broken JSON, bytes that are no text, an unknown host."""

    code = "bad-request"
    status = 400
    title = _("This request cannot be understood.")


class NotSignedIn(Refusal):
    """This needs a sign-in: send `Authorization: Token …`. A token that has ended or never was is answered the same."""

    code = "not-authenticated"
    status = 401
    title = _("Please sign in.")


class CsrfFailed(Refusal):
    """A request from a browser session must carry the CSRF token. Requests with an API token need none."""

    code = "csrf-failed"
    status = 403
    title = _("This page is too old. Please load it again.")


class MethodNotAllowed(Refusal):
    """The address exists, the method does not. `Allow` lists those that do."""

    code = "method-not-allowed"
    status = 405
    title = _("This cannot be done here.")


class NotAcceptable(Refusal):
    """Answers are JSON only; `Accept` asks for something else."""

    code = "not-acceptable"
    status = 406
    title = _("We cannot answer in that form.")


class TooLarge(Refusal):
    """A body may have one mebibyte at most."""

    code = "too-large"
    status = 413
    title = _("That is too much at once.")


class AddressTooLong(Refusal):
    """The address with its query, one line of the request, has more than 4,094 bytes."""

    code = "address-too-long"
    status = 414
    title = _("This address is too long.")


class UnsupportedMediaType(Refusal):
    """Bodies are `application/json` only."""

    code = "unsupported-media-type"
    status = 415
    title = _("We cannot read that form.")


class Throttled(Refusal):
    """Too many requests in a short time. `Retry-After` says how many seconds to wait."""

    code = "throttled"
    status = 429
    title = _("That was too fast. Please wait a little.")


class HeadersTooLarge(Refusal):
    """All headers together may have 32 kibibytes at most."""

    code = "headers-too-large"
    status = 431
    title = _("This request says too much about itself.")


class Fault(Refusal):
    """Something went wrong on our side. Nothing was changed; the same request may be sent again."""

    code = "fault"
    status = 500
    title = _("Something went wrong on our side.")


class Unavailable(Refusal):
    """The database cannot be reached, or does not answer. `Retry-After` says when to send the same request again.

    In all likelihood nothing was changed. Where the answer to the very last step was lost, it may have been: send the
    same request with the same `Idempotency-Key`, and it is done once.
    """

    code = "unavailable"
    status = 503
    title = _("The service cannot be used right now. Please try again soon.")


BY_STATUS: dict[int, type[Refusal]] = {
    kind.status: kind
    for kind in (
        BadRequest, NotSignedIn, Forbidden, Missing, MethodNotAllowed, NotAcceptable, TooLarge, AddressTooLong,
        UnsupportedMediaType, Throttled, HeadersTooLarge, Fault, Unavailable,
    )
}  # fmt: skip


def type_of(code: str) -> str:
    """Return the URI of a kind of problem; it can be opened and says what the problem means."""
    return f"{settings.PUBLIC_URL}/problems/{code}/"


def every_kind() -> list[type[Refusal]]:
    """Return every kind of refusal of ours that is loaded, once for each code and status."""
    ours = (kind for kind in _below(Refusal) if kind.__module__.split(".")[0] in settings.INSTALLED_APPS)
    return list(
        {
            (kind.code, kind.status): kind for kind in sorted(ours, key=lambda k: (k.code, k.status, -len(k.__mro__)))
        }.values()
    )


def _below(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for sub in kind.__subclasses__():
        yield sub
        yield from _below(sub)


def body_of(refusal: Refusal) -> dict[str, Any]:
    """Return a refusal as the members of a problem. Facts never replace RFC 9457's own members."""
    facts = {name: plain(fact) for name, fact in refusal.facts.items()}
    return facts | {
        "type": type_of(refusal.code),
        "title": str(refusal.title),
        "status": refusal.status,
        "code": refusal.code,
        "detail": str(refusal.detail or refusal.title),
    }


@singledispatch
def plain(fact: object) -> object:
    """Return a fact as JSON can show it. An app that puts values of its own into refusals registers how they look."""
    if isinstance(fact, Mapping):
        return {str(name): plain(value) for name, value in fact.items()}
    if isinstance(fact, list | tuple | set | frozenset):
        return [plain(one) for one in fact]
    return fact


def headers_of(refusal: Refusal) -> dict[str, str]:
    """Return the headers that go with a refusal: when to come back."""
    wait = refusal.facts.get("retry_after", RETRY_AFTER_SECONDS)
    return {"Retry-After": str(wait)} if refusal.status in WAITS else {}


def answer(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """Turn what a REST view raised into a problem; None for a fault, which Django logs."""
    refusal = _as_refusal(exc, parameters=_is_read(context.get("request")))
    if refusal is None:
        return None
    headers = headers_of(refusal)
    if challenge := getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    return Response(body_of(refusal), status=refusal.status, headers=headers, content_type=CONTENT_TYPE)


def _is_read(request: object) -> bool:
    return getattr(request, "method", "") in {"GET", "HEAD", "DELETE"}


def _as_refusal(exc: Exception, *, parameters: bool) -> Refusal | None:
    if isinstance(exc, Refusal):
        return exc
    if isinstance(exc, drf.APIException):
        return _of_framework(exc, parameters=parameters)
    if isinstance(exc, DatabaseFault):
        return _of_database(exc)
    return next((kind() for fault, kind in PLAIN if isinstance(exc, fault)), None)


PLAIN: tuple[tuple[type[Exception], type[Refusal]], ...] = (
    (Http404, Missing),
    (django_errors.PermissionDenied, Forbidden),
    (django_errors.RequestDataTooBig, TooLarge),
    (django_errors.BadRequest, BadRequest),
    (django_errors.SuspiciousOperation, BadRequest),
)


def _of_framework(exc: drf.APIException, *, parameters: bool) -> Refusal | None:
    if isinstance(exc, drf.ValidationError):
        return Invalid(errors=list(_errors(exc.detail, "", parameters=parameters)))
    kind: type[Refusal] | None = getattr(exc, "kind", None) or BY_STATUS.get(exc.status_code)
    if kind is None:
        return None
    wait = getattr(exc, "wait", None)
    facts = {"retry_after": int(wait)} if wait else {}
    # A framework's 404 names what it looked for, which is not for whoever asked.
    return kind(str(exc.detail) if kind is not Missing else "", **facts)


def _of_database(exc: DatabaseFault) -> Refusal | None:
    # The server itself ended it by its limits: all of it was rolled back, and it may be sent again.
    if isinstance(exc.__cause__, LockNotAvailable | QueryCanceled):
        return Busy()
    if isinstance(exc, OperationalError | InterfaceError):
        log.warning("the database cannot be reached: %s", type(exc.__cause__ or exc).__name__)
        return Unavailable()
    return None


def _errors(detail: object, pointer: str, *, parameters: bool) -> Iterator[dict[str, str]]:
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            step = "" if name == "non_field_errors" else "/" + str(name).replace("~", "~0").replace("/", "~1")
            yield from _errors(inner, pointer + step, parameters=parameters)
    elif isinstance(detail, list):
        for place, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list)
            yield from _errors(inner, f"{pointer}/{place}" if nested else pointer, parameters=parameters)
    else:
        where = {"parameter": pointer.lstrip("/")} if parameters else {"pointer": pointer}
        yield where | {"detail": str(detail), "code": (getattr(detail, "code", None) or "invalid").replace("_", "-")}


class ApiProblemsMiddleware:
    """Middleware around all that may fail: under /api/ that is answered as a problem outside the REST views, too."""

    prefix: ClassVar[str] = "/api/"

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the answer on, or replace the body of one that failed without saying why."""
        response = self.get_response(request)
        if not request.path_info.startswith(self.prefix) or response.status_code < FIRST_ERROR:
            return response
        if response.headers.get("Content-Type") != CONTENT_TYPE and isinstance(response, HttpResponse):
            self._explain(response)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer what no view answered: under /api/ any refusal; on pages that the database is away or busy."""
        refusal = _as_refusal(exception, parameters=_is_read(request))
        if refusal is None:
            return None
        if request.path_info.startswith(self.prefix):
            return problem(refusal)
        return page_of(request, refusal) if refusal.status == Unavailable.status else None

    def _explain(self, response: HttpResponse) -> None:
        kind = BY_STATUS.get(response.status_code, Fault if response.status_code >= FIRST_FAULT else BadRequest)
        told = problem(kind(), status=response.status_code)
        response.content = told.content
        if "Content-Length" in response.headers:
            response.headers["Content-Length"] = str(len(told.content))
        for name in ("Content-Type", "Retry-After"):
            if name in told.headers:
                response.headers[name] = told.headers[name]


class DatabaseHangMiddleware:
    """Middleware, before whatever asks the database: while that hangs, everybody is told to come back, at once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on, unless nothing would come of it."""
        if not watch.hangs:
            return self.get_response(request)
        refusal = Unavailable()
        return (
            problem(refusal)
            if request.path_info.startswith(ApiProblemsMiddleware.prefix)
            else page_of(request, refusal)
        )


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Answer a fault outside the views (Django's handler500): the database's is no fault of ours, and soon over."""
    fault = sys.exc_info()[1]
    refusal = _of_database(fault) if isinstance(fault, DatabaseFault) else None
    return page_of(request, refusal) if refusal else defaults.server_error(request)


def page_of(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return the page that says to come back soon; it asks no database."""
    page = render(request, "503.html", status=refusal.status)
    for name, value in headers_of(refusal).items():
        page.headers[name] = value
    return page


def problem(refusal: Refusal, *, status: int | None = None) -> HttpResponse:
    """Return a refusal as a plain Django response; `status` where it is not the refusal's own."""
    code = status or refusal.status
    return HttpResponse(
        JSONRenderer().render(body_of(refusal) | {"status": code}),
        status=code,
        content_type=CONTENT_TYPE,
        headers=headers_of(refusal),
    )

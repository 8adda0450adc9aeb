"""The edge: bytes that are no text, or hold a NUL, go no further, nor do files and bodies without end."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase
from django.shortcuts import render

from core.http.request_headers import OTHER_CHARSET, STEERING

LARGEST_BODY = 1024 * 1024
MOST_DIGITS = 20  # of a length: a number that could be one has fewer
TOO_LARGE = "meridian.too_large"  # set by the web server in a request whose body was more, and was not read
TEXT_BODIES = ("application/json", "application/x-www-form-urlencoded", "text/")
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


class RequestLimitsMiddleware:
    """Middleware: a path, query, steering header or text body with a NUL or broken UTF-8 is answered with 400.

    Bodies over a mebibyte are answered with 413; charsets other than UTF-8, and files where none is taken, with 415.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on when all of it is text that may be sent. Raises BadRequest."""
        if _length(request) > LARGEST_BODY:
            return _too_large(request)
        if OTHER_CHARSET in request.META and _length(request):
            return _unsupported(request)
        try:
            for raw in _parts(request):
                _refuse_unless_text(raw)
        except RequestDataTooBig:
            return _too_large(request)
        except UploadRefused:
            return _unsupported(request)
        return self.get_response(request)


class UploadRefused(Exception):  # noqa: N818  (a refusal)
    """Somebody sent a file to an address that takes none."""


class UploadsWhereTaken(MemoryFileUploadHandler):
    """Refuses a file at its first byte, but at the few addresses that take one; none is ever written down."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  (Django's)
        """Refuse, or read it into memory, which the size of a body bounds. Raises UploadRefused."""
        path = self.request.path_info if self.request is not None else ""
        if not path.startswith(settings.TAKES_FILES):
            raise UploadRefused
        super().new_file(*args, **kwargs)


def _length(request: HttpRequest) -> int:
    """Return how long the body is said to be; longer than any may be where the web server refused it already."""
    said = request.META.get("CONTENT_LENGTH") or "0"
    if TOO_LARGE in request.META or len(said) > MOST_DIGITS:
        return LARGEST_BODY + 1
    return int(said) if said.isdecimal() else 0


def _too_large(request: HttpRequest) -> HttpResponse:
    return render(request, "413.html", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def _unsupported(request: HttpRequest) -> HttpResponse:
    return render(request, "400.html", status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def _parts(request: HttpRequest) -> Iterator[bytes]:
    # Django has decoded the path already and percent-encoded what was no UTF-8; decoded again it is broken again.
    yield unquote_to_bytes(request.path_info)
    yield unquote_to_bytes(request.META.get("QUERY_STRING", "").encode("latin-1", "surrogateescape"))
    for name in STEERING & request.META.keys():
        yield request.META[name].encode("latin-1", "replace")
    if request.content_type != MULTIPART and _length(request):
        yield from _body(request)
    elif request.content_type == MULTIPART and not request.path_info.startswith("/api/"):
        yield from (text.encode() for values in request.POST.lists() for text in (values[0], *values[1]))


def _body(request: HttpRequest) -> Iterator[bytes]:
    try:
        body = request.body
    except UnreadablePostError as error:
        raise BadRequest("The body broke off.") from error
    if (request.content_type or "").startswith(TEXT_BODIES):
        yield unquote_to_bytes(body) if request.content_type == FORM else body


def _refuse_unless_text(raw: bytes) -> None:
    if b"\0" in raw:
        raise BadRequest("A NUL is no text.")
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        raise BadRequest("These bytes are no UTF-8.") from error

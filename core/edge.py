"""The edge: bytes that are no text, or hold a NUL, go no further."""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from urllib.parse import unquote_to_bytes

from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase
from django.shortcuts import render

LARGEST_BODY = 1024 * 1024
TOO_LARGE = "meridian.too_large"  # set by the web server in a request whose body was more, and was not read
TEXT_BODIES = ("application/json", "application/x-www-form-urlencoded", "text/")
FORM = "application/x-www-form-urlencoded"


class RefuseBadBytes:
    """Middleware: a path, query, header or text body with a NUL or broken UTF-8 is answered with 400.

    Reading the body here also holds every body to DATA_UPLOAD_MAX_MEMORY_SIZE, before anything parses it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on when all of it is text; answer 413 when it is too much. Raises BadRequest."""
        if TOO_LARGE in request.META:
            return _too_large(request)
        try:
            for raw in _parts(request):
                _refuse_unless_text(raw)
        except RequestDataTooBig:
            return _too_large(request)
        return self.get_response(request)


def _too_large(request: HttpRequest) -> HttpResponse:
    return render(request, "413.html", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def _parts(request: HttpRequest) -> Iterator[bytes]:
    # Django has decoded the path already and percent-encoded what was no UTF-8; decoded again it is broken again.
    yield unquote_to_bytes(request.path_info)
    yield unquote_to_bytes(request.META.get("QUERY_STRING", "").encode("latin-1", "surrogateescape"))
    for name, value in request.META.items():
        if name.startswith("HTTP_") or name == "CONTENT_TYPE":
            yield value.encode("latin-1", "replace")
    if request.META.get("CONTENT_LENGTH") not in {None, "", "0"} and request.content_type != "multipart/form-data":
        yield from _body(request)


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

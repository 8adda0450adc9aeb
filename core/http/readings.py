"""What is only opened is read as of one moment."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.database.transactions import one_reading

READ = {"GET", "HEAD"}


class OneReadingMiddleware:
    """Middleware: what only reads reads once what is read once in a unit, however many rows it shows."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.reading = one_reading(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer what is sent act by act, and what is only asked for in one reading."""
        return self.reading(request) if request.method in READ else self.get_response(request)

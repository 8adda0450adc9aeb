"""Every address of the service with what answers there: for walks that leave none out, however deep it lies."""

from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

SOME = {"uuid": "00000000-0000-4000-8000-000000000000", "slug": "undo", "int": "1", "str": "x"}
OPEN_TO_ALL = {"desk", "desk-first-password", "desk-sign-in", "desk-sign-out"}
"""Pages of the desk that no right opens."""


def every_address(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield each route, as it is written, with the pattern that it ends in."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from every_address(entry, route)
        else:
            yield route, entry


def desk_addresses() -> Iterator[tuple[str | None, Callable[..., Any], str]]:
    """Return every address of the desk: its name, its view, and the address with something that is not there."""
    for route, pattern in every_address():
        if route.startswith("desk/"):
            yield pattern.name, pattern.callback, "/" + _filled(route)


def pages_of_patients() -> Iterator[str]:
    """Return every address of patients and their families at which a page may say no, likewise."""
    for route, pattern in every_address():
        if pattern.callback.__module__.startswith("booking.web.") and not route.startswith("desk") and "." not in route:
            yield "/" + _filled(route)


def _filled(route: str) -> str:
    """Return a route with something in the place of each part that names a thing."""
    for kind, something in SOME.items():
        while f"<{kind}:" in route:
            before, _, rest = route.partition(f"<{kind}:")
            route = before + something + rest.partition(">")[2]
    return route

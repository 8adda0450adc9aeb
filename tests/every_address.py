"""Every address of the service with what answers there: for walks that leave none out, however deep it lies."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def every_address(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield each route, as it is written, with the pattern that it ends in."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from every_address(entry, route)
        else:
            yield route, entry

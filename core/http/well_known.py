"""Addresses that programs ask of every site: whom to tell of a weakness (RFC 9116), and what no search engine reads."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from core import clock

HOLDS = timedelta(days=90)
PRIVATE = ("/admin/", "/api/", "/book/", "/calendar/", "/demo/", "/desk/", "/family/", "/lost-link/", "/m/")
"""Visits behind links, people's own steps, what is for staff and programs: no search engine reads any of it."""


@require_safe
@cache_control(public=True, max_age=86400)
def security_txt(_request: HttpRequest) -> HttpResponse:
    """Say whom to tell of a weakness, and until when that holds: it is renewed by being asked for."""
    # Midnight, so that caches get the same text all day.
    until = (clock.now() + HOLDS).replace(hour=0, minute=0, second=0, microsecond=0)
    return plain(
        f"Contact: {settings.SECURITY_CONTACT}",
        f"Expires: {until:%Y-%m-%dT%H:%M:%SZ}",
        f"Canonical: {settings.PUBLIC_URL}/.well-known/security.txt",
        f"Preferred-Languages: {', '.join(tag for tag, _name in settings.LANGUAGES)}",
    )


@require_safe
@cache_control(public=True, max_age=86400)
def robots_txt(_request: HttpRequest) -> HttpResponse:
    """Keep search engines to the first page."""
    return plain("User-agent: *", *(f"Disallow: {prefix}" for prefix in PRIVATE))


def plain(*lines: str) -> HttpResponse:
    """Return lines of plain text."""
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


urlpatterns = [
    path(".well-known/security.txt", security_txt, name="security-txt"),
    path("robots.txt", robots_txt, name="robots-txt"),
]

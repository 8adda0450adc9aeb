"""By which link somebody came: noted in their session for a time. Whoever came last counts, and nobody beside them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest

from core.http import posted_pages

FAMILY, OWN = KEYS = "family", "known-by-link"
"""The link of a family, and that of somebody's own appointment."""


def noted(request: HttpRequest, key: str, *, lasts: timedelta, at: datetime) -> dict[str, Any] | None:
    """Return what was noted of such a link in this browser, unless that was long ago: phones are shared."""
    found: dict[str, Any] | None = request.session.get(key) if hasattr(request, "session") else None
    return found if found and at < datetime.fromisoformat(found["since"]) + lasts else None


def note(request: HttpRequest, key: str, facts: Mapping[str, Any]) -> None:
    """Note who came, by such a link: `since` (ISO) among its facts."""
    forget(request)
    request.session[key] = dict(facts)


def forget(request: HttpRequest) -> None:
    """Let whoever sits here be a visitor again, by whichever link they came."""
    for key in KEYS:
        request.session.pop(key, None)
    posted_pages.forget(request.session)

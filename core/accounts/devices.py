"""Devices where somebody has signed in before: a cookie names each with its account, and a new password ends it."""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac

from core import clock
from core.models import User

LASTS = timedelta(days=180)
MOST = 12
"""Accounts that one machine remembers: a reception desk has several people."""


def known(request: HttpRequest, user: User | None) -> str:
    """Return the name of this device if `user` has signed in on it, with the password of now; else nothing."""
    if user is None:
        return ""
    at = clock.now().timestamp()
    for entry in _entries(request):
        account, device, since, mark = entry
        if account == str(user.pk) and constant_time_compare(mark, _mark(user, device, since)):
            return device if at < float(since) + LASTS.total_seconds() else ""
    return ""


def remember(request: HttpRequest, response: HttpResponseBase, user: User, *, at: datetime) -> None:
    """Let this device be known as one of `user`'s."""
    device, since = secrets.token_urlsafe(12), str(int(at.timestamp()))
    others = [entry for entry in _entries(request) if entry[0] != str(user.pk)]
    entries = [(str(user.pk), device, since, _mark(user, device, since)), *others][:MOST]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        "|".join(":".join(entry) for entry in entries),
        max_age=LASTS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def _entries(request: HttpRequest) -> Iterator[tuple[str, str, str, str]]:
    for text in request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "").split("|")[:MOST]:
        account, _, rest = text.partition(":")
        device, _, rest = rest.partition(":")
        since, _, mark = rest.partition(":")
        if since.isascii() and since.isdecimal():
            yield account, device, since, mark


def _mark(user: User, device: str, since: str) -> str:
    return salted_hmac("core.devices", f"{user.pk}:{device}:{since}:{user.password}", algorithm="sha256").hexdigest()

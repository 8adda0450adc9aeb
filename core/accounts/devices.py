"""Devices where somebody has signed in before: a cookie names each with its account.

A new password that the owner sets themselves ends them all but the one where it was typed. One that an administrator
sets ends none: in an attack it would shut the owner out together with the strangers.
"""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac

from core import clock
from core.models import User
from core.sealing import keys

# Longer than a leave: whoever comes back must not find their own computer a stranger.
LASTS = timedelta(days=180)
MOST = 12
"""Accounts that one machine remembers: a reception desk has several people."""


def known(request: HttpRequest, user: User | None) -> str:
    """Return the name of this device if `user` has signed in on it; else nothing."""
    if user is None:
        return ""
    at = clock.now().timestamp()
    for entry in _entries(request):
        account, device, since, mark = entry
        marks = [_mark(user, device, since, key) for key in keys()]
        if account == str(user.pk) and any(constant_time_compare(mark, one) for one in marks):
            return device if at < float(since) + LASTS.total_seconds() else ""
    return ""


def latest(request: HttpRequest) -> str:
    """Return who signed in last on this device: the account's id, empty where nobody knows."""
    newest = next(_entries(request), None)
    user = User.objects.filter(pk=newest[0], is_active=True).first() if newest and newest[0].isdecimal() else None
    return str(user.pk) if user and known(request, user) else ""


def accounts(request: HttpRequest) -> frozenset[str]:
    """Return who may have signed in on this device before, by what it says of itself: ids of accounts."""
    return frozenset(account for account, *_rest in _entries(request))


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


def end_all_of(user: User) -> None:
    """Make every device of `user` an unknown one; the caller saves."""
    user.device_mark = secrets.token_urlsafe(12)


def _mark(user: User, device: str, since: str, key: str | None = None) -> str:
    known = f"{user.pk}:{device}:{since}:{user.device_mark}"
    return salted_hmac("core.devices", known, secret=key, algorithm="sha256").hexdigest()

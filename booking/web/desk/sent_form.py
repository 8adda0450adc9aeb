"""A form that somebody sent who was signed out meanwhile: sealed on the sign-in page, sent once they are back."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, QueryDict

from core import clock
from core.accounts import devices
from core.accounts.sessions import ended_account
from core.sealing import seal, unseal

FIELD = "sent"
PURPOSE = "desk.sent"
LASTS = timedelta(hours=1)
LONGEST = 200_000
"""Characters: more is no form that somebody filled in."""


def sealed_form(request: HttpRequest) -> str:
    """Return what was sent, sealed for its address and for whoever filled it in; empty where that is not known."""
    # Whoever signed out themselves leaves no session behind. The page had its token from the sign-in that was the last
    # here, or it would not have come so far: so they filled it in.
    body, filled_in_by = request.POST.copy(), ended_account(request) or devices.latest(request)
    body.pop("csrfmiddlewaretoken", None)
    text = body.urlencode()
    if len(text) > LONGEST or not filled_in_by:
        return ""
    sent = {"to": request.get_full_path(), "by": filled_in_by, "at": clock.now().timestamp(), "body": text}
    return seal(json.dumps(sent), purpose=PURPOSE)


def _opened(sealed: str, user: AbstractBaseUser | AnonymousUser) -> dict[str, Any]:
    """Return what was sealed here not too long ago of what `user` filled in; nothing for anything else."""
    text = unseal(sealed, purpose=PURPOSE) if sealed else None
    sent: dict[str, Any] = json.loads(text) if text else {}
    recent = bool(sent) and clock.now().timestamp() - sent["at"] < LASTS.total_seconds()
    return sent if recent and sent.get("by") == str(user.pk) else {}


def page_of(request: HttpRequest) -> str:
    """Return the page on which a form stood that was sent: its own address may take nothing but what is sent."""
    stood = urlsplit(request.headers.get("Referer", ""))
    return stood.path if stood.netloc == request.get_host() else request.path


def address_of(sealed: str, *, user: AbstractBaseUser | AnonymousUser) -> str:
    """Return where a sealed form was sent that `user` filled in; nothing for what is not theirs, or too old."""
    return str(_opened(sealed, user).get("to", ""))


def opened_form(request: HttpRequest) -> QueryDict | None:
    """Return what was sent to this very address before its writer signed in again, if this request brings it along."""
    sent = _opened(str(request.POST.get(FIELD, "")), request.user)
    return QueryDict(sent["body"]) if sent.get("to") == request.get_full_path() else None

"""A form that somebody sent who was signed out meanwhile: sealed on the sign-in page, sent once they are back.

So is one whose page is from before, once it is sure who filled it in; else what they typed is shown to them.
"""

import json
import re
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
WORDS = re.compile(r"\S\s+\S")
"""What nobody but people sends: codes and marks of a form have no space."""


def sealed_form(request: HttpRequest, *, filled_in_by: str | None = None) -> str:
    """Return what was sent, sealed for its address and for whoever filled it in; empty where that is not known."""
    # Whoever signed out themselves leaves no session behind. The page had its token from the sign-in that was the last
    # here, or it would not have come so far: so they filled it in.
    if filled_in_by is None:
        filled_in_by = ended_account(request) or devices.latest(request)
    body = request.POST.copy()
    body.pop("csrfmiddlewaretoken", None)
    text = body.urlencode()
    if len(text) > LONGEST or not filled_in_by:
        return ""
    sent = {"to": request.get_full_path(), "by": filled_in_by, "at": clock.now().timestamp(), "body": text}
    return seal(json.dumps(sent), purpose=PURPOSE)


def is_own_form(request: HttpRequest) -> bool:
    """Whether a page of ours sent a form whose token does not hold, as the browser says, and no password is in it."""
    stood = urlsplit(request.headers.get("Origin") or request.headers.get("Referer", ""))
    return stood.netloc == request.get_host() and not any("password" in name for name in request.POST)


def writer_of(request: HttpRequest) -> str:
    """Return who filled in a form whose token does not hold: the account's id, empty where it may be another's."""
    # Its token says nothing of whose page it was: so nobody else may ever have signed in on this device.
    user = request.user
    found = str(user.pk) if user.is_authenticated else ended_account(request) or devices.latest(request)
    return found if devices.accounts(request) <= {found} else ""


def typed_texts(request: HttpRequest) -> list[str]:
    """Return what somebody typed into a form, as far as it is more than a word."""
    sent = (value.strip() for _name, values in request.POST.lists() for value in values)
    return [value for value in sent if len(value) < LONGEST and WORDS.search(value)]


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

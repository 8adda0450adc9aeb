"""A form that somebody sent who was signed out meanwhile: sealed on the sign-in page, sent once they are back."""

import json
from datetime import timedelta

from django.http import HttpRequest, QueryDict

from core import clock
from core.sealing import seal, unseal

FIELD = "sent"
PURPOSE = "desk.sent"
LASTS = timedelta(hours=1)
LONGEST = 200_000
"""Characters: more is no form that somebody filled in."""


def sealed_form(request: HttpRequest) -> str:
    """Return what was sent, sealed for its address: nobody reads it on the page of a desk that many use."""
    body = request.POST.copy()
    body.pop("csrfmiddlewaretoken", None)
    text = body.urlencode()
    if len(text) > LONGEST:
        return ""
    sent = {"to": request.get_full_path(), "at": clock.now().timestamp(), "body": text}
    return seal(json.dumps(sent), purpose=PURPOSE)


def address_of(sealed: str) -> str:
    """Return where a sealed form was sent; nothing for what was not sealed here, or too long ago."""
    text = unseal(sealed, purpose=PURPOSE) if sealed else None
    sent = json.loads(text) if text else {}
    return str(sent["to"]) if sent and clock.now().timestamp() - sent["at"] < LASTS.total_seconds() else ""


def opened_form(request: HttpRequest) -> QueryDict | None:
    """Return what was sent to this very address before somebody signed in again, if this request brings it along."""
    sealed = str(request.POST.get(FIELD, ""))
    if address_of(sealed) != request.get_full_path():
        return None
    return QueryDict(json.loads(unseal(sealed, purpose=PURPOSE) or "{}")["body"])

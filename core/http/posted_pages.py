"""Pages that answered what a browser sent: sealed, for as long as a time is held, for that browser alone (ADR 68)."""

import base64
import json
import secrets
import zlib
from datetime import datetime, timedelta
from http import HTTPStatus
from uuid import UUID, uuid4

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve

from core import clock, sealing
from core.database import deletion
from core.models import PostedPage
from core.principal import Principal

OWNER = "posted_pages"
"""Where a session has the secret without which none of its pages is found."""

LASTS = timedelta(minutes=15)
"""As long as a time is held for somebody, and as staff stay signed in without a click."""

LONGEST = 500_000
"""Bytes of a page: a longer one carries a whole table along."""

PURPOSE, PLACE = "posted pages", "places of posted pages"


def store(request: HttpRequest, response: HttpResponse, *, at: datetime) -> UUID:
    """Write down the page that answers a request, and return its id."""
    page = {
        "status": response.status_code,
        "headers": dict(response.items()),
        "body": response.content.decode(),
        "reader": _reader(request),
    }
    packed = base64.b85encode(zlib.compress(json.dumps(page).encode())).decode()
    owner = "" if _is_secret(request) and request.session.is_empty() else _own(request)
    row = PostedPage(id=uuid4(), place=_places(request.path, owner=owner)[0], ends_at=at + LASTS)
    row.page = sealing.seal(packed, purpose=PURPOSE)
    row.save(force_insert=True)
    return row.pk


def find(request: HttpRequest, wanted: UUID, *, at: datetime) -> PostedPage | None:
    """Return the page with this id, if it answered this browser at this address a short while ago."""
    places = [one for owner in _owners(request) for one in _places(request.path, owner=owner)]
    return PostedPage.objects.filter(pk=wanted, place__in=places, ends_at__gt=at).first()


def opened(row: PostedPage, request: HttpRequest) -> HttpResponse | None:
    """Return a page as it was; None for anybody but its reader, with the same roles as then."""
    packed = sealing.unseal(row.page, purpose=PURPOSE)
    page = json.loads(zlib.decompress(base64.b85decode(packed))) if packed else {}
    if not page or page["reader"] != _reader(request):
        return None
    response = HttpResponse(page["body"], status=HTTPStatus(page["status"]), headers=page["headers"])
    response.headers["Cache-Control"] = "no-store, private"
    return response


def supersede(request: HttpRequest, path: str = "") -> None:
    """Take away what answered at an address before, by default here: it is shown there as it stands now."""
    owners = _owners(request)
    if owners:  # whoever has no secret was never answered by a page at an open address
        places = [one for owner in owners for one in _places(path or request.path, owner=owner)]
        PostedPage.objects.filter(place__in=places).exclude(page="").update(page="")


def forget(session: SessionBase) -> None:
    """Let none of the pages that answered this browser be found any more."""
    session.pop(OWNER, None)


def prune(*, at: datetime) -> None:
    """Delete what is shown no more."""
    deletion.delete(PostedPage.objects.filter(ends_at__lte=at))


def _owner(session: SessionBase) -> str:
    return str(session.get(OWNER, ""))


def _own(request: HttpRequest) -> str:
    """Return the secret of whoever sent something; it begins a session where there was none."""
    return str(request.session.setdefault(OWNER, secrets.token_urlsafe(24)))


def _is_secret(request: HttpRequest) -> bool:
    """Whether an address is a secret itself: that of a mail's link, behind which nobody is asked for a cookie."""
    try:
        match = request.resolver_match or resolve(request.path_info)  # before a view is asked nobody has looked it up
    except Resolver404:
        return False
    return bool(getattr(match.func, "csrf_exempt", False))


def _owners(request: HttpRequest) -> set[str]:
    """Return by which secrets a browser's pages are found; what was sent behind a link, before it had one, by none."""
    mine = {_owner(request.session)} - {""}
    return mine | {""} if _is_secret(request) else mine


def _places(path: str, *, owner: str) -> tuple[str, ...]:
    # The address of a mail's link is a secret of its own: the row does not tell it.
    return sealing.digests(f"{owner} {path}", purpose=PLACE)


def _reader(request: HttpRequest) -> list[str]:
    """Return who reads: of staff with what they may, so that a role that has ended ends what it showed."""
    if not request.user.is_authenticated:
        return []
    principal = Principal.of(request.user, at=clock.now())
    return [principal.key, *sorted(f"{role} {site}" for role, site in principal.roles)]

"""Whom somebody calls to whom a page has just said no: the site that it is about, where that is known."""

from django.http import HttpRequest

from booking.actions import links
from booking.actions.waiting import list_entries
from booking.web.session_draft import SessionDraft, hold_in_browser, sent_hold
from core import clock
from core.models import Site
from core.refusals import Refusal


def phone_of(request: HttpRequest) -> str:
    """Return the phone of the site of what somebody has opened, or chosen; empty where it may be any."""
    found = request.resolver_match
    name, token = (found.url_name or "", str(found.kwargs.get("token", ""))) if found else ("", "")
    site = _behind_link(name, token) if token else _of_what_is_held(request)
    return site.phone if site else ""


def _behind_link(name: str, token: str) -> Site | None:
    """Return the site of what a mail's link opens; None of a link that opens nothing any more."""
    at = clock.now()
    try:
        if name.startswith("waiting"):
            return list_entries.opened_by(token, at=at).site
        return links.open_link(token, at=at).appointment.site if name.startswith("manage") else None
    except Refusal:
        return None


def _of_what_is_held(request: HttpRequest) -> Site | None:
    held = sent_hold(request) or hold_in_browser(request, SessionDraft.of(request.session))
    return held.site if held else None

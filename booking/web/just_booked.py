"""Somebody has booked here a short while ago: said without a name to whoever goes back to a page of the booking."""

from datetime import datetime, timedelta

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from booking.web import session_draft
from core import clock

KEY = "booked"
LASTS = timedelta(minutes=15)
"""As long as answers are shown: later somebody else may sit here."""


def forget_draft(session: SessionBase, *, at: datetime) -> None:
    """Drop what was typed, which is booked, and note that it is."""
    session_draft.forget(session)
    session[KEY] = at.isoformat()


def without_time(request: HttpRequest) -> HttpResponse:
    """Answer whoever opens a page of a time that is not held: it is booked, or they choose one."""
    since = request.session.get(KEY)
    if not since or clock.now() >= datetime.fromisoformat(since) + LASTS:
        return redirect("therapy")
    return render(request, "booking/just_booked.html", status=410)

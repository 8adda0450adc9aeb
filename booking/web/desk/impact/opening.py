"""Opening hours: the week of a site, changed from a day on in one step, with what that does to appointments."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.actions.impact import settling
from booking.models import EditKind
from booking.web.desk.impact.looking import says_what_it_looks_for
from booking.web.desk.impact.settling_form import (
    edit_seen,
    edited_rows,
    impact_context,
    settled_in_words,
    take_back,
    wanted_from,
    why_refused,
)
from booking.web.desk.impact.week_form import AskedWeek, asked_opening, weekdays_in_words
from booking.web.desk.moving_in.entry_page import EDITS_SHOWN, edits_shown
from booking.web.desk.shell import Desk, desk_of, staff_page
from booking.web.responses import asked_or_sent
from core import clock
from core.accounts.principals import principal_of
from core.refusals import Refusal
from core.rights import Action
from core.text.languages import date_in_words
from scheduler.public import setup_forms

SETS_UP = Action.EDIT_CATALOGUE


@asked_or_sent
@staff_page(SETS_UP)
@says_what_it_looks_for
def opening_hours(request: HttpRequest) -> HttpResponse:
    """Show the week; show what other opening hours do to appointments; save all of it with one press."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, SETS_UP, at=at)
    asked = asked_opening(request.GET, desk)
    if request.method != "POST" or asked.wrong or asked.edit is None:
        return _page(request, desk, asked, at=at)
    try:
        saved = settling.save(
            asked.edit, wanted_from(request, desk), site=desk.site, by=by, at=at, seen=edit_seen(request)
        )
    except Refusal as refusal:
        return _page(request, desk, asked, at=at, note=why_refused(refusal), status=refusal.status)
    said = _("The opening hours are saved, from %(day)s on.") % {"day": date_in_words(asked.edit.since)}
    messages.success(request, f"{said} {settled_in_words(saved, asked.edit, by=by, at=at)}")
    return redirect(_here(desk))


def _here(desk: Desk) -> str:
    return f"{reverse('desk-setup-opening')}{desk.where}"


def _page(
    request: HttpRequest, desk: Desk, asked: AskedWeek, *, at: datetime, status: int = 200, note: str = ""
) -> HttpResponse:
    """Show the week, or what other hours would do, as it fits now."""
    by = principal_of(request)
    context: dict[str, Any] = {"desk": desk, "asked": asked, "note": note, "here": _here(desk)}
    if asked.wrong:
        status = 422
    elif asked.edit:
        try:
            context |= impact_context(asked.edit, request, desk, by=by, at=at)
            context["changes"] = weekdays_in_words(asked)
        except Refusal as refusal:
            context["note"], status = why_refused(refusal), refusal.status
    done = setup_forms.edits_of_opening(desk.site, most=EDITS_SHOWN)
    context["edits"] = edits_shown(done, desk.site.tz)
    context |= {"entered": edited_rows(desk, EditKind.OPENING, by=by, at=at), "action": request.get_full_path()}
    return render(request, "booking/desk/setup_opening.html", context, status=status)


@require_POST
@staff_page(SETS_UP)
def act(request: HttpRequest, edit: UUID, act: str) -> HttpResponse:
    """Take back what was edited today."""
    at = clock.now()
    desk = desk_of(request, SETS_UP, at=at)
    if act != "undo":
        raise Http404
    take_back(request, edit, at=at)
    return redirect(_here(desk))

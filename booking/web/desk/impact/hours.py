"""Hours: somebody's week at a site, changed from a day on in one step, with what that does to appointments."""

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
from booking.web.desk.impact.colleagues import WHO, colleague, colleagues
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
from booking.web.desk.impact.week_form import AskedWeek, asked_week, weekdays_in_words
from booking.web.desk.shell import Desk, desk_of, staff_page
from booking.web.responses import asked_or_sent
from core import clock
from core.accounts.principals import principal_of
from core.refusals import Refusal
from core.rights import Action
from core.text.languages import date_in_words


@asked_or_sent
@staff_page(Action.EDIT_CALENDAR)
@says_what_it_looks_for
def hours(request: HttpRequest) -> HttpResponse:
    """Ask whose hours; show the week; show what other hours do to appointments; save all of it with one press."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.EDIT_CALENDAR, at=at)
    if WHO not in request.GET:
        context = {"desk": desk, "colleagues": colleagues(desk, by=by), "here": f"{reverse('desk-hours')}{desk.where}"}
        context["entered"] = edited_rows(desk, EditKind.HOURS, by=by, at=at)
        return render(request, "booking/desk/hours.html", context)
    who = colleague(desk, request.GET[WHO], by=by)
    asked = asked_week(request.GET, who, desk)
    if request.method != "POST" or asked.wrong or asked.edit is None:
        return _page(request, desk, asked, at=at)
    try:
        edit = settling.save(
            asked.edit, wanted_from(request, desk), site=desk.site, by=by, at=at, seen=edit_seen(request)
        )
    except Refusal as refusal:
        return _page(request, desk, asked, at=at, note=why_refused(refusal), status=refusal.status)
    said = _("The hours of %(who)s are saved, from %(day)s on.")
    facts = {"who": who.name, "day": date_in_words(asked.edit.since)}
    messages.success(request, f"{said % facts} {settled_in_words(edit, asked.edit, by=by, at=at)}")
    return redirect(f"{reverse('desk-hours')}{desk.where}")


def _page(
    request: HttpRequest, desk: Desk, asked: AskedWeek, *, at: datetime, status: int = 200, note: str = ""
) -> HttpResponse:
    """Show the week, or what other hours would do, as it fits now."""
    by = principal_of(request)
    context: dict[str, Any] = {"desk": desk, "who": asked.who, "asked": asked, "note": note}
    if asked.edit and not asked.wrong:
        try:
            context |= impact_context(asked.edit, request, desk, by=by, at=at)
            context["changes"] = weekdays_in_words(asked)
        except Refusal as refusal:
            context["note"], status = why_refused(refusal), refusal.status
    elif asked.wrong:
        status = 422
    here = f"{reverse('desk-hours')}{desk.where}"
    context |= {"back": here, "action": request.get_full_path()}
    return render(request, "booking/desk/hours.html", context, status=status)


@require_POST
@staff_page(Action.EDIT_CALENDAR)
def act(request: HttpRequest, edit: UUID, act: str) -> HttpResponse:
    """Take back what was edited today."""
    at = clock.now()
    desk = desk_of(request, Action.EDIT_CALENDAR, at=at)
    if act != "undo":
        raise Http404
    take_back(request, edit, at=at)
    return redirect(f"{reverse('desk-hours')}{desk.where}")

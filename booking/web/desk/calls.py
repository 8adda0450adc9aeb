"""Whom to call: one list of calls to make and of calls that were asked for; done with one key, undone that day."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from booking.actions import made_calls
from booking.models import CallRequest, CallTask
from booking.web.desk.call_rows import CallsOfSite, name_in
from booking.web.desk.shell import Desk, desk_of, desk_page, staff_page
from core import clock
from core.accounts.names import name_of
from core.accounts.principals import principal_of
from core.refusals import Refusal
from core.rights import Action
from core.text.languages import when_in_words

DONE, UNDO, NOT_REACHED, NOT_TRIED = "done", "undo", "not-reached", "not-tried"
SAYS = {
    DONE: gettext_lazy("%s is called. Until tonight you can undo it below."),
    UNDO: gettext_lazy("%s is on the list again."),
    NOT_REACHED: gettext_lazy("%s did not answer. They stay on the list, for an hour below the others."),
    NOT_TRIED: gettext_lazy("%s stands where they stood before. That nobody answered is taken back."),
}
"""What is done with a call, and what is said of it."""

MOST = 50
"""Cards on a page, unless all are asked for."""


@desk_page(Action.CALL)
def call_list(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Show whom to call at a site, who is due first on top."""
    return _page(request, desk, at=at)


def _page(request: HttpRequest, desk: Desk, *, at: datetime, note: str = "", status: int = 200) -> HttpResponse:
    found = CallsOfSite(desk.site, by=principal_of(request), at=at)
    rows, everyone = found.to_make(), "all" in request.GET
    context = {
        "desk": desk,
        "rows": rows if everyone else rows[:MOST],
        "all": len(rows) if len(rows) > MOST and not everyone else 0,
        "made": found.made_today(),
        "note": note,
    }
    return render(request, "booking/desk/calls.html", context, status=status)


@require_POST
@staff_page(Action.CALL)
def settle(request: HttpRequest, kind: str, pk: int, act: str) -> HttpResponse:
    """Note that somebody was called, or take that back; where somebody was quicker, say who."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.CALL, at=at)
    call = CallsOfSite(desk.site, by=by, at=at).find(kind, pk)
    if call is None or act not in SAYS:
        raise Http404
    try:
        _settle(request, call, act, at=at)
    except Refusal as refusal:
        note = f"{name_in(call)}: {_why_not(call, refusal, desk)}"
        return _page(request, desk, at=at, note=note, status=refusal.status)
    messages.success(request, SAYS[act] % name_in(call))
    return redirect(f"{reverse('desk-calls')}{desk.where}")


def _settle(request: HttpRequest, call: CallTask | CallRequest, act: str, *, at: datetime) -> None:
    by = principal_of(request)
    if act == NOT_REACHED:
        made_calls.not_answered(call, by=by, at=at)
        return
    seen = _moment(request.POST.get("seen", ""))
    if act == NOT_TRIED:
        made_calls.answered_after_all(call, seen=seen, at=at)
    elif act == DONE:
        made_calls.make(call, seen=seen, by=by, at=at)
    else:
        made_calls.take_back(call, seen=seen, at=at)


def _moment(sent: str) -> datetime:
    """Return as which a call was looked at; what nobody can have seen is never as it is."""
    try:
        seen = datetime.fromisoformat(sent)
    except ValueError as error:
        raise Http404 from error
    if seen.tzinfo is None:
        raise Http404
    return seen


def _why_not(call: CallTask | CallRequest, refusal: Refusal, desk: Desk) -> str:
    """Say why nothing was done; of what somebody else has done, who and when."""
    if not isinstance(refusal, made_calls.CallMade):
        return str(refusal.title)
    call.refresh_from_db(fields=["done_at", "done_by"])
    facts = {
        "name": name_of(call.done_by) or _("Somebody"),
        "when": when_in_words(call.done_at, desk.site.tz) if call.done_at else "",
    }
    return _("%(name)s has called them already, %(when)s. Nothing was changed.") % facts

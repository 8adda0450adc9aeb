"""What a change of the set-up does to appointments: shown before it is saved, settled with it, gone on with later."""

from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from booking.actions.impact import settling
from booking.actions.impact.setting_up import KIND, EntryChange, before_edits
from booking.models import CalendarEdit
from booking.web.desk.impact.settling_form import (
    edit_seen,
    goes_on_at,
    impact_context,
    settled_in_words,
    take_back,
    wanted_from,
    why_refused,
)
from booking.web.desk.shell import Desk, desk_of, staff_page
from core import clock
from core.accounts.principals import principal_of
from core.principal import Principal
from core.refusals import Refusal
from core.rights import Action
from scheduler import public as scheduler

SURE, SETTLE, REST = "sure", "settle", "rest"
"""What a press sends, and of an address: what an earlier press left over."""

LISTS = {"therapy": "desk-setup-therapies", "place": "desk-setup-places", "device": "desk-setup-places"}
PEOPLE = "desk-setup-practitioners"


def planned_change(form: Any, entry: Any, desk: Desk, name: str, *, at: datetime) -> EntryChange | None:  # noqa: ANN401  (a form and a row of the scheduler's)
    """Return what a form would save as an edit that settles appointments; None where it changes more than one row."""
    changed = frozenset(form.changed_data) - {"anyway"}
    if entry is None or not scheduler.kind_of(entry) or not scheduler.has_columns(entry, changed):
        return None
    return EntryChange(site=desk.site, entry=entry, columns=changed, act=form.act, name=name, starts_at=at)


def what_is_left(entry: Any, desk: Desk, name: str, *, at: datetime) -> EntryChange | None:  # noqa: ANN401  (as above)
    """Return the edit that changes nothing any more, for whoever earlier ones left without cover; None without any."""
    before = before_edits(entry) if entry is not None and scheduler.kind_of(entry) else {}
    if not before:
        return None
    columns, act = frozenset[str](), partial(scheduler.impact_since, entry, before, at=at)
    return EntryChange(site=desk.site, entry=entry, columns=columns, act=act, name=name, starts_at=at)


def left_at(entry: Any, desk: Desk, address: str, *, by: Principal, at: datetime) -> str:  # noqa: ANN401  (as above)
    """Return where what earlier edits of an entry left over is settled; empty where nothing is left."""
    edit = what_is_left(entry, desk, "", at=at)
    return f"{address}{desk.where}&{REST}=1" if edit and settling.count(edit, by=by, at=at) else ""


def answer_left(
    request: HttpRequest,
    desk: Desk,
    entry: Any,  # noqa: ANN401  (as above)
    *,
    heading: str,
    name: str,
    back: tuple[str, str],
) -> HttpResponse:
    """Show what earlier edits of an entry have left over; settle it with one press."""
    at, by, status = clock.now(), principal_of(request), HTTPStatus.OK
    edit = what_is_left(entry, desk, name, at=at)
    context: dict[str, Any] = {"desk": desk, "heading": heading, "back": back}
    try:
        if edit and request.POST.get(SURE) == SETTLE:
            return settled(request, desk, edit, "", back[0])
    except Refusal as refusal:
        context["note"], status = why_refused(refusal), HTTPStatus(refusal.status)
    try:
        context |= impact_context(edit, request, desk, by=by, at=at) if edit else {}
    except Refusal as refusal:
        context["note"], status = why_refused(refusal), HTTPStatus(refusal.status)
    return render(request, "booking/desk/setup_left.html", context, status=status)


def settled(request: HttpRequest, desk: Desk, edit: EntryChange, said: str, back: str) -> HttpResponse:
    """Save a change with what was chosen about each appointment; lead on to those that are left. Raises Refusal."""
    at, by = clock.now(), principal_of(request)
    saved = settling.save(edit, wanted_from(request, desk), site=desk.site, by=by, at=at, seen=edit_seen(request))
    messages.success(request, f"{said} {settled_in_words(saved, edit, by=by, at=at)}".strip())
    onward = goes_on_at(request, saved, edit, back, by=by, at=at)
    return redirect(back if onward == back else f"{request.path}{desk.where}&{REST}=1")


@require_POST
@staff_page(Action.EDIT_CATALOGUE)
def act(request: HttpRequest, edit: UUID, act: str) -> HttpResponse:
    """Take back a change of today, with what became of appointments."""
    at = clock.now()
    desk = desk_of(request, Action.EDIT_CATALOGUE, at=at)
    made = CalendarEdit.objects.filter(public_id=edit).values_list("made", flat=True).first()
    if act != "undo" or not made:
        raise Http404
    take_back(request, edit, at=at)
    return redirect(f"{reverse(LISTS.get(str(made[0].get(KIND)), PEOPLE))}{desk.where}")

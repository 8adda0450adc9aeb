"""What a change of the set-up does to appointments: shown before it is saved, settled with it, gone on with later."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from booking.actions.impact import settling
from booking.actions.impact.setting_up import KIND, EntryChange
from booking.models import CalendarEdit
from booking.web.desk.impact.settling_form import edit_seen, goes_on_at, settled_in_words, take_back, wanted_from
from booking.web.desk.shell import Desk, desk_of, staff_page
from core import clock
from core.accounts.principals import principal_of
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


def what_is_left(entry: Any, desk: Desk, name: str, *, at: datetime) -> EntryChange:  # noqa: ANN401  (as above)
    """Return the edit that changes nothing any more, for whoever an earlier one left without cover."""
    done = scheduler.Impact(row=entry)
    return EntryChange(site=desk.site, entry=entry, columns=frozenset(), act=lambda: done, name=name, starts_at=at)


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

"""Time that programs keep for families, at the desk: one day kept longer, or opened to everybody, and undone."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.web.desk.families.page import page_with_note
from booking.web.desk.shell import FAMILIES, Desk, desk_of, staff_page
from core import clock
from core.accounts.principals import principal_of
from core.refusals import Refusal
from core.rights import Action
from scheduler import public as scheduler

KEEP, OPEN, UNDO = "keep", "open", "undo"


@require_POST
@staff_page(Action.KEEP_FAMILY_TIME)
def decide(request: HttpRequest, block: UUID, act: str) -> HttpResponse:
    """Keep one day of a block longer, for a reason, or open it to everybody now."""
    at, by = clock.now(), principal_of(request)
    desk, found = desk_of(request, Action.KEEP_FAMILY_TIME, at=at), scheduler.family_block(block)
    starts_at = _moment(request.POST.get("starts_at", ""))
    if found.site_id != desk.site.pk or act not in {KEEP, OPEN}:
        raise Http404
    reason = request.POST.get("reason", "").strip()
    try:
        if act == KEEP:
            until = _moment(request.POST["until"]) if request.POST.get("until") else None
            scheduler.keep_occurrence(found, starts_at, reason=reason, until=until, by=by, at=at)
        else:
            scheduler.release_occurrence(found, starts_at, reason=reason, by=by, at=at)
    except Refusal as refusal:
        return page_with_note(request, desk, refusal, at=at, decided=request.POST.dict() | {"block": str(block)})
    said = _("It is kept for longer.") if act == KEEP else _("It is open to everybody now. It can be undone below.")
    return _led_back(request, desk, said)


@require_POST
@staff_page(Action.KEEP_FAMILY_TIME)
def undo(request: HttpRequest, decision: UUID) -> HttpResponse:
    """Take back what was decided about one day."""
    at, by = clock.now(), principal_of(request)
    desk, found = desk_of(request, Action.KEEP_FAMILY_TIME, at=at), scheduler.block_decision(decision)
    if found.block.site_id != desk.site.pk:
        raise Http404
    try:
        scheduler.undo_decision(found, by=by, at=at)
    except Refusal as refusal:
        return page_with_note(request, desk, refusal, at=at)
    return _led_back(request, desk, _("Taken back: it stands as before."))


def _led_back(request: HttpRequest, desk: Desk, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect(f"{reverse(FAMILIES)}{desk.where}#opens")


def _moment(sent: str) -> datetime:
    """Return when the day in question begins; what nobody can have seen is none of a block's."""
    try:
        found = datetime.fromisoformat(sent)
    except ValueError as error:
        raise Http404 from error
    if found.tzinfo is None:
        raise Http404
    return found

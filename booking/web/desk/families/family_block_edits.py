"""A block that a program keeps, at the desk: changed or ended once it was seen what that touches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.web.desk.closures import by_field
from booking.web.desk.families.family_block_new import NOTHING_INSIDE, BlockForm, days_in_words, facts, page
from booking.web.desk.moving_in.entry_page import EDITS_SHOWN, edits_shown
from booking.web.desk.shell import FAMILIES, Desk, desk_of, staff_page
from booking.web.responses import asked_or_sent
from core import clock
from core.accounts.principals import principal_of
from core.models import Site
from core.refusals import Refusal
from core.rights import Action
from core.text.languages import localized, wall_time_in_words
from scheduler import public as scheduler


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRow:
    """Texts alone; `id` is the public one, and `version` what is acted on: as it was seen."""

    id: str
    version: int
    with_whom: str
    days: str
    hours: str
    program: str
    reason: str


def block_rows(site: Site, *, at: datetime) -> Sequence[BlockRow]:
    """Return what is kept at a site, week by week or on a day still to come."""
    return [_row(one) for one in scheduler.editable_blocks(site, at=at)]


def _row(block: scheduler.EditableBlock) -> BlockRow:
    kept = block.facts
    return BlockRow(
        id=str(block.row.public_id),
        version=block.row.version,
        with_whom=str(block.row.practitioner),
        days=days_in_words(kept.first_on, kept.every_weeks, kept.last_on),
        hours=f"{wall_time_in_words(kept.starts)} – {wall_time_in_words(kept.ends)}",
        program=localized(block.row.program.name),
        reason=kept.reason,
    )


@asked_or_sent
@staff_page(Action.KEEP_FAMILY_TIME)
def change(request: HttpRequest, block: UUID) -> HttpResponse:
    """Ask how a block is to be, show what that touches, and keep it so once that was seen."""
    at, by = clock.now(), principal_of(request)
    desk, found = _block(request, block, at=at)
    kept: dict[str, Any] = {"kept": _row(found), "seen": request.POST.get("seen", found.row.version)}
    kept |= _edits(desk, found)
    form = BlockForm(request.POST if request.method == "POST" else None, desk.site, found.facts)
    if not form.is_valid() or "change" in request.POST:
        return page(request, desk, form, **kept)
    sure = request.POST.get("sure") == "1"
    try:
        changed = scheduler.change_time(found, form.facts(), seen=_seen(request), by=by, at=at, dry_run=not sure)
    except scheduler.BlockChanged as refusal:
        return _as_it_is_now(request, refusal)
    except Refusal as refusal:
        return page(request, desk, form, **kept, note=by_field(form, refusal), status=422)
    if not sure:
        return page(request, desk, form, **kept, facts=facts(form), touched=_touched(changed))
    return _led_back(request, desk, _("It is changed from now on. What is booked stays."))


@asked_or_sent
@staff_page(Action.KEEP_FAMILY_TIME)
def end(request: HttpRequest, block: UUID) -> HttpResponse:
    """Show what a block keeps, and keep nothing more once that was seen."""
    at, by = clock.now(), principal_of(request)
    desk, found = _block(request, block, at=at)
    kept, sure = _row(found), request.method == "POST"
    try:
        ended = scheduler.end_time(found, seen=_seen(request), by=by, at=at, dry_run=not sure)
    except scheduler.BlockChanged as refusal:
        return _as_it_is_now(request, refusal)
    except Refusal as refusal:
        messages.info(request, str(refusal.detail))
        return redirect(f"{reverse(FAMILIES)}{desk.where}&blocks=yes#blocks")
    if not sure:
        context = {"desk": desk, "kept": kept, "touched": _touched(ended), **_edits(desk, found)}
        return render(request, "booking/desk/family_block_end.html", context)
    return _led_back(request, desk, _("It has ended: what is free opens to everybody. What is booked stays."))


def _block(request: HttpRequest, block: UUID, *, at: datetime) -> tuple[Desk, scheduler.EditableBlock]:
    """Return the desk, and a block of its site."""
    desk, found = desk_of(request, Action.KEEP_FAMILY_TIME, at=at), scheduler.editable_block(block)
    if found.row.site_id != desk.site.pk:
        raise Http404
    return desk, found


def _edits(desk: Desk, block: scheduler.EditableBlock) -> dict[str, Any]:
    """Return who kept this time, and who has changed it since."""
    done = scheduler.setup_forms.edits_of(block.row, zone=desk.site.tz, most=EDITS_SHOWN)
    return {"edits": edits_shown(done, desk.site.tz)}


def _seen(request: HttpRequest) -> int | None:
    """Return as which version the block was seen on the page that sends this."""
    sent = request.POST.get("seen", "")
    return int(sent) if sent.isascii() and sent.isdigit() else None


def _as_it_is_now(request: HttpRequest, refusal: scheduler.BlockChanged) -> HttpResponse:
    messages.info(request, f"{refusal.title} {refusal.detail}")
    return redirect(request.get_full_path())


def _touched(found: scheduler.Impact[Any]) -> list[str]:
    return [one.detail for one in found.warnings] or [str(NOTHING_INSIDE)]


def _led_back(request: HttpRequest, desk: Desk, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect(f"{reverse(FAMILIES)}{desk.where}&blocks=yes#blocks")

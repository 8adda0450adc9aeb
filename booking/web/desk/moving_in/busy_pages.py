"""Busy elsewhere: calendars of those who treat, as absences; a file once, or a feed that is read again and again."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from booking.actions.impact import absences, settling
from booking.actions.impact.busy import BusyElsewhere
from booking.models import EditKind
from booking.web.desk.impact.settling_form import (
    edit_seen,
    edited_rows,
    impact_context,
    settled_in_words,
    take_back,
    wanted_from,
    why_refused,
)
from booking.web.desk.shell import Desk, desk_of, staff_page
from booking.web.responses import asked_or_sent
from core import clock
from core.accounts.principals import principal_of
from core.principal import Principal
from core.refusals import Invalid, Refusal
from core.rights import Action, Subject, may
from core.sealing import seal, unseal
from core.text.languages import when_in_words
from scheduler import public as scheduler

WHO, FILE, ADDRESS, CARRIED, UNDO = "who", "file", "address", "carried", "undo"
PURPOSE = "a busy calendar on its way in"
A_DAY = timedelta(days=1)
LARGEST = 1_000_000


@asked_or_sent
@staff_page(Action.EDIT_CALENDAR)
def busy(request: HttpRequest) -> HttpResponse:
    """Show whose calendars are read here, and take another one in."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.EDIT_CALENDAR, at=at)
    if request.method != "POST":
        return _page(request, desk, by)
    try:
        edit = _opened(request, desk, by, at=at) or _read(request, desk, by, at=at)
    except Refusal as refusal:
        return _page(request, desk, by, note=str(refusal.detail or refusal), status=422)
    if CARRIED not in request.POST:
        return _shown(request, desk, edit, by=by, at=at)
    try:
        saved = settling.save(edit, wanted_from(request, desk), site=desk.site, by=by, at=at, seen=edit_seen(request))
    except Refusal as refusal:
        return _shown(request, desk, edit, by=by, at=at, note=why_refused(refusal), status=refusal.status)
    done = settled_in_words(saved, edit, by=by, at=at)
    messages.success(request, f"{_entered_in_words(len(edit.reading.stretches))} {done}")
    return redirect(f"{reverse('desk-busy')}{desk.where}")


def _shown(
    request: HttpRequest,
    desk: Desk,
    edit: BusyElsewhere,
    *,
    by: Principal,
    at: datetime,
    note: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show what would become of each appointment, as it fits now; what was read goes along, sealed."""
    count = len(edit.reading.stretches)
    if not count and not _changes_something(edit):
        nothing = _("In this calendar nothing is busy from now on: there is nothing to enter. Is it the right file?")
        return _page(request, desk, by, note=nothing, status=422)
    said = ngettext("%(count)d busy time to come.", "%(count)d busy times to come.", count) % {"count": count}
    context: dict[str, Any] = {"desk": desk, "who": edit.practitioner, "said": said, "note": note, "count": count}
    try:
        context |= impact_context(edit, request, desk, by=by, at=at)
    except Refusal as refusal:
        return _page(request, desk, by, note=why_refused(refusal), status=refusal.status)
    context |= {"carried": _sealed(edit, by), "here": f"{reverse('desk-busy')}{desk.where}"}
    return render(request, "booking/desk/busy_shown.html", context, status=status)


def _changes_something(edit: BusyElsewhere) -> bool:
    """Whether a calendar without busy times is worth taking in: a feed, or what takes the place of a file."""
    return bool(edit.reading.address) or any(
        not one.is_feed for one in scheduler.busy_calendars_of([edit.practitioner])
    )


def _sealed(edit: BusyElsewhere, by: Principal) -> str:
    told = {
        WHO: str(edit.practitioner.public_id),
        ADDRESS: edit.reading.address,
        "read_at": edit.read_at.isoformat(),
        "stretches": [[start.isoformat(), end.isoformat()] for start, end in edit.reading.stretches],
    }
    return seal(json.dumps(told), purpose=f"{PURPOSE} of {by.key}")


def _opened(request: HttpRequest, desk: Desk, by: Principal, *, at: datetime) -> BusyElsewhere | None:
    """Return what was shown before; None where nothing was. Raises Invalid."""
    if CARRIED not in request.POST:
        return None
    text = unseal(request.POST[CARRIED], purpose=f"{PURPOSE} of {by.key}")
    told = json.loads(text) if text else {}
    if not told or datetime.fromisoformat(told["read_at"]) < at - A_DAY:
        raise Invalid(_("This was shown too long ago. Choose the file, or give the address, once more."))
    stretches = tuple((datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in told["stretches"])
    return BusyElsewhere(
        practitioner=_colleague(desk, told[WHO], by),
        reading=scheduler.BusyReading(stretches=stretches, address=told[ADDRESS]),
        read_at=datetime.fromisoformat(told["read_at"]),
    )


@require_POST
@staff_page(Action.EDIT_CALENDAR)
def act(request: HttpRequest, calendar: UUID, act: str) -> HttpResponse:
    """Read a feed at once, take a calendar out with its absences to come, or take back what was entered today."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.EDIT_CALENDAR, at=at)
    if act == UNDO:
        take_back(request, calendar, at=at)
        return redirect(f"{reverse('desk-busy')}{desk.where}")
    row = next((one for one in scheduler.busy_calendars_of(_colleagues(desk, by)) if one.public_id == calendar), None)
    if row is None or act not in {"read", "remove"} or (act == "read" and not row.is_feed):
        raise Http404
    if act == "remove":
        scheduler.remove_busy_calendar(row, by=by, at=at)
        messages.success(request, _("It is taken out, and its absences to come with it."))
    elif found := scheduler.read_busy_again(row, by=by, at=at):
        messages.success(request, _again_in_words(found))
    absences.look_again(at=at)
    return redirect(f"{reverse('desk-busy')}{desk.where}")


def _read(request: HttpRequest, desk: Desk, by: Principal, *, at: datetime) -> BusyElsewhere:
    """Read what was sent, and enter nothing. Raises Invalid, Unread."""
    who = _colleague(desk, request.POST.get(WHO, ""), by)
    sent, address = request.FILES.get(FILE), request.POST.get(ADDRESS, "").strip()
    if isinstance(sent, UploadedFile):
        reading = scheduler.read_busy(who, content=sent.read(LARGEST + 1), at=at)
    elif address:
        reading = scheduler.read_busy(who, url=address, at=at)
    else:
        raise Invalid(_("Choose a file, or give the address of a feed."))
    return BusyElsewhere(practitioner=who, reading=reading, read_at=at)


def _colleagues(desk: Desk, by: Principal) -> list[Any]:
    """Return those whose calendars somebody keeps at this site."""
    found = scheduler.colleagues([desk.site.pk])
    return [one for one in found if may(by, Action.EDIT_CALENDAR, _subject(one))]


def _subject(who: Any) -> Subject:  # noqa: ANN401  (a row of the scheduler's)
    return Subject(sites=scheduler.sites_of(who), practitioner=who.user_id)


def _colleague(desk: Desk, named: str, by: Principal) -> Any:  # noqa: ANN401  (a row of the scheduler's)
    found = next((one for one in _colleagues(desk, by) if str(one.public_id) == named), None)
    if found is None:
        raise Invalid(_("Choose whose calendar it is."))
    return found


def _entered_in_words(count: int) -> str:
    said = ngettext(
        "%(count)d busy time to come is an absence now.", "%(count)d busy times to come are absences now.", count
    )
    return said % {"count": count}


def _again_in_words(found: scheduler.BusyTimes) -> str:
    said = _entered_in_words(found.stretches)
    left = len(found.uncovered)
    if not left:
        return said
    more = ngettext(
        "%(count)d appointment is without cover: it stands on the list of calls.",
        "%(count)d appointments are without cover: they stand on the list of calls.",
        left,
    )
    return f"{said} {more % {'count': left}}"


def _page(request: HttpRequest, desk: Desk, by: Principal, *, note: str = "", status: int = 200) -> HttpResponse:
    people = _colleagues(desk, by)
    rows = [_row(one, desk) for one in scheduler.busy_calendars_of(people)]
    here = f"{reverse('desk-busy')}{desk.where}"
    chosen = request.POST.get(WHO, "")
    entered = [one for one in edited_rows(desk, EditKind.ABSENCE, by=by, at=clock.now()) if one["calendar"]]
    context = {"desk": desk, "people": people, "rows": rows, "note": note, "here": here, "chosen": chosen}
    context |= {"entered": entered, "address": request.POST.get(ADDRESS, "")}
    return render(request, "booking/desk/busy.html", context, status=status)


def _row(one: Any, desk: Desk) -> dict[str, Any]:  # noqa: ANN401  (a row of the scheduler's)
    good = when_in_words(one.good_at, desk.site.tz) if one.good_at else ""
    return {"calendar": one, "who": one.practitioner.name, "good": good}

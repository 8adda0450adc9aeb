"""Busy elsewhere: calendars of those who treat, as absences; a file once, or a feed that is read again and again."""

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

from booking.web.desk.shell import Desk, desk_of, staff_page
from booking.web.responses import asked_or_sent
from core import clock
from core.accounts.principals import principal_of
from core.principal import Principal
from core.refusals import Invalid, Refusal
from core.rights import Action, Subject, may
from core.text.languages import when_in_words
from scheduler import public as scheduler

WHO, FILE, ADDRESS = "who", "file", "address"
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
        found = _taken_in(request, _colleague(desk, request.POST.get(WHO, ""), by), by)
    except Refusal as refusal:
        return _page(request, desk, by, note=str(refusal.detail or refusal), status=422)
    messages.success(request, _entered_in_words(found))
    return redirect(f"{reverse('desk-busy')}{desk.where}")


@require_POST
@staff_page(Action.EDIT_CALENDAR)
def act(request: HttpRequest, calendar: UUID, act: str) -> HttpResponse:
    """Read a feed at once, or take a calendar out with its absences to come."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.EDIT_CALENDAR, at=at)
    people = _colleagues(desk, by)
    row = next((one for one in scheduler.busy_calendars_of(people) if one.public_id == calendar), None)
    if row is None or act not in {"read", "remove"} or (act == "read" and not row.is_feed):
        raise Http404
    if act == "remove":
        scheduler.remove_busy_calendar(row, by=by, at=at)
        messages.success(request, _("It is taken out, and its absences to come with it."))
    elif found := scheduler.read_busy_again(row, by=by, at=at):
        messages.success(request, _entered_in_words(found))
    return redirect(f"{reverse('desk-busy')}{desk.where}")


def _taken_in(request: HttpRequest, who: Any, by: Principal) -> scheduler.BusyTimes:  # noqa: ANN401  (a row of the scheduler's)
    at, sent, address = clock.now(), request.FILES.get(FILE), request.POST.get(ADDRESS, "").strip()
    if isinstance(sent, UploadedFile):
        return scheduler.add_busy_file(who, sent.read(LARGEST + 1), by=by, at=at)
    if not address:
        raise Invalid(_("Choose a file, or give the address of a feed."))
    return scheduler.add_busy_feed(who, address, by=by, at=at)


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


def _entered_in_words(found: scheduler.BusyTimes) -> str:
    said = ngettext(
        "%(count)d busy time to come is an absence now.", "%(count)d busy times to come are absences now.",
        found.stretches,
    ) % {"count": found.stretches}  # fmt: skip
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
    context = {"desk": desk, "people": people, "rows": rows, "note": note, "here": here, "chosen": chosen}
    return render(request, "booking/desk/busy.html", context, status=status)


def _row(one: Any, desk: Desk) -> dict[str, Any]:  # noqa: ANN401  (a row of the scheduler's)
    good = when_in_words(one.good_at, desk.site.tz) if one.good_at else ""
    return {"calendar": one, "who": one.practitioner.name, "good": good}

"""Public holidays of a year at a site, what is booked on them, and closing on them with what becomes of each."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.actions.impact import settling
from booking.actions.impact.closing import HolidayClosing
from booking.models import Appointment
from booking.status import OCCUPYING
from booking.web.desk.impact.looking import says_what_it_looks_for
from booking.web.desk.impact.settling_form import edit_seen, impact_context, settled_in_words, wanted_from, why_refused
from booking.web.desk.shell import Desk, desk_of, staff_page
from booking.web.responses import asked_or_sent
from core import clock
from core.accounts.principals import principal_of
from core.models import Site
from core.refusals import Refusal
from core.rights import Action
from core.text.languages import day_in_words
from core.text.typed_dates import iso_date
from core.text.us_states import state_in_words
from scheduler import public as scheduler
from scheduler.public import Holiday, HolidayState

A_MINUTE = timedelta(minutes=1)
A_YEAR = timedelta(days=366)
STATES = {
    HolidayState.CLOSED: gettext_lazy("Closed"),
    HolidayState.ASKED: gettext_lazy("Nobody has decided yet"),
    HolidayState.OPEN: gettext_lazy("Open"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayRow:
    """A public holiday as the page shows it; `count`: how many appointments stand on it."""

    day: str
    when: str
    name: str
    state: str
    count: int
    open: bool
    asked: bool
    reopen: str = ""


@asked_or_sent
@staff_page(Action.CLOSE)
def holidays(request: HttpRequest) -> HttpResponse:
    """Show the public holidays of a year; `open` decides that the site is open on one."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.CLOSE, at=at)
    here = f"{reverse('desk-holidays')}{desk.where}"
    if request.method == "POST":
        day = _day(request.POST.get("open", ""))
        scheduler.stay_open_on(desk.site, day, by=by, at=at)
        messages.success(request, _("The site is open on %s.") % day_in_words(day))
        return redirect(here)
    rows = _rows(desk, at=at)
    undecided = [one for one in rows if one.asked]
    close = f"{reverse('desk-holidays-close')}{desk.where}"
    context = {"desk": desk, "days": rows, "here": here, "close": close, "undecided": len(undecided)}
    context |= {
        "state": state_in_words(desk.site.state),
        "all": close + "".join(f"&day={one.day}" for one in undecided),
    }
    context["all"] = context["all"] if undecided else ""
    return render(request, "booking/desk/holidays.html", context)


@asked_or_sent
@staff_page(Action.CLOSE)
@says_what_it_looks_for
def close(request: HttpRequest) -> HttpResponse:
    """Show what becomes of the appointments on some holidays; close on them, and do it, with one press."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.CLOSE, at=at)
    edit = _edit(request, desk)
    if request.method != "POST":
        return _page(request, desk, edit, at=at)
    try:
        saved = settling.save(edit, wanted_from(request, desk), site=desk.site, by=by, at=at, seen=edit_seen(request))
    except Refusal as refusal:
        return _page(request, desk, edit, at=at, note=why_refused(refusal), status=refusal.status)
    messages.success(request, _("It is closed. %(done)s") % {"done": settled_in_words(saved, edit, by=by, at=at)})
    return redirect(f"{reverse('desk-closures')}{desk.where}")


def _page(
    request: HttpRequest, desk: Desk, edit: HolidayClosing, *, at: datetime, note: str = "", status: int = 200
) -> HttpResponse:
    """Show what would become of each appointment, as it fits now."""
    by = principal_of(request)
    chosen = [one for one in _rows(desk, at=at) if iso_date(one.day) in edit.days]
    context: dict[str, Any] = {"desk": desk, "chosen": chosen, "note": note, "action": request.get_full_path()}
    context |= impact_context(edit, request, desk, by=by, at=at)
    context["here"] = f"{reverse('desk-holidays')}{desk.where}"
    return render(request, "booking/desk/holidays.html", context, status=status)


def _edit(request: HttpRequest, desk: Desk) -> HolidayClosing:
    """Return on which holidays the address closes the site. Raises Http404."""
    known = {one.day: one for one in scheduler.holiday_year(desk.site, since=desk.today)}
    days = sorted({_day(typed) for typed in request.GET.getlist("day")})
    if not days or not set(days) <= set(known):
        raise Http404
    return HolidayClosing(site=desk.site, days=days, name=", ".join(known[day].name for day in days)[:200])


def _day(typed: str) -> date:
    try:
        return iso_date(typed)
    except ValueError as error:
        raise Http404 from error


def _rows(desk: Desk, *, at: datetime) -> Sequence[HolidayRow]:
    counts, closed = _counts(desk.site, at=at), scheduler.closed_ahead_at(desk.site.pk, at=at)
    days = scheduler.holiday_year(desk.site, since=desk.today)
    return [_row(one, counts[one.day], _reopen(one, closed, desk)) for one in days]


def _reopen(one: Holiday, closed: Sequence[scheduler.ClosedTime], desk: Desk) -> str:
    """Return where what closes a holiday is opened again; empty where it is open, or a policy closes it."""
    noon = datetime.combine(one.day, time(12), desk.site.tz)
    ours = (c for c in closed if not c.therapy and not c.by_policy and c.touches(noon, noon + A_MINUTE))
    found = next(ours, None) if one.state is HolidayState.CLOSED else None
    return f"{reverse('desk-closure', args=[found.key])}{desk.where}" if found else ""


def _row(one: Holiday, count: int, reopen: str) -> HolidayRow:
    return HolidayRow(
        day=one.day.isoformat(),
        when=day_in_words(one.day),
        name=one.name,
        state=str(STATES[one.state]),
        count=count,
        open=one.state is not HolidayState.CLOSED,
        asked=one.state is HolidayState.ASKED,
        reopen=reopen,
    )


def _counts(site: Site, *, at: datetime) -> Counter[date]:
    """Return how many appointments stand on each day of the next year, by the clock of the site."""
    first = datetime.combine(at.astimezone(site.tz).date(), time(), site.tz)
    rows = Appointment.objects.filter(
        site=site, status__in=sorted(OCCUPYING), period__startswith__range=(first, first + A_YEAR)
    )
    return Counter(one.lower.astimezone(site.tz).date() for one in rows.values_list("period", flat=True))

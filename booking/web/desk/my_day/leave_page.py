"""Asking for leave: what it touches is seen first; whoever keeps the calendar of the site decides."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from booking import queries
from booking.actions import leave_requests as actions
from booking.models import LeaveRequest
from booking.web.desk.shell import Desk, desk_of, desk_page, staff_page
from booking.web.labels import wrong_day
from core import clock
from core.accounts.principals import principal_of
from core.principal import Principal
from core.refusals import Invalid, Refusal
from core.rights import Action, acting
from core.text.languages import day_from_in_words, when_in_words
from core.text.sentences import as_sentence
from core.text.typed_dates import date_typed, iso_date
from scheduler import public as scheduler

FIRST, LAST = "first", "last"
LISTED, SHOWN = 20, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveRow:
    """A request of one's own. `waits`: it can be taken back."""

    id: str
    days: str
    stands: str
    waits: bool

    @property
    def sentence(self) -> str:
        """How it stands, as the end of a sentence: with one full stop, whatever was typed."""
        return as_sentence(self.stands)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveImpact:
    """What leave would touch: how many appointments in words, and the soonest of them."""

    days: str
    count: str
    visits: list[tuple[str, str]]
    beyond: int


@desk_page(Action.SEE_OWN_DAY)
def leave(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Ask for the days; show what they touch; list what was asked for."""
    return _page(request, desk, request.GET.dict(), at=at)


def _page(
    request: HttpRequest, desk: Desk, sent: dict[str, str], *, at: datetime, note: str = "", status: int = 200
) -> HttpResponse:
    by = principal_of(request)
    who = scheduler.practitioner_of(by.user_id)
    typed = {name: sent.get(name, "").strip() for name in (FIRST, LAST)}
    # Opened without a word it asks; sent without one, it says what to fill in.
    days, wrong = _days(typed, desk.today) if FIRST in sent else (None, "")
    found = LeaveRequest(practitioner=who, site=desk.site, first_on=days[0], last_on=days[1]) if who and days else None
    context = {
        "desk": desk,
        "who": who,
        "typed": typed,
        "impact": _impact(found, desk.today, by=by) if found else None,
        "rows": [_row(one, desk.today) for one in _own(who, at=at)] if who else [],
        "note": note or wrong,
        "first": days[0] if days else "",
        "last": days[1] if days else "",
    }
    return render(request, "booking/desk/leave.html", context, status=422 if wrong else status)


def _days(typed: dict[str, str], today: date) -> tuple[tuple[date, date] | None, str]:
    """Return the days that were typed, the last being the first where there is none; or what is wrong with them."""
    if not typed[FIRST]:
        return None, _("Type the first day that you are away.")
    first = _day(typed[FIRST])
    last = _day(typed[LAST]) if typed[LAST] else first
    if first is None or last is None:
        return None, wrong_day(typed[FIRST if first is None else LAST])
    if last < first:
        return None, _("The last day is before the first one.")
    over = _("These days are over. Type today or a later day.")
    return (None, over) if last < today else ((first, last), "")


def _day(text: str) -> date | None:
    try:
        return iso_date(text)
    except ValueError:
        return date_typed(text)


def _impact(found: LeaveRequest, today: date, *, by: Principal) -> LeaveImpact:
    seen = queries.appointments(acting(by, Action.SEE_APPOINTMENT))
    visits = list(actions.touched(found, seen))
    words = ngettext("%(count)d appointment", "%(count)d appointments", len(visits)) % {"count": len(visits)}
    shown = [(when_in_words(one.period.lower, one.site.tz), one.patient.name) for one in visits[:SHOWN]]
    return LeaveImpact(days=_in_words(found, today), count=words, visits=shown, beyond=len(visits) - len(shown))


def _in_words(one: LeaveRequest, today: date) -> str:
    return days_in_words(one.first_on, one.last_on, today)


def days_in_words(first_on: date, last_on: date, today: date) -> str:
    """Return one day, or from which until which, in words; with its year what is not of this one."""
    first, last = day_from_in_words(first_on, today), day_from_in_words(last_on, today)
    return first if first_on == last_on else _("%(first)s to %(last)s") % {"first": first, "last": last}


def _own(who: Any, *, at: datetime) -> list[LeaveRequest]:  # noqa: ANN401  (a row of the scheduler's)
    """Return what was asked for lately, the newest first."""
    rows = LeaveRequest.objects.filter(practitioner=who, last_on__gte=at.date()).select_related("practitioner", "site")
    return list(rows.order_by("-asked_at", "-pk")[:LISTED])


def _row(one: LeaveRequest, today: date) -> LeaveRow:
    entered = one.ended_at is None and actions.is_entered(one)
    if one.ended_at is None:
        stands = _("It stands in your calendar") if entered else _("Waits for a decision")
    elif one.declined_because:
        stands = _("Declined: %s") % one.declined_because
    else:
        stands = _("Taken back")
    return LeaveRow(
        id=str(one.public_id), days=_in_words(one, today), stands=stands, waits=one.ended_at is None and not entered
    )


@require_POST
@staff_page(Action.SEE_OWN_DAY)
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the leave that was shown."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.SEE_OWN_DAY, at=at)
    sent = {name: request.POST.get(name, "").strip() for name in (FIRST, LAST)}
    days, wrong = _days(sent, desk.today)
    if days is None:
        return _page(request, desk, sent, at=at, note=wrong, status=422)
    try:
        actions.ask(first_on=days[0], last_on=days[1], site=desk.site, by=by, at=at)
    except Refusal as refusal:
        said, status = why_not(refusal)
        return _page(request, desk, sent, at=at, note=said, status=status)
    messages.success(request, _("It is asked for. Whoever keeps the calendars of this site decides; you read it here."))
    return redirect(reverse("desk-leave") + desk.where)


def why_not(refusal: Refusal) -> tuple[str, int]:
    """Return what a page says where something was refused, and with which status: 422 for what was typed."""
    return str(refusal.detail or refusal.title), 422 if isinstance(refusal, Invalid) else refusal.status


@require_POST
@staff_page(Action.SEE_OWN_DAY)
def leave_act(request: HttpRequest, leave: UUID, act: str) -> HttpResponse:
    """Take back what was asked for, or note that what was decided is known."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.SEE_OWN_DAY, at=at)
    if act == "read":
        actions.read(leave, by=by, at=at)
        return redirect(reverse("desk-my-day") + desk.where)
    if act != "take-back":
        raise Http404
    actions.withdraw(leave, by=by, at=at)
    messages.success(request, _("It is taken back: nobody decides about it any more. You can ask anew."))
    return redirect(reverse("desk-leave") + desk.where)


def decisions_of(who: Any, *, at: datetime) -> list[LeaveRow]:  # noqa: ANN401  (a row of the scheduler's)
    """Return what was decided about leave that somebody asked for, until they say that they know."""
    return [_row(one, at.astimezone(one.site.tz).date()) for one in actions.decided(who, at=at)]

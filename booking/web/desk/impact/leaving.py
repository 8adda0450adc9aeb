"""Somebody who treats leaves: on which day last, and what becomes of each appointment after it, before it is saved."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.actions.impact import settling
from booking.actions.impact.hours import Leaving
from booking.web.desk.impact.looking import says_what_it_looks_for
from booking.web.desk.impact.settling_form import edit_seen, impact_context, settled_in_words, wanted_from, why_refused
from booking.web.desk.moving_in.entry_page import entry_of
from booking.web.desk.shell import Desk, desk_of, staff_page
from booking.web.labels import wrong_day
from booking.web.responses import asked_or_sent
from core import clock
from core.accounts.principals import principal_of
from core.refusals import Refusal
from core.rights import Action
from core.text.languages import date_in_words
from core.text.typed_dates import date_typed
from scheduler import public as scheduler
from scheduler.public import setup_forms as forms

SETS_UP, LAST, SHOW = Action.EDIT_CATALOGUE, "last", "show"
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLastDay:
    """The last day as an address says it. `wrong`: what is not understood; `edit`: what would be saved."""

    typed: str
    last_on: date | None
    wrong: str = ""
    edit: Leaving | None = None


@asked_or_sent
@staff_page(SETS_UP)
@says_what_it_looks_for
def leaving(request: HttpRequest, practitioner: UUID) -> HttpResponse:
    """Ask for the last day; show what that does to appointments; save all of it with one press."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, SETS_UP, at=at)
    who = entry_of(forms.PractitionerForm, request, public_id=practitioner)
    asked = asked_last_day(request.GET, who, desk)
    if request.method != "POST" or asked.edit is None or asked.last_on is None:
        return _page(request, desk, who, asked, at=at)
    try:
        saved = settling.save(
            asked.edit, wanted_from(request, desk), site=desk.site, by=by, at=at, seen=edit_seen(request)
        )
    except Refusal as refusal:
        return _page(request, desk, who, asked, at=at, note=why_refused(refusal), status=refusal.status)
    said = _("The last day of %(who)s is %(day)s.") % {"who": who.name, "day": date_in_words(asked.last_on)}
    messages.success(request, f"{said} {settled_in_words(saved, asked.edit, by=by, at=at)}")
    return redirect(_back(desk))


def _back(desk: Desk) -> str:
    return f"{reverse('desk-setup-practitioners')}{desk.where}"


def asked_last_day(sent: QueryDict, who: Any, desk: Desk) -> AskedLastDay:  # noqa: ANN401  (a row of the scheduler's)
    """Return the last day that an address asks for."""
    typed = sent.get(LAST, "").strip()
    last_on = date_typed(typed) if typed else None
    if SHOW not in sent:
        return AskedLastDay(typed=typed, last_on=last_on)
    if last_on is None:
        return AskedLastDay(typed=typed, last_on=None, wrong=wrong_day(typed))
    if last_on < desk.today:
        return AskedLastDay(typed=typed, last_on=None, wrong=_("Type today or a later day."))
    edit = Leaving(practitioner=who, site=desk.site, since=last_on + A_DAY)
    return AskedLastDay(typed=typed, last_on=last_on, edit=edit)


def _page(
    request: HttpRequest,
    desk: Desk,
    who: Any,  # noqa: ANN401  (as above)
    asked: AskedLastDay,
    *,
    at: datetime,
    status: int = 200,
    note: str = "",
) -> HttpResponse:
    """Show the question, or what the last day would do, as it fits now."""
    by = principal_of(request)
    known = scheduler.last_day_of(who, on=desk.today)
    context: dict[str, Any] = {"desk": desk, "who": who, "asked": asked, "note": note, "back": _back(desk)}
    context["known"] = date_in_words(known) if known else ""
    if asked.wrong:
        status = 422
    elif asked.edit and asked.last_on:
        try:
            context |= impact_context(asked.edit, request, desk, by=by, at=at)
            context["when"] = date_in_words(asked.last_on)
        except Refusal as refusal:
            context["note"], status = why_refused(refusal), refusal.status
    context["action"] = request.get_full_path()
    return render(request, "booking/desk/setup_leaving.html", context, status=status)

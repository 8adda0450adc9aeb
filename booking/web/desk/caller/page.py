"""Booking for a caller: who it is, and the next free times for them; or why not the one that they hope for."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from booking import queries
from booking.actions import holds, walk_ins
from booking.actions.requested_slots import read_slot
from booking.models import Hold, Patient
from booking.web.desk.arrivals.walk_in_refusals import WayOn, not_had
from booking.web.desk.asked_on_record import spoken_in_words
from booking.web.desk.caller.asked_time import AFTER, AskedTimeForm, chosen_in_words
from booking.web.desk.caller.free_times import FreeTimes
from booking.web.desk.find_or_enter import PersonSearch
from booking.web.desk.phones import numbers_of
from booking.web.desk.shell import Desk, desk_of, staff_page
from booking.web.responses import asked_or_sent
from booking.web.slot_ids import opened
from core import clock
from core.accounts.principals import principal_of
from core.forms import described, problems
from core.principal import Principal
from core.refusals import Missing, Refusal
from core.rights import Action, acting
from core.text.languages import date_in_words, time_in_words, when_in_words
from core.text.phone_numbers import country_of

PATIENT, BECAUSE = "patient", "because"
ASKED = ("way", "practitioner", "language", "where", "part", "since", "clock", "override_reason", "at")
"""What an address of the page says of the time that is asked for."""


@asked_or_sent
@staff_page(Action.ADMIT_WALK_IN)
def book(request: HttpRequest) -> HttpResponse:
    """Find whoever calls, or enter somebody new; then show the next free times for them."""
    at = clock.now()
    desk = desk_of(request, Action.ADMIT_WALK_IN, at=at)
    if request.method != "POST" and request.GET.get(PATIENT):
        return _times(request, desk, _patient(request, request.GET[PATIENT]), at=at)
    asked = PersonSearch.of(request, desk, lambda one: page_url(desk, one, request.GET), at=at)
    if asked.entered:
        return redirect(page_url(desk, asked.entered.public_id, request.GET))
    carried = [(name, value) for name, value in request.GET.items() if name in ASKED]
    context = {"desk": desk, "action": page_url(desk, "", request.GET), "carried": carried, **asked.context()}
    context["chosen"] = chosen_in_words(request.GET, desk)
    return render(request, "booking/desk/book.html", context, status=asked.status)


def page_url(desk: Desk, patient: object, asked: QueryDict | dict[str, str]) -> str:
    """Return the address of the page, about somebody where one is known, with what is asked for."""
    query = {name: str(asked[name]) for name in ASKED if asked.get(name)}
    return reverse("desk-book", query={"site": desk.site.key, **({PATIENT: str(patient)} if patient else {}), **query})


def _patient(request: HttpRequest, public_id: str | UUID) -> Patient:
    try:
        return queries.patient(UUID(str(public_id)), by=acting(principal_of(request), Action.SEARCH_PATIENTS))
    except (ValueError, Missing) as unknown:
        raise Http404 from unknown


def _times(request: HttpRequest, desk: Desk, who: Patient, *, at: datetime) -> HttpResponse:
    by = principal_of(request)
    form = AskedTimeForm(request.GET, desk, who, by=by, at=at)
    found = FreeTimes(form, who, desk, by, at) if form.is_valid() else None
    hoped = found.hoped_for() if found else None
    context: dict[str, Any] = {
        "desk": desk,
        "person": who,
        "born": date_in_words(who.birth_date),
        "spoken": spoken_in_words(who, by),
        "phones": numbers_of(who, country_of(who.site.zone)),
        "form": described(form),
        "problems": problems(form),
        "hoped": hoped,
        "days": found.soonest() if found else (),
        "searched": found is not None,
        "lacking": form.lacking() if found else (),
        "kept": _open_time(who, desk, by=by, at=at),
        "action": reverse("desk-book-choose", args=[who.public_id], query={"site": desk.site.key}),
        "somebody_else": page_url(desk, "", request.GET),
        **_other_times(request, desk, who, found),
    }
    return render(request, "booking/desk/book_times.html", context, status=422 if form.errors else 200)


def _other_times(request: HttpRequest, desk: Desk, who: Patient, found: FreeTimes | None) -> dict[str, str]:
    """Return what leads to later times than those that are shown, and back to the first."""
    here, until = page_url(desk, who.public_id, request.GET), found.shown_until if found else None
    later = f"{here}&{urlencode({AFTER: until.isoformat()})}#times" if until else ""
    return {"later": later, "first": f"{here}#times" if request.GET.get(AFTER) else ""}


def _open_time(who: Patient, desk: Desk, *, by: Principal, at: datetime) -> dict[str, str] | None:
    held = _open_hold(who, by=by, at=at)
    if held is None:
        return None
    zone = held.site.tz
    return {
        "when": when_in_words(held.period.lower, zone),
        "until": time_in_words(held.expires_at, zone),
        "url": reverse("desk-book-held", args=[held.public_id], query={"site": desk.site.key}),
        "back": reverse("desk-book-give-back", args=[held.public_id], query={"site": desk.site.key}),
    }


def _open_hold(who: Patient, *, by: Principal, at: datetime) -> Hold | None:
    return holds.open_holds(by=by, at=at).filter(patient=who).first()


@require_POST
@staff_page(Action.ADMIT_WALK_IN)
def choose(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Keep a time for them while the questions are asked; what was kept for them before is given back."""
    at, by = clock.now(), principal_of(request)
    desk, who = desk_of(request, Action.ADMIT_WALK_IN, at=at), _patient(request, patient)
    reason = request.POST.get("override_reason", "")
    try:
        slot = read_slot(opened(request.POST.get("slot", "")), by=by, at=at, patient=who, override_reason=reason)
        if slot.site.id not in {one.pk for one in desk.sites}:
            raise Http404
        held = walk_ins.hold_for(who, slot, by=by, at=at, reason=reason, alone=True)
    except Refusal as refusal:
        back, here = page_url(desk, who.public_id, request.POST.dict()), request.get_full_path()
        aside = (here, {"slot": request.POST.get("slot", "")})
        on = WayOn(back=back, chooses=here, calls=True, set_aside=aside)
        return not_had(request, desk, who, refusal, on=on, at=at)
    because = {BECAUSE: reason} if reason else {}
    return redirect(reverse("desk-book-held", args=[held.public_id], query={"site": slot.site.key, **because}))

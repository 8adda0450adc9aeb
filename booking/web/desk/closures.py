"""Closures: what is closed, who is inside, telling them and proposing other times to them, and opening again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from booking import closures as of_closures
from booking.actions import closures as actions
from booking.actions import proposals, requested_slots
from booking.actions.nearest_times import nearest_times
from booking.closures import INSIDE, ClosedState, ClosedVisit
from booking.models import Appointment, EditKind
from booking.web.desk.closure_rows import (
    closure_row,
    closure_rows,
    progress_in_words,
    times_to_choose,
    unsettled_in_words,
    visit_rows,
)
from booking.web.desk.impact.settling_form import edited_rows
from booking.web.desk.reviews.unsettled_colleagues import UnsettledColleagues
from booking.web.desk.shell import Desk, desk_of, desk_page, staff_page
from booking.web.labels import wrong_day
from booking.web.slot_ids import opened
from core import clock
from core.accounts.principals import principal_of
from core.refusals import Invalid, Refusal
from core.rights import Action, Subject, acting, may
from core.text.languages import date_in_words
from core.text.typed_dates import date_typed
from scheduler import public as scheduler

SHOWN_TIMES = 6


@require_safe
@staff_page(Action.SEE_CALENDAR)
def closures(request: HttpRequest) -> HttpResponse:
    """List what closes a site, or a therapy there."""
    at = clock.now()
    desk = desk_of(request, Action.SEE_CALENDAR, at=at)
    visits = of_closures.visible(acting(principal_of(request), Action.SEE_CALENDAR), desk.site.pk)
    acting_here = _may_close(request, desk)
    context = {"desk": desk, "rows": closure_rows(desk.site, visits, at=at), "acting": acting_here}
    context["entered"] = edited_rows(desk, EditKind.CLOSURE, by=principal_of(request), at=at) if acting_here else []
    return render(request, "booking/desk/closures.html", context)


def by_field(form: forms.Form, refusal: Refusal) -> str:
    """Put what is refused beside its field; return what belongs to none."""
    wrong = refusal.facts.get("errors")
    if not isinstance(wrong, list):
        return _why(refusal)
    for one in wrong:
        name = str(one.get("pointer", "")).strip("/")
        form.add_error(name if name in form.fields else None, str(one.get("detail", "")))
    return ""


@desk_page(Action.SEE_CALENDAR)
def closure(request: HttpRequest, desk: Desk, at: datetime, closure: str) -> HttpResponse:
    """Show one closure with the appointments inside, and those that were."""
    return _page(request, desk, closure, at=at)


def _page(
    request: HttpRequest, desk: Desk, key: str, *, at: datetime, status: int = 200, **said: object
) -> HttpResponse:
    """Show a closure. `said`: what came of an act (`note`), and what was typed for it (`reopens`)."""
    context = {"desk": desk, **_closure_context(request, desk, key, at=at), **said}
    return render(request, "booking/desk/closure.html", context, status=status)


def _closure_context(request: HttpRequest, desk: Desk, key: str, *, at: datetime) -> dict[str, Any]:
    stretches, may_act = _stretches(desk, key, at=at), _may_close(request, desk)
    visits = of_closures.visible(acting(principal_of(request), Action.SEE_CALENDAR), desk.site.pk)
    found = of_closures.closed_visits(stretches, visits, at=at)
    closed = closure_row(desk.site, stretches, visits, at=at)
    return {
        "closure": closed,
        # What a policy closes has one key at all sites: whose site it was is not told by it.
        "elsewhere": 0 if closed.by_policy else of_closures.count_elsewhere(key, site=desk.site.pk),
        "rows": visit_rows(found, acting=may_act),
        "untold": sum(one.state is ClosedState.UNTOLD and not one.asked for one in found) if may_act else 0,
        "open": sum(_waits(one) for one in found) if may_act else 0,
        "acting": may_act,
        "reopens": _first_day(stretches, desk),
        "unsettled": unsettled_in_words(desk.site, at=at) if may_act else "",
        "progress": progress_in_words(key, found, visits, by=principal_of(request), at=at) if may_act else None,
        "asked": _times_asked_for(request, found, at=at) if may_act else None,
    }


def _first_day(stretches: list[scheduler.ClosedTime], desk: Desk) -> str:
    """Return from which day on it can be open again at the soonest, as the field asks for it."""
    starts = min((one.starts for one in stretches if one.starts), default=None)
    day = max(desk.today, starts.astimezone(desk.site.tz).date()) if starts else desk.today
    return f"{day.month}/{day.day}/{day.year}"


def _waits(one: ClosedVisit) -> bool:
    """Whether another time can be proposed, and nobody looks for one yet."""
    return one.state in INSIDE and one.state is not ClosedState.PROPOSED and not one.asked


def _times_asked_for(request: HttpRequest, found: list[ClosedVisit], *, at: datetime) -> dict[str, Any] | None:
    """Return the first free times for the one appointment whose are asked for."""
    asked = request.GET.get("times", "")
    visit = next((one.visit for one in found if str(one.visit.public_id) == asked and _waits(one)), None)
    if visit is None:
        return None
    by = principal_of(request)
    unsettled = UnsettledColleagues(by=by, at=at, here=visit.site)
    try:
        times = nearest_times(visit, most=SHOWN_TIMES, by=by, at=at)
    except proposals.NoTimeToPropose as unknown:
        return {"id": asked, "times": (), "why": _why(unknown)}
    return {"id": asked, "times": times_to_choose(times, unsettled)}


def _stretches(desk: Desk, key: str, *, at: datetime) -> list[scheduler.ClosedTime]:
    found = [one for one in scheduler.closed_ahead_at(desk.site.pk, at=at) if one.key == key]
    if not found:
        raise Http404
    return found


def _may_close(request: HttpRequest, desk: Desk) -> bool:
    return may(principal_of(request), Action.CLOSE, Subject(sites=frozenset({desk.site.pk})))


def _named(request: HttpRequest, desk: Desk) -> Appointment | None:
    """Return the appointment that is named, wherever it stands by now; None where all are meant."""
    named = request.POST.get("appointment", "")
    if not named:
        return None
    visits = of_closures.visible(acting(principal_of(request), Action.CLOSE), desk.site.pk)
    try:
        return get_object_or_404(visits, public_id=UUID(named))
    except ValueError as error:
        raise Http404 from error


def _all_waiting(request: HttpRequest, desk: Desk, key: str, *, at: datetime) -> list[Appointment]:
    """Return the appointments inside for which nothing is proposed."""
    visits = of_closures.visible(acting(principal_of(request), Action.CLOSE), desk.site.pk)
    found = of_closures.closed_visits(_stretches(desk, key, at=at), visits, at=at)
    return [one.visit for one in found if _waits(one)]


def _led_back(desk: Desk, key: str) -> HttpResponse:
    return redirect(f"{reverse('desk-closure', args=[key])}{desk.where}")


@require_POST
@staff_page(Action.CLOSE)
def tell(request: HttpRequest, closure: str) -> HttpResponse:
    """Let one patient be told, or all who have not been."""
    at = clock.now()
    desk, by = desk_of(request, Action.CLOSE, at=at), principal_of(request)
    visit = _named(request, desk)
    if visit is None:
        told = actions.tell_all(_all_waiting(request, desk, closure, at=at), by=by, at=at)
        _report_count(request, told)
        return _led_back(desk, closure)
    try:
        told = actions.tell(visit.public_id, by=by, at=at)
    except Refusal as refusal:
        return _page(request, desk, closure, at=at, note=_why(refusal), status=refusal.status)
    _report_count(request, int(told))
    return _led_back(desk, closure)


@require_POST
@staff_page(Action.CLOSE)
def propose(request: HttpRequest, closure: str) -> HttpResponse:
    """Propose another time to one patient, or let a worker propose one to all to whom none is."""
    at = clock.now()
    desk, by = desk_of(request, Action.CLOSE, at=at), principal_of(request)
    visit = _named(request, desk)
    if visit is None:
        visits = _all_waiting(request, desk, closure, at=at)
        proposals.request_all(visits, closure=closure, by=by, at=at)
        return _led_back(desk, closure)
    try:
        slot_id = request.POST.get("slot", "")
        slot = requested_slots.slot_for(visit, opened(slot_id), by=by, at=at) if slot_id else None
        proposals.propose(visit.public_id, by=by, at=at, slot=slot)
    except Refusal as refusal:
        return _page(request, desk, closure, at=at, note=_why(refusal), status=refusal.status)
    messages.success(request, _("Another time is proposed."))
    return _led_back(desk, closure)


def _report_count(request: HttpRequest, count: int) -> None:
    """Say on the next page how many are told."""
    said = ngettext("%(count)d person is told now.", "%(count)d people are told now.", count) % {"count": count}
    messages.success(request, said if count else _("They were told already."))


@require_POST
@staff_page(Action.CLOSE)
def open_again(request: HttpRequest, closure: str) -> HttpResponse:
    """Let a closure end before a day: from then on it is open again."""
    at = clock.now()
    desk = desk_of(request, Action.CLOSE, at=at)
    typed = request.POST.get("day", "")
    day = date_typed(typed)
    try:
        key = UUID(closure)
    except ValueError as error:
        raise Http404 from error
    if day is None:
        return _page(request, desk, closure, at=at, note=wrong_day(typed), reopens=typed, status=422)
    try:
        actions.open_from(key, desk.site, day=day, by=principal_of(request), at=at)
    except Refusal as refusal:
        return _page(request, desk, closure, at=at, note=_why(refusal), reopens=typed, status=refusal.status)
    said = _(
        "It is open again from %s on. Whoever was told otherwise is told so now. Was it a mistake? Close it again."
    )
    messages.success(request, said % date_in_words(day))
    return redirect(f"{reverse('desk-closures')}{desk.where}")


def _why(refusal: Refusal) -> str:
    if isinstance(refusal, Invalid) and refusal.detail:
        return str(refusal.detail)
    detail = refusal.detail if refusal.detail != refusal.title else ""
    return " ".join(str(words) for words in (refusal.title, detail) if words)

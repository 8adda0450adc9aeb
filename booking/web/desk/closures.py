"""Closures: what is closed, who is inside, telling them and proposing other times to them, and opening again."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from booking import closures as of_closures
from booking.actions import closures as actions
from booking.actions import proposals, requested_slots
from booking.closures import INSIDE, ClosedState, ClosedVisit
from booking.models import Appointment
from booking.web.desk.closure_rows import (
    closure_row,
    closure_rows,
    progress_in_words,
    times_to_choose,
    unsettled_in_words,
    visit_rows,
)
from booking.web.desk.shell import Desk, desk_of, desk_page, staff_page
from booking.web.desk.unsettled_colleagues import UnsettledColleagues
from booking.web.labels import TYPE_A_DAY
from booking.web.responses import asked_or_sent
from booking.web.slot_ids import opened
from core import clock
from core.accounts.principals import principal_of
from core.form_errors import SaysWhatToDo
from core.forms import described, problems
from core.refusals import Invalid, Refusal
from core.rights import Action, Subject, acting, may
from core.text.languages import date_in_words, localized
from core.text.typed_dates import date_typed
from scheduler import public as scheduler

WHOLE = ""
A_YEAR = timedelta(days=366)
SHOWN_TIMES = 6


class CloseForm(SaysWhatToDo, forms.Form):
    """What is closed from when until when."""

    therapy = forms.ChoiceField(required=False, label=gettext_lazy("What is closed"))
    first_on = forms.CharField(label=gettext_lazy("First day"), help_text=gettext_lazy("Month/day/year"))
    last_on = forms.CharField(
        required=False, label=gettext_lazy("Last day"), help_text=gettext_lazy("Empty: until further notice")
    )
    name = forms.CharField(
        max_length=120, label=gettext_lazy("Name"), help_text=gettext_lazy("For staff alone, such as “Ventilation”")
    )

    def __init__(self, data: QueryDict | None) -> None:
        super().__init__(data)
        therapies = [(card.key, localized(card.name)) for card in scheduler.therapies()]
        field = self.fields["therapy"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  (tells the type checker)
        field.choices = [(WHOLE, _("The whole site")), *therapies]

    def clean_first_on(self) -> date | None:
        """Return the first day. Raises ValidationError."""
        return self._day("first_on")

    def clean_last_on(self) -> date | None:
        """Return the last day, None where there is none. Raises ValidationError."""
        return self._day("last_on") if self.cleaned_data["last_on"] else None

    def _day(self, name: str) -> date | None:
        found = date_typed(self.cleaned_data[name])
        if found is None:
            raise forms.ValidationError(TYPE_A_DAY)
        if abs(found - clock.now().date()) > A_YEAR:
            raise forms.ValidationError(_("This day is more than a year away. Is the year right?"))
        return found


@require_safe
@staff_page(Action.SEE_CALENDAR)
def closures(request: HttpRequest) -> HttpResponse:
    """List what closes a site, or a therapy there."""
    at = clock.now()
    desk = desk_of(request, Action.SEE_CALENDAR, at=at)
    visits = of_closures.visible(acting(principal_of(request), Action.SEE_CALENDAR), desk.site.pk)
    context = {"desk": desk, "rows": closure_rows(desk.site, visits, at=at), "acting": _may_close(request, desk)}
    return render(request, "booking/desk/closures.html", context)


@asked_or_sent
@staff_page(Action.CLOSE)
def close(request: HttpRequest) -> HttpResponse:
    """Ask what is closed, count who is inside, and close it once that was seen; `change` leads back to the asking."""
    at = clock.now()
    desk = desk_of(request, Action.CLOSE, at=at)
    form = CloseForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"desk": desk}
    if form.is_valid() and "change" not in request.POST:
        sure = request.POST.get("sure") == "1"
        try:
            counted = _closed(request, desk, form.cleaned_data, sure=sure, at=at)
        except Refusal as refusal:
            context["note"] = by_field(form, refusal)
        else:
            if sure:
                return redirect(f"{reverse('desk-closure', args=[counted.key])}{desk.where}")
            context |= {"counted": of_closures.count_in_words(counted.count), "facts": _in_words(form)}
    wrong = problems(form) if form.is_bound else []
    context |= {"form": described(form), "problems": wrong}
    return render(request, "booking/desk/close.html", context, status=422 if wrong or context.get("note") else 200)


def _in_words(form: CloseForm) -> list[tuple[str, str]]:
    """Return what was counted, as it is read before it is closed. The form must be valid."""
    sent, therapies = form.cleaned_data, {card.key: localized(card.name) for card in scheduler.therapies()}
    last = date_in_words(sent["last_on"]) if sent["last_on"] else _("until further notice")
    return [
        (_("What is closed"), therapies.get(sent["therapy"], _("The whole site"))),
        (_("First day"), date_in_words(sent["first_on"])),
        (_("Last day"), last),
        (_("Name"), sent["name"]),
    ]


def by_field(form: forms.Form, refusal: Refusal) -> str:
    """Put what is refused beside its field; return what belongs to none."""
    wrong = refusal.facts.get("errors")
    if not isinstance(wrong, list):
        return _why(refusal)
    for one in wrong:
        name = str(one.get("pointer", "")).strip("/")
        form.add_error(name if name in form.fields else None, str(one.get("detail", "")))
    return ""


def _closed(
    request: HttpRequest, desk: Desk, sent: dict[str, Any], *, sure: bool, at: datetime
) -> actions.ClosedAndCounted:
    return actions.close(
        desk.site,
        therapy=sent["therapy"],
        first_on=sent["first_on"],
        last_on=sent["last_on"],
        name=sent["name"],
        by=principal_of(request),
        at=at,
        dry_run=not sure,
    )


@desk_page(Action.SEE_CALENDAR)
def closure(request: HttpRequest, desk: Desk, at: datetime, closure: str) -> HttpResponse:
    """Show one closure with the appointments inside, and those that were."""
    return _page(request, desk, closure, at=at)


def _page(
    request: HttpRequest, desk: Desk, key: str, *, at: datetime, status: int = 200, **said: object
) -> HttpResponse:
    """Show a closure. `said`: what came of an act (`note`)."""
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
        "unsettled": unsettled_in_words(desk.site, at=at) if may_act else "",
        "progress": progress_in_words(key, found, visits, by=principal_of(request), at=at) if may_act else None,
        "asked": _times_asked_for(request, found, at=at) if may_act else None,
    }


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
        times = proposals.first_times(visit, most=SHOWN_TIMES, by=by, at=at)
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
    day = date_typed(request.POST.get("day", ""))
    try:
        key = UUID(closure)
    except ValueError as error:
        raise Http404 from error
    if day is None:
        return _page(request, desk, closure, at=at, note=str(TYPE_A_DAY), status=422)
    try:
        actions.open_from(key, desk.site, day=day, by=principal_of(request), at=at)
    except Refusal as refusal:
        return _page(request, desk, closure, at=at, note=_why(refusal), status=refusal.status)
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

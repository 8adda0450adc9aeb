"""Closing a site, or a therapy there: who is inside, and what becomes of each, before it is closed."""

from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from booking import closures as of_closures
from booking.actions import closures as actions
from booking.actions.impact import settling
from booking.actions.impact.choices import ChangedSince
from booking.actions.impact.closing import ADDED, Closing
from booking.web.desk.closures import by_field
from booking.web.desk.impact.settling_form import (
    edit_seen,
    impact_context,
    settled_in_words,
    take_back,
    wanted_from,
    why_refused,
)
from booking.web.desk.shell import Desk, desk_of, staff_page
from booking.web.labels import wrong_day
from booking.web.responses import asked_or_sent
from core import clock
from core.accounts.principals import principal_of
from core.form_errors import SaysWhatToDo
from core.forms import TimeOfDayField, described, problems
from core.models import Site
from core.refusals import Refusal
from core.rights import Action
from core.text.languages import date_in_words, localized, wall_time_in_words
from core.text.typed_dates import date_typed
from scheduler import public as scheduler

WHOLE = ""
A_YEAR = timedelta(days=366)
SURE, LATER, SETTLE = "sure", "1", "settle"
"""What the buttons send: close it alone, or with what becomes of each appointment."""


class CloseForm(SaysWhatToDo, forms.Form):
    """What is closed from when until when."""

    therapy = forms.ChoiceField(required=False, label=gettext_lazy("What is closed"))
    first_on = forms.CharField(label=gettext_lazy("First day"), help_text=gettext_lazy("Month/day/year"))
    starts = TimeOfDayField(
        required=False,
        label=gettext_lazy("From which time on the first day"),
        help_text=gettext_lazy("Such as 1 pm. Empty: all day"),
    )
    last_on = forms.CharField(
        required=False, label=gettext_lazy("Last day"), help_text=gettext_lazy("Empty: until further notice")
    )
    ends = TimeOfDayField(
        required=False,
        label=gettext_lazy("Until which time on the last day"),
        help_text=gettext_lazy("Such as 3 pm. Empty: all day"),
    )
    name = forms.CharField(
        max_length=120, label=gettext_lazy("Name"), help_text=gettext_lazy("For staff alone, such as “Ventilation”")
    )

    def __init__(self, data: QueryDict | None, *, site: Site) -> None:
        super().__init__(data)
        self.site = site
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

    def clean(self) -> dict[str, Any]:
        """Say beside its field which end cannot be."""
        sent = self.cleaned_data
        if self.errors or sent["last_on"] is None:
            return sent
        if sent["last_on"] < sent["first_on"]:
            self.add_error("last_on", _("The last day cannot be before the first day. Correct one of the two."))
            return sent
        ends = "ends" if sent["ends"] else "last_on"
        if sent["last_on"] == sent["first_on"] and sent["ends"] and sent["ends"] <= (sent["starts"] or time()):
            self.add_error(ends, _("On one day, it must be later than the time from which on. Correct one of the two."))
        elif self.edit(self.site).ends_at <= clock.now():
            self.add_error(ends, _("This is over already. Type a later one. Is the year right?"))
        return sent

    def _day(self, name: str) -> date | None:
        found = date_typed(self.cleaned_data[name])
        if found is None:
            raise forms.ValidationError(wrong_day(self.cleaned_data[name]))
        if abs(found - clock.now().date()) > A_YEAR:
            raise forms.ValidationError(_("This day is more than a year away. Is the year right?"))
        return found

    def edit(self, site: Site) -> Closing:
        """Return what is planned. The form must be valid."""
        return Closing(site=site, **self.cleaned_data)


@asked_or_sent
@staff_page(Action.CLOSE)
def close(request: HttpRequest) -> HttpResponse:
    """Ask what is closed; show who is inside, and what becomes of each; close it once that was seen.

    `change` leads back to the asking.
    """
    desk = desk_of(request, Action.CLOSE, at=clock.now())
    form = CloseForm(request.POST if request.method == "POST" else None, site=desk.site)
    context: dict[str, Any] = {"desk": desk}
    if form.is_valid() and "change" not in request.POST:
        try:
            if key := _closed(request, desk, form):
                return redirect(f"{reverse('desk-closure', args=[key])}{desk.where}")
        except Refusal as refusal:
            context["note"] = by_field(form, refusal)
            changed = isinstance(refusal, ChangedSince)
        else:
            changed = True
        if changed:
            context |= _shown(request, desk, form)
    wrong = problems(form) if form.is_bound else []
    context |= {"form": described(form), "problems": wrong}
    return render(request, "booking/desk/close.html", context, status=422 if wrong or context.get("note") else 200)


def _closed(request: HttpRequest, desk: Desk, form: CloseForm) -> str:
    """Do what a button says; return the key of the closure, empty where nothing is to be done yet. Raises Refusal."""
    at, by, edit = clock.now(), principal_of(request), form.edit(desk.site)
    pressed = request.POST.get(SURE)
    if pressed == SETTLE:
        saved = settling.save(edit, wanted_from(request, desk), site=desk.site, by=by, at=at, seen=edit_seen(request))
        messages.success(request, _("It is closed. %(done)s") % {"done": settled_in_words(saved, edit, by=by, at=at)})
        return str(saved.made[0][ADDED])
    return actions.close(desk.site, by=by, at=at, **form.cleaned_data).key if pressed == LATER else ""


def _shown(request: HttpRequest, desk: Desk, form: CloseForm) -> dict[str, Any]:
    """Return who is inside and what becomes of each, before anything is closed; what is refused by its field."""
    at, by, edit = clock.now(), principal_of(request), form.edit(desk.site)
    try:
        counted = actions.close(desk.site, by=by, at=at, dry_run=True, **form.cleaned_data)
        found = impact_context(edit, request, desk, by=by, at=at)
    except Refusal as refusal:
        note = by_field(form, refusal)
        return {"note": note or ("" if form.errors else why_refused(refusal))}
    return found | {"counted": of_closures.count_in_words(counted.count), "facts": _in_words(form)}


def _in_words(form: CloseForm) -> list[tuple[str, str]]:
    """Return what was counted, as it is read before it is closed. The form must be valid."""
    sent, therapies = form.cleaned_data, {card.key: localized(card.name) for card in scheduler.therapies()}
    last = _moment(sent["last_on"], sent["ends"]) if sent["last_on"] else _("until further notice")
    return [
        (_("What is closed"), therapies.get(sent["therapy"], _("The whole site"))),
        (_("First day"), _moment(sent["first_on"], sent["starts"])),
        (_("Last day"), last),
        (_("Name"), sent["name"]),
    ]


def _moment(day: date, moment: time | None) -> str:
    return f"{date_in_words(day)}, {wall_time_in_words(moment)}" if moment else date_in_words(day)


@require_POST
@staff_page(Action.CLOSE)
def act(request: HttpRequest, edit: UUID, act: str) -> HttpResponse:
    """Take back what was closed today with what became of appointments."""
    at = clock.now()
    desk = desk_of(request, Action.CLOSE, at=at)
    if act != "undo":
        raise Http404
    take_back(request, edit, at=at)
    return redirect(f"{reverse('desk-closures')}{desk.where}")

"""Somebody new at the desk: a patient, enrolled in one act, or a member of a patient's family, linked in one act."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from booking import queries
from booking.actions.families import family_entry
from booking.actions.patients import patients
from booking.models import Patient
from booking.patients.record_errors import PossibleDuplicates
from booking.web.desk.families.new_person_forms import NewAtSiteForm, NewPatientForm, NewRelativeForm
from booking.web.desk.families.page import refusal_words
from booking.web.desk.families.program_forms import add_to_field
from booking.web.desk.shell import Desk, desk_of, staff_page
from booking.web.responses import asked_or_sent
from core import clock
from core.accounts.principals import principal_of
from core.forms import described, problems
from core.principal import Principal
from core.refusals import Invalid, Missing, Refusal
from core.rights import Action, acting
from core.text.languages import date_in_words
from core.text.phone_numbers import country_of
from core.text.typed_dates import iso_date

ANOTHER, THEIRS = "another_person", "record"
"""What is sent once the records that may be theirs were looked at: that it is none of them, or which one."""


@asked_or_sent
@staff_page(Action.ENROL)
def patient(request: HttpRequest) -> HttpResponse:
    """Enter somebody new and enrol them."""
    at = clock.now()
    desk = desk_of(request, Action.ENROL, at=at)
    form = NewPatientForm(request.POST or None, desk.site, on=desk.today)

    def act() -> HttpResponse:
        said = {name: form.cleaned_data[name] for name in (ANOTHER, "program", "ends_on")}
        made = patients.enter(**said, by=principal_of(request), at=at, **form.facts(desk.site))
        messages.success(request, _("%(name)s is entered and enrolled.") % {"name": made.name})
        return redirect(reverse("desk-person", args=[made.public_id]) + desk.where)

    return _answered(request, desk, form, act)


@asked_or_sent
@staff_page(Action.VOUCH_FOR_FAMILY)
def relative(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Enter a member of a patient's family for whom staff stand, and link the two."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.VOUCH_FOR_FAMILY, at=at)
    whose = queries.patient(patient, by=acting(by, Action.VOUCH_FOR_FAMILY))
    form = NewRelativeForm(request.POST or None, on=desk.today, country=country_of(desk.site.zone))

    def act() -> HttpResponse:
        own = _theirs(request.POST.get(THEIRS, ""), by=by)
        another = form.cleaned_data[ANOTHER]
        facts = form.facts(desk.site)
        link = family_entry.enter(whose, form.invitation(), own=own, another_person=another, by=by, at=at, **facts)
        name = link.relative.name if link.relative else ""
        said = _("%(name)s is entered. They can choose a time that is kept for families.")
        messages.success(request, said % {"name": name})
        return redirect(f"{reverse('desk-family-links')}?site={desk.site.key}&patient={whose.public_id}")

    return _answered(request, desk, form, act, whose=whose)


def _theirs(named: str, *, by: Principal) -> Patient | None:
    """Return the record that is theirs already, of those that staff find. Raises Missing."""
    try:
        return queries.patient(UUID(named), by=acting(by, Action.SEARCH_PATIENTS)) if named else None
    except ValueError as unknown:
        raise Missing from unknown


def _answered(
    request: HttpRequest,
    desk: Desk,
    form: NewAtSiteForm,
    act: Callable[[], HttpResponse],
    *,
    whose: Patient | None = None,
) -> HttpResponse:
    """Act on what was sent; show the form again with what is wrong, or with the records that may be theirs."""
    refused: Refusal | None = None
    if request.method == "POST" and form.is_valid():
        try:
            return act()
        except Missing:
            raise
        except Refusal as refusal:
            refused = refusal
    alike = _alike(request, refused) if isinstance(refused, PossibleDuplicates) else []
    return _page(request, desk, form, alike=alike, note=_note(form, refused), whose=whose)


def _note(form: NewAtSiteForm, refused: Refusal | None) -> str:
    """Return why it was not done, where that is not said beside a field."""
    if isinstance(refused, Invalid):
        errors: Any = refused.facts.get("errors", ())
        for error in errors:
            add_to_field(form, error["pointer"], error["detail"])
        return ""
    return refusal_words(refused) if refused and not isinstance(refused, PossibleDuplicates) else ""


def _page(
    request: HttpRequest, desk: Desk, form: NewAtSiteForm, *, alike: list[Any], note: str, whose: Patient | None
) -> HttpResponse:
    wrong = problems(form) if form.is_bound else []
    context = {
        "desk": desk,
        "form": described(form),
        "problems": wrong,
        "alike": alike,
        "note": note,
        "whose": whose,
        "born": date_in_words(whose.birth_date) if whose else "",
    }
    status = 422 if wrong else PossibleDuplicates.status if alike or note else 200
    return render(request, "booking/desk/new_person.html", context, status=status)


def _alike(request: HttpRequest, refusal: PossibleDuplicates) -> list[dict[str, Any]]:
    """Return the records that may be theirs, each with whether whoever asks opens its page."""
    found: Any = refusal.facts["candidates"]
    opened = queries.patients(acting(principal_of(request), Action.ENROL))
    theirs = set(opened.filter(public_id__in=[one["id"] for one in found]).values_list("public_id", flat=True))
    return [
        one | {"born": date_in_words(iso_date(one["birth_date"])), "opens": UUID(one["id"]) in theirs} for one in found
    ]

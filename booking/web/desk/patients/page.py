"""Somebody's page at the desk: who they are, how they are reached, their appointments and what belongs to them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from booking import queries
from booking.actions.patients.records_as_seen import last_change_of
from booking.models import MessagePreferences, Patient
from booking.models.patients import ContactSystem
from booking.patients.record_errors import MergedInto
from booking.subjects import of_record
from booking.web.desk.patients.facts import appointments_of, family_of, programs_of
from booking.web.desk.patients.forms import CorrectionForm, correctable
from booking.web.desk.patients.same_person import second_records
from booking.web.desk.phones import numbers_of
from booking.web.desk.shell import desk_of, staff_page
from booking.web.labels import written_in_english
from core import clock
from core.accounts.principals import principal_of
from core.forms import described, problems
from core.principal import Principal
from core.rights import Action, Subject, acting, may, may_ever
from core.text.languages import date_in_words, language_in_words
from core.text.phone_numbers import country_of

PAGE = "desk-patient"
CORRECTING = "correct"
"""What an address says where the form to correct the record is open at once."""


@require_safe
@staff_page(Action.SEE_PATIENT)
def patient(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Show somebody's page; whoever comes with the address of a record that was merged is led to the one it went to."""
    at, by = clock.now(), acting(principal_of(request), Action.SEE_NAMES)
    try:
        found = queries.patient(patient, by=acting(by, Action.SEE_PATIENT))
    except MergedInto as merged:
        desk = desk_of(request, Action.SEE_PATIENT, at=at)
        return redirect(reverse(PAGE, args=[str(merged.facts["patient"])]) + desk.where)
    return shown(request, found, at=at)


def shown(
    request: HttpRequest,
    found: Patient,
    *,
    at: datetime,
    form: CorrectionForm | None = None,
    note: str = "",
    status: int = 200,
) -> HttpResponse:
    """Return the page. `form`: a correction that came back; `note`: why something was not done."""
    by, wrong = principal_of(request), problems(form) if form else []
    context: dict[str, Any] = {
        "desk": desk_of(request, Action.SEE_PATIENT, at=at),
        "patient": found,
        "note": note,
        "problems": wrong,
        **_who(found),
        **_acts(found, form, by=by, at=at),
        **appointments_of(found, by=by, at=at, all_past="all" in request.GET),
        "reads_messages": may_ever(by, Action.SEE_MESSAGES),
        "families": family_of(found, by=by, at=at),
        "programs": programs_of(found, by=by, at=at),
        **second_records(found, by=by, at=at),
    }
    return render(request, "booking/desk/patient.html", context, status=422 if wrong else status)


def _who(found: Patient) -> dict[str, Any]:
    chosen: MessagePreferences | None = getattr(found, "message_preferences", None)
    prefetch_related_objects([found], "contacts")  # several parts of the page say how they are reached
    return {
        "born": date_in_words(found.birth_date),
        "language": language_in_words(found.language),
        "unreminded": chosen is not None and not chosen.reminders,
        "in_english": written_in_english(found.language),
        "phones": numbers_of(found, country_of(found.site.zone)),
        "mails": [one for one in found.contacts.all() if one.system == ContactSystem.EMAIL],
    }


def _acts(found: Patient, form: CorrectionForm | None, *, by: Principal, at: datetime) -> dict[str, Any]:
    """Return what can be done here, and which other pages about somebody are theirs who look."""
    subject = of_record(found, by)
    fields = correctable(by, subject)
    if form is None and fields:
        on = at.astimezone(found.site.tz).date()
        form = CorrectionForm(None, found, fields=fields, seen=last_change_of(found), on=on)
    return {"form": described(form) if form else None, **_ways(by, subject)}


def _ways(by: Principal, subject: Subject) -> dict[str, bool]:
    return {
        "writes": may(by, Action.EDIT_PATIENT, subject),
        "enrols": may(by, Action.ENROL, subject),
        "admits": may(by, Action.ADMIT_WALK_IN, subject),
        "waits": may(by, Action.KEEP_WAITING_LIST, subject),
        "invites": may(by, Action.INVITE_FAMILY, subject),
    }

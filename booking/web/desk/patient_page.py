"""Somebody's page at the desk: who they are, how they are reached, and what they have come for and will."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from booking import queries
from booking.models import Appointment, Patient
from booking.models.patients import ContactSystem
from booking.record_errors import MergedInto
from booking.subjects import of_record
from booking.web.desk.appointment_rows import appointment_rows, named_appointments
from booking.web.desk.call_first import numbers_of
from booking.web.desk.shell import Desk, desk_page
from core.accounts.principals import principal_of
from core.principal import Principal
from core.rights import Action, Subject, acting, may
from core.text.languages import date_in_words, language_in_words
from core.text.phone_numbers import country_of

PAGE = "desk-patient"
FEW_PAST = 10
"""Past appointments that are shown, unless all are asked for."""


@desk_page(Action.SEE_PATIENT)
def patient(request: HttpRequest, desk: Desk, at: datetime, patient: UUID) -> HttpResponse:
    """Show somebody's page; whoever comes with the address of a record that was merged is led to the one it went to."""
    by = acting(principal_of(request), Action.SEE_NAMES)
    try:
        found = queries.patient(patient, by=acting(by, Action.SEE_PATIENT))
    except MergedInto as merged:
        return redirect(reverse(PAGE, args=[str(merged.facts["patient"])]) + desk.where)
    return render(request, "booking/desk/patient.html", _context(request, desk, found, at=at))


def _context(request: HttpRequest, desk: Desk, found: Patient, *, at: datetime) -> dict[str, Any]:
    by = principal_of(request)
    subject = of_record(found, by)
    return {
        "desk": desk,
        "patient": found,
        "born": date_in_words(found.birth_date),
        "language": language_in_words(found.language),
        "phones": numbers_of(found, country_of(found.site.zone)),
        "mails": [one for one in found.contacts.all() if one.system == ContactSystem.EMAIL],
        **_acts(by, subject),
        **_appointments(found, by=by, at=at, all_past="all" in request.GET),
    }


def _acts(by: Principal, subject: Subject) -> dict[str, bool]:
    """Return which other pages about somebody are theirs who look."""
    return {
        "enrols": may(by, Action.ENROL, subject),
        "admits": may(by, Action.ADMIT_WALK_IN, subject),
        "invites": may(by, Action.SEE_FAMILY_LINK, subject),
    }


def _appointments(found: Patient, *, by: Principal, at: datetime, all_past: bool) -> dict[str, Any]:
    """Return what is ahead, the soonest first, and what is over or called off, the latest first."""
    theirs = named_appointments(by).filter(patient=found)
    ahead = Appointment.objects.taking_time(at=at).filter(period__endswith__gt=at, patient=found).values("pk")
    coming = list(theirs.filter(pk__in=ahead).order_by("period", "pk"))
    rest = theirs.exclude(pk__in=ahead).order_by("-period", "-pk")
    past = list(rest if all_past else rest[: FEW_PAST + 1])
    shown = past if all_past else past[:FEW_PAST]
    rows = appointment_rows([*coming, *shown], by=by, at=at)
    return {"coming": rows[: len(coming)], "past": rows[len(coming) :], "more_past": len(shown) < len(past)}

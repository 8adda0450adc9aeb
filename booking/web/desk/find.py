"""Finding somebody from any page of the desk: by name, phone, birth date or reference, and what they come for next."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from booking import queries
from booking.calls.named_requests import requests_meant
from booking.models import Appointment, Patient
from booking.patients import patient_search
from booking.patients.search_words import SHORTEST_SEARCH, is_long_enough
from booking.references import as_written
from booking.web.desk.appointment_rows import AppointmentRow, appointment_rows, named_appointments, next_of_each
from booking.web.desk.call_rows import ASKED_FOR
from booking.web.desk.phones import PhoneNumber, numbers_of
from booking.web.desk.shell import Desk, desk_page
from core.accounts.principals import principal_of
from core.principal import Principal
from core.rights import Action, acting, may_ever
from core.text.languages import date_in_words
from core.text.phone_numbers import country_of, readable
from core.text.typed_dates import no_such_day

MOST_FOUND, MOST_NEAR = 20, 10
FEW = 5
"""Where fewer are found by what was typed, those are shown as well whose names are near it."""

LONGEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPerson:
    """Somebody who was found. `next`: their next appointment, or the one whose reference was typed."""

    id: UUID
    name: str
    born: str
    reference: str
    phones: list[PhoneNumber]
    next: AppointmentRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCall:
    """Somebody who asked for a call and may have no record. `url`: their card on the list of calls."""

    name: str
    phone: PhoneNumber
    url: str


@desk_page(Action.SEARCH_PATIENTS)
def find(request: HttpRequest, desk: Desk, at: datetime) -> HttpResponse:
    """Show whom somebody means by what they typed, each with where it goes on."""
    typed = request.GET.get("find", "").strip()[:LONGEST]
    by, enough = principal_of(request), is_long_enough(typed, shortest=SHORTEST_SEARCH)
    seen = queries.patients(acting(by, Action.SEARCH_PATIENTS))
    meant = patient_search.search_as_typed(seen, typed).order_by("folded_name", "pk")
    found = list(meant[: MOST_FOUND + 1]) if enough else []
    near = _near(seen, typed, found) if enough and len(found) < FEW else []
    people = _people([*found[:MOST_FOUND], *near], typed, by=by, at=at)
    context = {
        "desk": desk,
        "find": typed,
        "typed_to_find": typed,
        "no_such_day": no_such_day(typed),
        "too_short": bool(typed) and not enough,
        "shortest": SHORTEST_SEARCH,
        "people": people[: min(len(found), MOST_FOUND)],
        "near": people[len(found) :] if near else [],
        "calls": _calls(typed, by) if enough else [],
        "most": MOST_FOUND if len(found) > MOST_FOUND else 0,
        "enters": may_ever(by, Action.ADMIT_WALK_IN),
    }
    return render(request, "booking/desk/find.html", context)


def _calls(typed: str, by: Principal) -> list[FoundCall]:
    """Return who asked for a call with this number or name, each with their card."""
    return [
        FoundCall(
            name=one.name,
            phone=PhoneNumber(one.phone, readable(one.phone, country_of(one.site.zone))),
            url=f"{reverse('desk-calls')}?site={one.site.key}&all=yes#c-{ASKED_FOR}-{one.pk}",
        )
        for one in requests_meant(typed, by)
    ]


def _near(seen: QuerySet[Patient], typed: str, found: list[Patient]) -> list[Patient]:
    """Return whom somebody may mean who has mistyped a name, or written it by ear."""
    known = {one.pk for one in found}
    return patient_search.nearest(seen, typed, most=MOST_NEAR, but=known)


def _people(found: list[Patient], typed: str, *, by: Principal, at: datetime) -> list[FoundPerson]:
    visits = _visits(found, typed, by=by, at=at)
    rows = dict(zip(visits, appointment_rows(list(visits.values()), by=by, at=at), strict=True))
    return [
        FoundPerson(
            id=one.public_id,
            name=one.name,
            born=date_in_words(one.birth_date),
            reference=one.reference,
            phones=numbers_of(one, country_of(one.site.zone)),
            next=rows.get(one.pk),
        )
        for one in found
    ]


def _visits(found: list[Patient], typed: str, *, by: Principal, at: datetime) -> dict[int, Appointment]:
    """Return which appointment is shown of each: the one that was typed, else the next."""
    if not found:
        return {}
    shown = next_of_each([one.pk for one in found], by=by, at=at)
    if reference := as_written(typed):
        named = named_appointments(by).filter(reference=reference, patient__in=found).first()
        shown |= {named.patient_id: named} if named else {}
    return shown

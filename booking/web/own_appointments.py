"""What is a patient's own, behind any of their links and their birth date: appointments, contact, booking again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Self

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from booking import queries
from booking.actions import links
from booking.families.family_programs import has_a_family_page
from booking.models import Appointment, Patient
from booking.patients.known_by_link import refuse_what_is_not_shown
from booking.status import OCCUPYING, Status
from booking.web import again_views, birth_date_proof
from booking.web.birth_date_proof import BirthDateProof
from booking.web.labels import therapy_in_words, visit_in_words
from booking.web.link_context import LinkAccess
from booking.web.responses import asked_or_sent, private_page, refusals_as_pages
from booking.web.times_list import address
from core import clock
from core.text.languages import date_in_words, language_in_words, localized, when_in_words
from core.text.phone_numbers import country_of
from scheduler import public as scheduler
from scheduler.public import VisitType

MOST_PAST = 20
"""So many past appointments are listed, the last first."""

MOST_AGAIN = 3
"""So many therapies can be booked again by one press: those that they had last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAppointment:
    """An appointment as its patient reads it; `url`: its page, where it is still to come."""

    when: str
    what: str
    where: str
    state: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookAgain:
    """A therapy that somebody had, and where its times are, with whom they know first."""

    name: str
    with_whom: str
    url: str

    @classmethod
    def of(cls, visit: Appointment, *, at: datetime) -> Self | None:
        """Return it where patients book it themselves; None where somebody has to be called."""
        card = next((one for one in scheduler.therapies(at=at) if one.key == visit.therapy.key), None)
        kind = _kind(card, visit) if card and card.self_bookable else None
        if card is None or kind is None:
            return None
        offered = scheduler.offered(card.key, kind)
        known = any(one.practitioner.public_id == visit.practitioner.public_id for one in offered)
        asked = {"visit": kind, "technique": visit.technique}
        if known:
            asked["practitioner"] = str(visit.practitioner.public_id)
        return cls(
            name=therapy_in_words(card.name, visit.technique),
            with_whom=visit.practitioner.name if known else "",
            url=address(reverse("times", args=[card.key]), asked),
        )


def _kind(card: scheduler.TherapyCard, visit: Appointment) -> str | None:
    """Return as which visit of a course it is booked again; None where it is not offered like that any more."""
    kinds = (VisitType.FOLLOWUP, VisitType.FIRST)
    return next((kind.value for kind in kinds if card.length(kind, visit.technique) is not None), None)


@csrf_exempt
@private_page
@asked_or_sent
@refusals_as_pages
def own_appointments(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for the birth date; then show what is the patient's own."""
    at = clock.now()
    access = LinkAccess.of(token, at=at)
    refuse_what_is_not_shown(access.visit)
    if not birth_date_proof.is_remembered(request, access.link, at=at):
        return _birth_date(request, access, at=at)
    patient = access.visit.patient
    rows = patient.appointments.exclude(status=Status.ENTERED_IN_ERROR)  # of these nothing was theirs
    visits = list(rows.select_related(*queries.LISTED).order_by("-period", "-pk"))
    context = {
        "coming": _coming(visits, at=at),
        "past": [_shown(one) for one in islice((one for one in visits if one.period.upper <= at), MOST_PAST)],
        "again": _again(visits, at=at),
        "facts": _facts(patient),
        "corrects": patient.user_id is None,
        "family": has_a_family_page(patient, at=at),
        "token": token,
        "back": access.urls.see,
    }
    return render(request, "booking/own_appointments.html", context)


def _birth_date(request: HttpRequest, access: LinkAccess, *, at: datetime) -> HttpResponse:
    proof = BirthDateProof.of(request, access, at=at)
    if proof.given:
        again_views.begin(request, proof, at=at)
        birth_date_proof.remember(request, access.link, at=at)
        return redirect("manage-own", access.token)
    context = proof.context(at=at) | {"phone": access.visit.site.phone}
    status = 422 if proof.form.errors else 200
    return render(request, "booking/own_birth_date.html", context, status=status)


def _coming(visits: Iterable[Appointment], *, at: datetime) -> list[OwnAppointment]:
    """Return what is to come, the next first, each with its page."""
    ahead = [one for one in visits if one.period.upper > at and one.status in OCCUPYING][::-1]
    tokens = links.issue_all(ahead, at=at) if ahead else {}
    return [_shown(one, url=reverse("manage", args=[tokens[one.pk]])) for one in ahead]


def _again(visits: Iterable[Appointment], *, at: datetime) -> list[BookAgain]:
    """Return what can be booked again: what they had or have booked, each therapy once, the last first."""
    had = (one for one in visits if one.status != Status.CANCELLED)
    last = {(one.therapy_id, one.technique): one for one in reversed(list(had))}
    found = (BookAgain.of(one, at=at) for one in sorted(last.values(), key=lambda one: one.period.upper, reverse=True))
    return list(islice((one for one in found if one), MOST_AGAIN))


def _shown(visit: Appointment, *, url: str = "") -> OwnAppointment:
    asked = visit.status in {Status.PROPOSED, Status.PENDING}
    state = _("cancelled") if visit.status == Status.CANCELLED else _("not booked yet") if asked else ""
    what = {"therapy": therapy_in_words(visit.therapy.name, visit.technique), "visit": visit_in_words(visit.visit)}
    return OwnAppointment(
        when=when_in_words(visit.period.lower, visit.site.tz),
        what=_("%(therapy)s, %(visit)s") % what,
        where=_("%(name)s, %(site)s") % {"name": visit.practitioner.name, "site": localized(visit.site.name)},
        state=state,
        url=url,
    )


def _facts(patient: Patient) -> Sequence[tuple[str, str]]:
    """Return what is known of a patient beside their appointments."""
    country = country_of(patient.site.zone)
    reached = [one.readable(country) for one in patient.contacts.all()]
    return [
        (_("Name"), patient.name),
        (_("Date of birth"), date_in_words(patient.birth_date)),
        (_("We reach you at"), ", ".join(reached)),
        (_("We write to you in"), language_in_words(patient.language)),
    ]

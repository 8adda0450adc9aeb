"""What is a patient's own, behind any of their links and their birth date: appointments, contact, booking again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from booking import queries
from booking.access_needs import AskedFor
from booking.actions import links
from booking.actions.waiting import list_entries
from booking.families.family_programs import has_a_family_page
from booking.families.queries import links_of
from booking.models import Appointment, Patient, WaitingListEntry
from booking.status import OCCUPYING, Status
from booking.web.book_again import BookAgain
from booking.web.families.family_rows import family_rows
from booking.web.labels import therapy_in_words, visit_in_words
from booking.web.link_context import LinkAccess
from booking.web.own_access import own_page
from booking.web.own_messages import preferences_in_words
from booking.web.suitability.suitability_draft import OnRecord
from core.text.languages import date_in_words, language_in_words, localized, when_in_words
from core.text.phone_numbers import country_of

MOST_PAST = 20
"""So many past appointments are listed, the last first."""

MOST_AGAIN = 3
"""So many therapies can be booked again by one press: those that they had last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAppointment:
    """An appointment as its patient reads it.

    Where it is still to come: `url` its page, `bring` what to bring, `asked_for` what was asked for with it alone.
    """

    when: str
    what: str
    where: str
    state: str = ""
    url: str = ""
    bring: str = ""
    asked_for: str = ""


@own_page
def own_appointments(request: HttpRequest, access: LinkAccess, at: datetime) -> HttpResponse:
    """Show what is the patient's own."""
    patient = access.visit.patient
    rows = patient.appointments.exclude(status=Status.ENTERED_IN_ERROR)  # of these nothing was theirs
    visits = list(rows.select_related(*queries.LISTED).order_by("-period", "-pk"))
    again = [one.asked_of(request, at=at) for one in _again(visits, at=at)]
    if onwards := _answered(request, again, at=at):
        return redirect(onwards)
    context = {
        "coming": _coming(visits, mailed=access.link.mailed, at=at),
        "past": [_shown(one) for one in islice((one for one in visits if one.period.upper <= at), MOST_PAST)],
        "again": again,
        "waits": [_waits(one) for one in list_entries.waiting_of(patient)],
        "facts": _facts(patient),
        "corrects": patient.user_id is None,
        "family": has_a_family_page(patient, at=at),
        "relatives": _relatives(patient, at=at),
        "token": access.token,
        "back": access.urls.see,
    }
    return render(request, "booking/own_appointments.html", context)


def _coming(visits: Iterable[Appointment], *, mailed: bool, at: datetime) -> list[OwnAppointment]:
    """Return what is to come, the next first, each with its page."""
    ahead = [one for one in visits if one.period.upper > at and one.status in OCCUPYING][::-1]
    tokens = links.issue_all(ahead, at=at) if ahead else {}
    # Whoever came by a mail goes on as such: behind the other token they would be asked for their newest mail.
    named = {pk: links.mailed_token(token) if mailed else token for pk, token in tokens.items()}
    return [_shown(one, url=reverse("manage", args=[named[one.pk]])) for one in ahead]


def _answered(request: HttpRequest, again: Iterable[BookAgain], *, at: datetime) -> str:
    """Note what was pressed at one of them, return where it leads; empty where nothing was.

    It is sent to this page: of one that keeps its address browsers send nothing that another page could check.
    """
    pressed = next((one for one in again if one.same and one.same == request.POST.get("again")), None)
    return pressed.answer(request, same=request.POST.get("says") == OnRecord.SAME, at=at) if pressed else ""


def _waits(entry: WaitingListEntry) -> OwnAppointment:
    """Return what somebody waits for, and the page by which they leave the list."""
    later = entry.later
    when = {"when": when_in_words(later.period.lower, entry.site.tz)} if later else {}
    what = {"therapy": therapy_in_words(entry.therapy.name, entry.technique), "visit": visit_in_words(entry.visit)}
    return OwnAppointment(
        when=_("Before %(when)s") % when if later else _("When a time opens"),
        what=_("%(therapy)s, %(visit)s") % what,
        where=localized(entry.site.name),
        url=reverse("waiting", args=[list_entries.token_for(entry)]),
    )


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
        bring=localized(visit.therapy.bring_and_wear) if url else "",
        asked_for="; ".join(AskedFor.of_visit_alone(visit).words) if url else "",
    )


def _relatives(patient: Patient, *, at: datetime) -> list[str]:
    """Return who of their family is linked with a patient, and how that stands; nothing of anybody's appointments."""
    rows = family_rows(links_of(patient), staff=False, at=at, history=False)
    named = ((row.who or row.relation, row.relation, row.state) for row in rows if row.live)
    return [", ".join(dict.fromkeys(words)) for words in named]


def _facts(patient: Patient) -> Sequence[tuple[str, str]]:
    """Return what is known of a patient beside their appointments."""
    country = country_of(patient.site.zone)
    reached = [one.readable(country) for one in patient.contacts.all()]
    return [
        (_("Name"), patient.name),
        (_("Date of birth"), date_in_words(patient.birth_date)),
        (_("We reach you at"), ", ".join(reached)),
        (_("Your language"), language_in_words(patient.language)),
        (_("Reminders"), preferences_in_words(patient)),
        (_("What helps you to come"), "; ".join(AskedFor.on_record(patient).words) or _("Nothing asked for")),
    ]

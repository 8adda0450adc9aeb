"""Asking to be told when a time opens, and the one page to which each mail about that leads."""

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from booking.actions import links
from booking.actions.waiting import answering, list_entries
from booking.models import Patient, WaitingListEntry
from booking.queries import mail_of
from booking.waiting.errors import OfferOver
from booking.web.labels import masked_email
from booking.web.responses import asked_or_sent, private_page, refusals_as_pages
from booking.web.session_draft import SessionDraft, patient_of
from booking.web.suitability.suitability_draft import DraftAnswers
from booking.web.suitability.suitability_flow import WantedTherapy
from booking.web.suitability.suitability_page import before_times
from booking.web.therapy_views import which_visit
from booking.web.times_list import address
from booking.web.waiting.join_page import JoinPage
from booking.web.waiting.waiting_cards import EntryCard, orders_in_words
from core import clock
from core.accounts.principals import principal_of
from core.http.networks import network_of

ASKED = "waiting-list-asked"
"""Where it is noted to which address a guest is mailed, for the page that says so; empty: they are called."""

ASKED_LASTS = timedelta(minutes=15)
"""As long as answers are shown: later somebody else may sit here."""


@never_cache
@asked_or_sent
@refusals_as_pages
def join(request: HttpRequest, therapy: str) -> HttpResponse:
    """Ask which times suit somebody who found none, and tell them when one opens."""
    at, patient = clock.now(), patient_of(request)
    wanted = WantedTherapy.of(request, therapy)
    if not wanted.visit:
        return which_visit(request, therapy, wanted.technique)
    before = before_times(request, wanted, patient, at=at)
    if before.detour:
        return redirect(before.detour)
    page = JoinPage.of(request, wanted, before, patient, at=at)
    if page.is_valid:
        return _joined(request, page, patient, at=at)
    return render(request, "booking/waiting/join.html", page.context(), status=422 if page.form.is_bound else 200)


def _joined(request: HttpRequest, page: JoinPage, patient: Patient | None, *, at: datetime) -> HttpResponse:
    """Write down who waits; whoever is not known shows first that they read the mailbox."""
    by, sealed = principal_of(request), SessionDraft.of(request.session).suitability
    if patient is not None:
        own = DraftAnswers.opened(sealed, whose=str(patient.pk)).to_book
        entry = list_entries.join(page.preferences(), patient, answers=own or None, by=by, at=at)
        if token := list_entries.token_for(entry):
            return redirect("waiting", token)
        note_asked(request, "", at=at)
        return redirect("waiting-asked")
    guest = page.guest()
    answered = DraftAnswers.opened(sealed, whose="").of_guest(name=guest.name, email=guest.email, born=guest.birth_date)
    given = list_entries.sealed_answers(answered.to_book)
    list_entries.join_as_guest(page.preferences(), guest, answers=given, network=network_of(request), by=by, at=at)
    note_asked(request, guest.email, at=at)
    return redirect("waiting-asked")


def note_asked(request: HttpRequest, email: str, *, at: datetime) -> None:
    """Note to which address somebody is mailed who has just asked, for the page that says so."""
    request.session[ASKED] = [email, at.isoformat()]


@never_cache
@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    """Say that a mail is on its way, whose button puts them on the list; to nobody who has not just asked."""
    email, since = request.session.get(ASKED) or ("", "")
    if not since or clock.now() >= datetime.fromisoformat(since) + ASKED_LASTS:
        return redirect("therapy")
    return render(request, "booking/waiting/asked.html", {"email": email})


@never_cache
@require_safe
def order(request: HttpRequest) -> HttpResponse:
    """Explain in plain words who is asked first."""
    sites = orders_in_words(at=clock.now())
    then = request.GET.get("then", "")  # within these pages alone
    back = then if then.startswith("/") and url_has_allowed_host_and_scheme(then, allowed_hosts=None) else ""
    return render(request, "booking/waiting/order.html", {"sites": sites, "back": back})


@csrf_exempt
@private_page
@asked_or_sent
@refusals_as_pages
def waiting(request: HttpRequest, token: str) -> HttpResponse:
    """Show an entry and the time that is offered; only what is pressed changes anything."""
    at = clock.now()
    entry = list_entries.opened_by(token, at=at)
    if request.method == "POST":
        return _acted(request, token, at=at)
    offer = list_entries.open_offer(entry)
    context = {
        "card": EntryCard.of(entry, offer, at=at),
        "here": reverse("waiting", args=[token]),
        "token": token,
        "email": masked_email(mail_of(entry.patient)),
        "phone": entry.site.phone,
    }
    return render(request, "booking/waiting/waiting.html", context)


def _acted(request: HttpRequest, token: str, *, at: datetime) -> HttpResponse:
    entry, act = list_entries.opened_by(token, at=at), request.POST.get("act", "")
    by = list_entries.principal_of(entry)
    if act == "confirm":
        list_entries.confirm(entry, by=by, at=at)
    elif act == "leave":
        answering.leave(entry, by=by, at=at)
    elif act in {"accept", "decline"}:
        return _answered(entry, act, request.POST.get("offer", ""), at=at) or redirect("waiting", token)
    return redirect("waiting", token)


def _answered(entry: WaitingListEntry, act: str, named: str, *, at: datetime) -> HttpResponse | None:
    """Accept or decline an offer; lead to the appointment that came of it."""
    offer = next((one for one in entry.offers.all() if str(one.public_id) == named), None)
    if offer is None:
        raise OfferOver
    if act == "decline":
        answering.decline(offer.pk, at=at)
        return None
    news = "moved" if entry.later else "booked"
    visit = answering.accept(offer.pk, at=at)
    return redirect(address(reverse("manage", args=[links.issue(visit, at=at)]), {"news": news}))

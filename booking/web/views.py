"""From the start page to a booked visit. Each step is an address of its own; only what is posted changes anything."""

from datetime import datetime
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from booking.actions import guest_flow, holds, links
from booking.actions.guest_flow import BookingExtras, Guest
from booking.models import Appointment, Hold, Patient
from booking.models.holds import HoldState
from booking.patients.record_errors import NeedsChanged
from booking.queries import awaits_proof
from booking.suitability.errors import AnswersNeeded, CallFirst, NotBookableWithAnswers
from booking.web import chosen_time, code_views, just_booked, needs_to_book, typed_address
from booking.web.context import PageLinks, check_page, checked_person, refuse_not_offered, times_page
from booking.web.families.family_meetings import meeting_note
from booking.web.link_language import LANG, LANGUAGE, notes_language, of_link
from booking.web.patient_session import is_noted
from booking.web.place_words import notes_for_times
from booking.web.responses import asked_or_sent, refusals_as_pages
from booking.web.session_draft import (
    SessionDraft,
    chosen_id,
    forget_all,
    forget_who,
    hold_in_browser,
    hold_of,
    patient_of,
    person_form,
    sent_hold,
)
from booking.web.suitability.suitability_draft import DraftAnswers, answered_by
from booking.web.suitability.suitability_flow import WantedTherapy
from booking.web.suitability.suitability_page import before_booking, before_times
from booking.web.therapy_views import which_visit
from booking.web.times_list import address, times_like
from booking.web.times_query import TimesQuery, audience_of_patient
from booking.web.visit_card import HeldTime
from core import clock
from core.accounts.principals import principal_of
from core.forms import described, problems
from core.http.embedding import source_of
from core.http.networks import network_of
from core.refusals import Refusal
from core.text.languages import BASE
from scheduler.public import TechniqueNeeded


@require_safe
@refusals_as_pages
@notes_language(LANG, LANGUAGE)
def start(request: HttpRequest) -> HttpResponse:
    """Greet, and lead to booking, changing and cancelling."""
    return render(request, "booking/start.html")


@never_cache
@require_safe
@refusals_as_pages
@notes_language(LANG)
def times(request: HttpRequest, therapy: str) -> HttpResponse:
    """Show the free times, day by day, once it is said which appointment it shall be, and answered what is asked."""
    at, patient = clock.now(), patient_of(request)
    held, wanted = hold_of(request, SessionDraft.of(request.session)), WantedTherapy.of(request, therapy)
    if not wanted.visit:
        return which_visit(request, therapy, wanted.technique)
    times_query = _wanted_times(request, wanted, held, patient, at=at)
    try:
        before = needs_to_book.with_needs(before_times(request, wanted, patient, at=at), request, patient)
        if before.detour:
            return redirect(before.detour)
        page_links = PageLinks(back=before.back, action=reverse("hold"))
        times_query = before.narrowed(times_query)
        page = times_page(request, times_query, page_links, heading=_("Choose a time"), at=at)
    except TechniqueNeeded:
        return redirect(wanted.chosen_at)
    live = HeldTime.of(held, at=at) if held is not None and before.lets_book(held, at=at) else None
    more = needs_to_book.note(request, patient, times_query.offered()) | notes_for_times(before, times_query, at=at)
    return render(request, "booking/times.html", {"page": page, "step": 2, "held": live} | more)


def _wanted_times(
    request: HttpRequest, wanted: WantedTherapy, held: Hold | None, patient: Patient | None, *, at: datetime
) -> TimesQuery:
    """Return which times are looked for. Raises Invalid where their address asks for what is not offered."""
    times_query = TimesQuery(
        therapy=wanted.therapy,
        technique=wanted.technique,
        visit=wanted.visit,
        moving=held.allocation if held else None,
        audience=audience_of_patient(patient, at=at),
    )
    refuse_not_offered(request, times_query, at=at)
    return times_query


@require_POST
@refusals_as_pages
def hold(request: HttpRequest) -> HttpResponse:
    """Keep the chosen time, in place of one chosen before."""
    at, patient = clock.now(), patient_of(request)
    slot = chosen_time.pressed(request, patient, at=at)
    before = needs_to_book.with_needs(before_booking(request, slot, patient, at=at), request, patient)
    if before.detour:
        return redirect(before.detour)
    held = chosen_time.keep(request, slot, patient, before, at=at)
    answers = SessionDraft.of(request.session).answers
    return redirect("check" if patient or person_form(held, answers).is_valid() else "you")


@never_cache
@asked_or_sent
@refusals_as_pages
def held_times(request: HttpRequest) -> HttpResponse:
    """Show the times that somebody keeps, to go on with one or to give one back."""
    at, by = clock.now(), principal_of(request)
    if request.method == "POST":
        holds.release(chosen_id(request.POST.get("hold", "")), by=by, at=at)
        return redirect("held-times")
    times = [HeldTime.of(one, at=at) for one in holds.open_holds(by=by, at=at)]
    return render(request, "booking/held_times.html", {"times": times})


@never_cache
@asked_or_sent
@refusals_as_pages
def you(request: HttpRequest) -> HttpResponse:
    """Ask who comes: three fields. "I need more time" keeps what is typed, right or wrong.

    What is wrong is shown on a page of its own address (`again`), so that "Back" never asks to send a form again.
    """
    draft = SessionDraft.of(request.session)
    held = hold_of(request, draft)
    if held is None:
        return just_booked.without_time(request)
    if patient := patient_of(request):
        return _whose(request, patient, held)
    if request.method == "POST":
        return _who_comes(request, held, draft)
    again = "again" in request.GET
    # What is known from an earlier page stands there; that a page was opened is no reason to find anything wrong.
    form = person_form(held, draft.answers if again else None, initial=draft.answers)
    context = {"form": described(form), "problems": problems(form) if again else [], "back": times_like(held.slot)}
    context |= {"held": HeldTime.of(held, at=clock.now()), "other": "other" in request.GET}
    context |= needs_to_book.note(request, None)
    return render(request, "booking/you.html", context)


def _who_comes(request: HttpRequest, held: Hold, draft: SessionDraft) -> HttpResponse:
    """Note what was typed, right or wrong, and lead on."""
    form = person_form(held, request.POST)
    draft.take_answers(form)
    if form.is_valid():
        draft.suitability = answered_by(draft.suitability, form.cleaned_data["name"])
    draft.keep(request.session)
    if "more_time" in request.POST:
        return _more_time(request, held, back="you")
    if "needs" in request.POST:
        return redirect(needs_to_book.link(to=reverse("you")))
    # Chosen in another tab: what is typed stays, and that it is another time is said.
    other = {"other": "1"} if request.POST.get("hold", draft.hold) != draft.hold else {}
    if form.is_valid():
        return redirect(address(reverse("check"), other) if other else reverse("check"))
    return redirect(address(reverse("you"), {"again": "1"} | other))


@never_cache
@require_safe
@refusals_as_pages
def check(request: HttpRequest) -> HttpResponse:
    """Show everything once more before it is booked."""
    draft, patient = SessionDraft.of(request.session), patient_of(request)
    held = hold_of(request, draft)
    if held is None:
        return just_booked.without_time(request)
    form = person_form(held, draft.answers)
    if patient is None and not form.is_valid():
        return redirect("you")
    at = clock.now()
    slot = holds.slot_held(held, by=principal_of(request), at=at)
    before = before_booking(request, slot, patient, at=at, held_at=held.created_at)
    if before.detour:
        return redirect(before.detour)
    person = checked_person(form, patient, by_link=not request.user.is_authenticated)
    page = check_page(held, slot, person, before, times=times_like(held.slot), at=at)
    page["sent"] |= {"answers": draft.suitability} if draft.suitability else {}
    page |= needs_to_book.checked(request, patient, page)
    # A link that somebody else may have tells nothing of who invited its patient, and when.
    page["other"] = "other" in request.GET
    page["together"] = "" if is_noted(request) else meeting_note(patient, slot, at=at)
    return render(request, "booking/check.html", page)


@never_cache
@asked_or_sent
@refusals_as_pages
def done(request: HttpRequest) -> HttpResponse:
    """Book what the page said, once however often it is sent, and show the visit."""
    at, patient = clock.now(), patient_of(request)
    form = person_form(sent_hold(request), request.POST)
    guest = Guest(**form.person()) if form.is_valid() else None
    # Neither or both: the form is from another page, or another person has signed in since it was shown.
    if request.method != "POST" or (patient is None) == (guest is None):  # nobody is named, or somebody else signed in
        return redirect("check")
    try:
        visit = _booked(request, patient, guest, at=at)
    except NeedsChanged:
        return needs_to_book.ask_anew(request)
    except (AnswersNeeded, CallFirst, NotBookableWithAnswers) as refusal:
        if elsewhere := _asked_again(request, refusal, patient, at=at):
            return redirect(elsewhere)
        raise
    if awaits_proof(visit):  # its link is for whoever reads the mail
        return code_views.ask(request, visit)
    if guest is not None:
        typed_address.note(request, visit, guest.email)
    token = links.issue(visit, at=at)
    # Pressed again on an old page, it must not throw away what they have chosen since.
    if SessionDraft.of(request.session).hold == request.POST.get("hold"):
        just_booked.forget_draft(request.session, at=at)
    return redirect(address(reverse("manage", args=[token]), {"news": "booked"}))


def _booked(request: HttpRequest, patient: Patient | None, guest: Guest | None, *, at: datetime) -> Appointment:
    """Book what the page showed, with what was answered by then."""
    by, whose = principal_of(request), str(patient.pk) if patient else ""
    sealed = request.POST.get("answers") or SessionDraft.of(request.session).suitability
    answered = DraftAnswers.opened(sealed, whose=whose)
    if guest is not None:
        answered = answered.of_guest(name=guest.name, email=guest.email, born=guest.birth_date)
    visit = guest_flow.book(
        chosen_id(request.POST.get("hold", "")),
        by=by,
        at=at,
        patient=patient,
        guest=guest,
        address=network_of(request) if by.anonymous else "",
        answers=answered.to_book or None,
        known=patient is not None and is_noted(request),
        extras=_extras(request),
    )
    needs_to_book.note_booked(request, patient, visit)
    return visit


def _extras(request: HttpRequest) -> BookingExtras:
    """Return what comes along: which page led here, what is needed, and which language they read."""
    reads, (asked, seen) = of_link(request.POST, LANG) or BASE, needs_to_book.sent_with(request)
    return BookingExtras(source=source_of(request), asked_for=asked, needs_seen=seen, language=reads)


def _asked_again(request: HttpRequest, refusal: Refusal, patient: Patient | None, *, at: datetime) -> str:
    """Return where somebody is led whose answers stand against the booking, or are lacking, as it stands now."""
    held, draft = sent_hold(request), SessionDraft.of(request.session)
    if held is None:
        return ""
    slot = holds.slot_held(held, by=principal_of(request), at=at)
    asked_now = partial(before_booking, request, slot, patient, at=at, held_at=held.created_at)
    elsewhere = asked_now().detour
    if elsewhere or not isinstance(refusal, AnswersNeeded):
        return elsewhere
    if request.POST.get("answers", "") != draft.suitability:  # the page is older than what they have answered
        return reverse("check")
    draft.suitability = ""  # what seems whole here is not on record: asked anew, it is
    draft.keep(request.session)
    return asked_now().detour


@require_POST
@refusals_as_pages
def leave(request: HttpRequest) -> HttpResponse:
    """Give the time back and forget what was typed: somebody else may sit here next."""
    held = hold_in_browser(request, SessionDraft.of(request.session))  # whoever it was for: that is forgotten
    if held and held.state == HoldState.OPEN:
        holds.release(held.public_id, by=principal_of(request), at=clock.now())
    request.session.pop(code_views.KEY, None)
    forget_all(request)
    return redirect("start")


@require_POST
@refusals_as_pages
def more_time(request: HttpRequest) -> HttpResponse:
    """Keep the time for longer."""
    held = hold_of(request, SessionDraft.of(request.session))
    return _more_time(request, held, back="check") if held else redirect("therapy")


def _whose(request: HttpRequest, patient: Patient, held: Hold) -> HttpResponse:
    """Let whoever came by a link say that they book for somebody else: then they are a visitor, and are asked."""
    if request.user.is_authenticated or "more_time" in request.POST:
        return redirect("check") if request.method != "POST" else _more_time(request, held, back="check")
    if "somebody_else" not in request.POST:
        context = {"name": patient.name, "held": HeldTime.of(held, at=clock.now()), "back": reverse("check")}
        return render(request, "booking/whose.html", context)
    forget_who(request)
    if held.state == HoldState.OPEN:  # it was kept for them, and may not be open to somebody else
        holds.release(held.public_id, by=principal_of(request), at=clock.now())
    return redirect(times_like(held.slot))


def _more_time(request: HttpRequest, held: Hold, *, back: str) -> HttpResponse:
    holds.extend(held.public_id, by=principal_of(request), at=clock.now())
    return redirect(back)

"""The visit behind a mail's link: see, keep, move, cancel, undo.

The link is a secret that only its owner has. It is what a form must know, so these forms need no other token; and
browsers send none that could be checked from pages that keep their address to themselves (`no-referrer`).
Opening an address changes nothing: only a posted form does.
"""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from booking.actions import appointments, guest_flow, holds, practitioner_changes
from booking.actions.families.linked_questions import question_about
from booking.actions.patients import address_verification
from booking.cancel_reasons import CancelReason
from booking.families.family_programs import has_a_family_page
from booking.patients.deaths import has_died
from booking.screening.queries import away, screening_of
from booking.screening.state import ScreeningState
from booking.status import Move, Status
from booking.suitability.answers_by_link import waits_for_answers
from booking.suitability.due_questions import due_now, may_be_changed
from booking.web import needs_to_book, typed_address
from booking.web.cancel_page import cancel_page, is_free_again
from booking.web.closure_page import closure_note
from booking.web.code_views import proof_text
from booking.web.context import PageLinks, times_page
from booking.web.forms import CancelReasonForm
from booking.web.ics import calendar_file
from booking.web.link_context import LinkAccess, VisitNews, visit_page
from booking.web.place_words import place_changes
from booking.web.responses import asked_or_sent, private_page, refusals_as_pages
from booking.web.screening.screening_page import screening_note, screening_url
from booking.web.slot_ids import opened, sealed
from booking.web.suitability.instead_views import instead_url
from booking.web.times_list import address
from booking.web.times_query import TimesQuery
from booking.web.visit_card import HeldTime, VisitCard
from core import clock
from core.database.transactions import one_reading
from core.forms import problems


@private_page
@require_safe
@refusals_as_pages
@one_reading
def see(request: HttpRequest, token: str) -> HttpResponse:
    """Show the visit, and what has just happened to it."""
    at = clock.now()
    access = LinkAccess.of(token, at=at)
    if proof := address_verification.open_proof(access.visit, at=at):
        action = reverse("manage-confirm", args=[token])
        context = {"visit": VisitCard.of(access.visit), **proof_text(proof), "action": action}
        return render(request, "booking/confirm.html", context)
    state = screening_of(access.visit, at=at).state
    page = visit_page(access, _news(request, access, at=at), screening=state, at=at)
    closure = closure_note(access, at=at) if page.live and not page.expected else None
    # To a time that is closed nobody comes: there is nothing to show at the door.
    coming = state in (ScreeningState.CLEAR, ScreeningState.UNANSWERED)
    over = access.visit.period.upper <= at
    note = screening_note(state, token) if not over and (page.expected or not coming) else None
    asks = _questions(access, expected=page.expected, live=page.live, at=at)
    more = _offers(access, live=page.live, at=at) | asks
    context = {"page": page, "closure": closure, "screening": note} | more
    context["asked_words"] = needs_to_book.asked_just_now(request, access.visit) if page.fresh else ""
    return render(request, "booking/manage.html", context)


def _news(request: HttpRequest, access: LinkAccess, *, at: datetime) -> VisitNews:
    """Return what was done just now, as the address says."""
    done = request.GET.get("news", "")
    typed = typed_address.take(request, access.visit) if done == "booked" else ""
    return VisitNews(done=done, typed=typed, free_again=is_free_again(access, at=at))


def _offers(access: LinkAccess, *, live: bool, at: datetime) -> dict[str, Any]:
    """Return where the page leads, beside what is done with the visit itself."""
    patient = access.visit.patient
    # Whoever reads the mail of somebody who has died is spoken to: nothing is offered there.
    spoken_to = not live and has_died(patient)
    return {
        "instead": instead_url(access),
        "token": access.token,
        "family": has_a_family_page(patient, at=at),
        "spoken_to": spoken_to,
        "corrects": patient.user_id is None and not spoken_to,
    }


def _questions(access: LinkAccess, *, expected: bool, live: bool, at: datetime) -> dict[str, bool]:
    """Return what the page says of the questions: that some are due, are waited for, or may be answered otherwise."""
    due = expected and due_now(access.visit, at=at) is not None
    waits = live and waits_for_answers(access.visit)
    changes = live and not due and not waits and may_be_changed(access.visit, None, at=at) is not None
    together = live and access.visit.linked_id is not None and question_about(access.visit, at=at) is not None
    somebody_else = live and practitioner_changes.may_decline(access.visit, at=at)
    return {
        "due": due,
        "waits": waits,
        "changes": changes,
        "together": together,
        "somebody_else": somebody_else,
    }


@private_page
@require_safe
@refusals_as_pages
def ics(request: HttpRequest, token: str) -> HttpResponse:
    """Give the visit as a calendar file; with the practitioner's name where the address asks for it."""
    at = clock.now()
    access = LinkAccess.of(token, at=at)
    to_settle = screening_of(access.visit, at=at).state.to_settle
    display, named = access.status_display(to_settle=to_settle, at=at), request.GET.get("with") == "name"
    file = calendar_file(access.visit, display, named=named)
    answer = HttpResponse(file, content_type="text/calendar; charset=utf-8; method=PUBLISH")
    answer.headers["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return answer


@csrf_exempt
@private_page
@asked_or_sent
@refusals_as_pages
def move(request: HttpRequest, token: str) -> HttpResponse:
    """Show the times to which the visit can move; keep the one that is chosen."""
    at = clock.now()
    access = LinkAccess.of(token, at=at)
    if request.method == "POST":
        slot = access.slot_named(opened(request.POST.get("slot", "")), at=at)
        holds.choose_for(access.visit, slot, by=access.principal, at=at)
        return redirect(address(reverse("manage-move-check", args=[token]), {"slot": sealed(slot.key.without_therapy)}))
    if not access.may(Move.RESCHEDULE, at=at):
        return redirect(access.urls.see)
    stays_away, first_day = away(access.visit, at=at)
    if stays_away and first_day is None:
        return redirect(screening_url(token))  # there they say until when, or are called: no time is promised meanwhile
    times_query = TimesQuery.for_moving(access.visit, at=at, from_day=first_day)
    page_links = PageLinks(back=access.urls.see, action=access.urls.move, waiting=access.urls.earlier)
    page = times_page(request, times_query, page_links, heading=_("Choose a new time"), at=at)
    return render(request, "booking/times.html", {"page": page})


@csrf_exempt
@private_page
@asked_or_sent
@refusals_as_pages
def move_check(request: HttpRequest, token: str) -> HttpResponse:
    """Show old and new time side by side; move the visit when that is confirmed, once however often it is sent."""
    at, sent = clock.now(), request.POST.get("slot") or request.GET.get("slot", "")
    if request.method == "POST":
        guest_flow.move(token, opened(sent), at=at)
        return _seen(token, "moved")
    access = LinkAccess.of(token, at=at)
    if not access.may(Move.RESCHEDULE, at=at):
        return redirect(access.urls.see)
    slot = access.slot_named(opened(sent), at=at)
    held = holds.open_hold_for(access.visit, slot, by=access.principal, at=at)
    context = {
        "new": VisitCard.offered(slot),
        "old": VisitCard.of(access.visit),
        "place": place_changes(access.visit, slot),
        "slot": sealed(slot.key.without_therapy),
        "held": HeldTime.of(held, at=at) if held else None,
        "urls": access.urls,
        "back": access.urls.move,
    }
    return render(request, "booking/move.html", context)


@csrf_exempt
@private_page
@asked_or_sent
@refusals_as_pages
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    """Offer other times first; cancel when that is pressed, whether or not a reason is given."""
    at = clock.now()
    access = LinkAccess.of(token, at=at)
    if not access.may(Move.CANCEL, at=at):
        return redirect(access.urls.see)
    form = CancelReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        appointments.move(access.visit.public_id, Move.CANCEL, by=access.principal, at=at, reason=reason)
        return _seen(token, "cancelled")
    wrong = problems(form) if form.is_bound else []
    context = cancel_page(access, at=at) | {"form": form, "problems": wrong, "back": access.urls.see}
    return render(request, "booking/cancel.html", context, status=422 if wrong else 200)


@csrf_exempt
@private_page
@require_POST
@refusals_as_pages
def give_back_closed(_request: HttpRequest, token: str) -> HttpResponse:
    """Give a time back at which nothing can take place; pressed twice, it is given back once."""
    at = clock.now()
    access = LinkAccess.of(token, at=at)
    if access.status_display(at=at).expected:
        return redirect(access.urls.cancel)  # nothing is closed: there they are asked why
    if access.visit.status != Status.CANCELLED:
        reason = CancelReason.OTHER
        appointments.move(access.visit.public_id, Move.CANCEL, by=access.principal, at=at, reason=reason)
    return _seen(token, "cancelled")


@csrf_exempt
@private_page
@require_POST
@refusals_as_pages
def undo(_request: HttpRequest, token: str) -> HttpResponse:
    """Take a cancel back while the time is kept."""
    at = clock.now()
    access = LinkAccess.of(token, at=at)
    # Pressed twice: the first press has put it back.
    if access.visit.status == Status.BOOKED:
        return redirect(access.urls.see)
    # A time that was free for others at once is theirs again as long as nobody has it.
    free = is_free_again(access, at=at)
    appointments.move(access.visit.public_id, Move.UNDO, by=access.principal, at=at, while_free=free)
    return _seen(token, "kept")


@csrf_exempt
@private_page
@require_POST
@refusals_as_pages
def accept(_request: HttpRequest, token: str) -> HttpResponse:
    """Book the time that was offered instead of the one asked for; pressed twice, it is booked once."""
    at = clock.now()
    access = LinkAccess.of(token, at=at)
    if access.visit.status != Status.BOOKED:
        appointments.move(access.visit.public_id, Move.APPROVE, by=access.principal, at=at)
    return _seen(token, "booked")


def _seen(token: str, just_done: str) -> HttpResponse:
    """Lead back to the page of the very link that was used: another one is for whoever reads the mail."""
    return redirect(address(reverse("manage", args=[token]), {"news": just_done}))

"""From the start page to a booked visit. Each step is an address of its own; only what is posted changes anything."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from booking.actions import drafts, holds, links
from booking.actions.drafts import Guest
from booking.models import Hold
from booking.models.holds import HoldState
from booking.status import Status
from booking.web import codes
from booking.web.answers import asked_or_sent, plainly
from booking.web.choices import choosable, therapy_radios, visit_radios
from booking.web.drafts import Draft, chosen_id, forget, forget_all, hold_of, patient_of, sent_hold, today_of
from booking.web.forms import TherapyForm, YouForm
from booking.web.pages import Doors, check_page, times_page
from booking.web.presenters import Kept
from booking.web.slot_ids import opened
from booking.web.times import Asked, address
from core import clock
from core.accounts.principals import principal_of
from core.forms import described, problems
from core.http.networks import network_of
from scheduler import public as scheduler


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Greet, and lead to booking, changing and cancelling."""
    return render(request, "booking/start.html")


@asked_or_sent
def therapy(request: HttpRequest) -> HttpResponse:
    """Ask which therapy and which visit it shall be."""
    offered = choosable(scheduler.therapies())
    form = TherapyForm(request.POST if request.method == "POST" else None, choosable=offered)
    if form.is_valid():
        chosen = form.cleaned_data["therapy"]
        told = {"visit": form.cleaned_data["visit"], "technique": chosen.technique}
        return redirect(address(reverse("times", args=[chosen.therapy]), told))
    context = {
        "form": form,
        "problems": problems(form) if form.is_bound else [],
        "visits": visit_radios(chosen=str(form["visit"].value() or "")),
        "therapies": therapy_radios(offered, chosen=str(form["therapy"].value() or "")),
    }
    return render(request, "booking/therapy.html", context, status=422 if form.is_bound else 200)


@never_cache
@require_safe
@plainly
def times(request: HttpRequest, therapy: str) -> HttpResponse:
    """Show the free times, day by day."""
    at, kept = clock.now(), hold_of(request, Draft.of(request.session))
    asked = Asked(
        therapy=therapy,
        technique=request.GET.get("technique", ""),
        visit=request.GET.get("visit", ""),
        moving=kept.allocation if kept else None,
    )
    doors = Doors(back=reverse("therapy"), action=reverse("hold"))
    page = times_page(request, asked, doors, heading=_("Choose a time"), at=at)
    live = kept is not None and kept.expires_at > at
    context = {"page": page, "step": 2, "kept": Kept.of(kept, at=at) if kept and live else None}
    return render(request, "booking/times.html", context)


@require_POST
@plainly
def hold(request: HttpRequest) -> HttpResponse:
    """Keep the chosen time, in place of one chosen before."""
    draft, patient = Draft.of(request.session), patient_of(request)
    slot, by = opened(request.POST.get("slot", "")), principal_of(request)
    whence = network_of(request) if by.anonymous else ""
    kept = drafts.choose(slot, by=by, at=clock.now(), patient=patient, instead_of=draft.hold_id, address=whence)
    draft.keeps(kept, request.session)
    return redirect("check" if patient or YouForm(draft.answers, on=today_of(kept)).is_valid() else "you")


@never_cache
@asked_or_sent
@plainly
def you(request: HttpRequest) -> HttpResponse:
    """Ask who comes: three fields. "I need more time" keeps what is typed, right or wrong.

    What is wrong is shown on a page of its own address (`again`), so that "Back" never asks to send a form again.
    """
    draft = Draft.of(request.session)
    kept = hold_of(request, draft)
    if kept is None or patient_of(request):
        return redirect("check" if kept else "therapy")
    if request.method == "POST":
        form = YouForm(request.POST, on=today_of(kept))
        draft.take_answers(form)
        draft.keep(request.session)
        if "more_time" in request.POST:
            return _more_time(request, kept, back="you")
        return redirect("check" if form.is_valid() else address(reverse("you"), {"again": "1"}))
    again = "again" in request.GET
    form = YouForm(draft.answers if draft.typed or again else None, on=today_of(kept))
    context = {"form": described(form), "problems": problems(form) if again else [], "back": _times_of(kept)}
    return render(request, "booking/you.html", context | {"kept": Kept.of(kept, at=clock.now())})


@never_cache
@require_safe
@plainly
def check(request: HttpRequest) -> HttpResponse:
    """Show everything once more before it is booked."""
    draft, patient = Draft.of(request.session), patient_of(request)
    kept = hold_of(request, draft)
    if kept is None:
        return redirect("therapy")
    form = YouForm(draft.answers, on=today_of(kept))
    if patient is None and not form.is_valid():
        return redirect("you")
    return render(request, "booking/check.html", check_page(kept, form, patient, times=_times_of(kept), at=clock.now()))


@never_cache
@asked_or_sent
@plainly
def done(request: HttpRequest) -> HttpResponse:
    """Book what the page said, once however often it is sent, and show the visit."""
    at, patient = clock.now(), patient_of(request)
    form = YouForm(request.POST, on=today_of(sent_hold(request)))
    guest = Guest(**form.cleaned_data) if form.is_valid() else None
    if request.method != "POST" or (patient is None) == (guest is None):  # nobody is named, or somebody else signed in
        return redirect("check")
    hold_id, by = chosen_id(request.POST.get("hold", "")), principal_of(request)
    whence = network_of(request) if by.anonymous else ""
    visit = drafts.book(hold_id, by=by, at=at, patient=patient, guest=guest, address=whence)
    if visit.status == Status.PROPOSED:  # its link is for whoever reads the mail
        return codes.ask(request, visit)
    token = links.issue(visit, at=at)
    if Draft.of(request.session).hold == str(hold_id):
        forget(request.session)
    return redirect(address(reverse("manage", args=[token]), {"news": "booked"}))


@require_POST
@plainly
def leave(request: HttpRequest) -> HttpResponse:
    """Give the time back and forget what was typed: somebody else may sit here next."""
    kept = hold_of(request, Draft.of(request.session))
    if kept and kept.state == HoldState.OPEN:
        holds.release(kept.public_id, by=principal_of(request), at=clock.now())
    request.session.pop(codes.KEY, None)
    forget_all(request)
    return redirect("start")


@require_POST
@plainly
def more_time(request: HttpRequest) -> HttpResponse:
    """Keep the time for longer."""
    kept = hold_of(request, Draft.of(request.session))
    return _more_time(request, kept, back="check") if kept else redirect("therapy")


def _more_time(request: HttpRequest, kept: Hold, *, back: str) -> HttpResponse:
    holds.extend(kept.public_id, by=principal_of(request), at=clock.now())
    return redirect(back)


def _times_of(kept: Hold) -> str:
    """Return where a time like the held one is chosen."""
    slot = scheduler.slot(kept.slot)
    told: dict[str, Any] = {"visit": slot.visit, "technique": slot.technique}
    return address(reverse("times", args=[slot.therapy]), told)

"""The visit behind a mail's link: see, keep, move, cancel, undo.

The link is a secret that only its owner has. It is what a form must know, so these forms need no other token; and
browsers send none that could be checked from pages that keep their address to themselves (`no-referrer`).
Opening an address changes nothing: only a posted form does.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from booking.actions import appointments, drafts, permits, proofs
from booking.status import Move, Status
from booking.web.answers import asked_or_sent, plainly, privately
from booking.web.codes import kept
from booking.web.forms import CancelForm
from booking.web.ics import calendar_file
from booking.web.pages import Doors, times_page
from booking.web.presenters import Kept, Leaf
from booking.web.slot_ids import opened, sealed
from booking.web.times import Asked, address
from booking.web.visits import Bearer, cancel_page, visit_page
from core import clock
from core.forms import problems
from scheduler import public as scheduler


@privately
@require_safe
@plainly
def see(request: HttpRequest, token: str) -> HttpResponse:
    """Show the visit, and what has just happened to it."""
    bearer, at = Bearer.of(token, at=clock.now()), clock.now()
    if proof := proofs.open_for(bearer.visit, at=at):
        action = reverse("manage-confirm", args=[token])
        context = {"visit": Leaf.of(bearer.visit), "kept": kept(proof), "action": action}
        return render(request, "booking/confirm.html", context)
    page = visit_page(bearer, news=request.GET.get("news", ""), at=at)
    return render(request, "booking/manage.html", {"page": page})


@privately
@require_safe
@plainly
def ics(_request: HttpRequest, token: str) -> HttpResponse:
    """Give the visit as a calendar file."""
    bearer, at = Bearer.of(token, at=clock.now()), clock.now()
    file = calendar_file(bearer.visit, bearer.standing(at=at))
    answer = HttpResponse(file, content_type="text/calendar; charset=utf-8; method=PUBLISH")
    answer.headers["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return answer


@csrf_exempt
@privately
@asked_or_sent
@plainly
def move(request: HttpRequest, token: str) -> HttpResponse:
    """Show the times to which the visit can move; keep the one that is chosen."""
    at = clock.now()
    bearer = Bearer.of(token, at=at)
    if request.method == "POST":
        slot_id = scheduler.without_purpose(opened(request.POST.get("slot", "")))
        drafts.choose_for(bearer.visit, slot_id, by=bearer.principal, at=at)
        return redirect(address(reverse("manage-move-check", args=[token]), {"slot": sealed(slot_id)}))
    if not bearer.may(Move.RESCHEDULE, at=at):
        return redirect(bearer.urls.see)
    asked = Asked.for_moving(bearer.visit)
    doors = Doors(back=bearer.urls.see, action=bearer.urls.move)
    page = times_page(request, asked, doors, heading=_("Choose a new time"), at=at)
    return render(request, "booking/times.html", {"page": page})


@csrf_exempt
@privately
@asked_or_sent
@plainly
def move_check(request: HttpRequest, token: str) -> HttpResponse:
    """Show old and new time side by side; move the visit when that is confirmed, once however often it is sent."""
    at, sent = clock.now(), request.POST.get("slot") or request.GET.get("slot", "")
    slot_id = scheduler.without_purpose(opened(sent))
    if request.method == "POST":
        drafts.move(token, slot_id, at=at)
        return _seen(token, "moved")
    bearer = Bearer.of(token, at=at)
    if not bearer.may(Move.RESCHEDULE, at=at):
        return redirect(bearer.urls.see)
    slot = permits.slot_for(bearer.visit, slot_id)
    kept = drafts.kept_for(bearer.visit, slot.id, by=bearer.principal, at=at)
    context = {
        "new": Leaf.offered(slot),
        "old": Leaf.of(bearer.visit),
        "slot": sealed(slot_id),
        "kept": Kept.of(kept, at=at) if kept else None,
        "urls": bearer.urls,
        "back": bearer.urls.move,
    }
    return render(request, "booking/move.html", context)


@csrf_exempt
@privately
@asked_or_sent
@plainly
def cancel(request: HttpRequest, token: str) -> HttpResponse:
    """Offer another time first; cancel when a reason is given."""
    at = clock.now()
    bearer = Bearer.of(token, at=at)
    if not bearer.may(Move.CANCEL, at=at):
        return redirect(bearer.urls.see)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        appointments.cancel(bearer.visit.public_id, by=bearer.principal, at=at, reason=reason)
        return _seen(token, "cancelled")
    wrong = problems(form) if form.is_bound else []
    context = cancel_page(bearer, at=at) | {"form": form, "problems": wrong, "back": bearer.urls.see}
    return render(request, "booking/cancel.html", context, status=422 if wrong else 200)


@csrf_exempt
@privately
@require_POST
@plainly
def undo(_request: HttpRequest, token: str) -> HttpResponse:
    """Take a cancel back while the time is kept."""
    at = clock.now()
    bearer = Bearer.of(token, at=at)
    if bearer.visit.status == Status.BOOKED:
        return redirect(bearer.urls.see)
    appointments.undo(bearer.visit.public_id, by=bearer.principal, at=at)
    return _seen(token, "kept")


def _seen(token: str, news: str) -> HttpResponse:
    """Lead back to the page of the very link that was used: another one is for whoever reads the mail."""
    return redirect(address(reverse("manage", args=[token]), {"news": news}))

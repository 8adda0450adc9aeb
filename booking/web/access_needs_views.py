"""What somebody needs for an appointment: asked for by whoever has its link, shown to its patient alone."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt

from booking.actions import access_needs
from booking.models import AccessNeeds
from booking.patients.known_by_link import went_to_its_patient
from booking.status import Move
from booking.web import birth_date_proof
from booking.web.access_needs_form import AccessNeedsForm
from booking.web.link_context import LinkAccess
from booking.web.responses import asked_or_sent, private_page, refusals_as_pages
from core import clock
from core.forms import described, problems


@csrf_exempt
@private_page
@asked_or_sent
@refusals_as_pages
def needs(request: HttpRequest, token: str) -> HttpResponse:
    """Ask what is needed; note what is chosen."""
    at = clock.now()
    access = LinkAccess.of(token, at=at)
    if not access.may(Move.RESCHEDULE, at=at):
        return redirect(access.urls.see)
    form = AccessNeedsForm(request.POST if request.method == "POST" else None, initial=_now(request, access, at=at))
    saved = form.is_valid()
    if saved:
        access_needs.ask(access.link, form.asked_for, at=at)
    wrong = problems(form) if form.is_bound and not saved else []
    context = {
        "form": described(form),
        "problems": wrong,
        "saved": saved,
        "choices": form.choices,
        "phone": access.visit.site.phone,
        "back": access.urls.see,
    }
    return render(request, "booking/access_needs.html", context, status=422 if wrong else 200)


def _now(request: HttpRequest, access: LinkAccess, *, at: datetime) -> dict[str, Any]:
    """Return what was asked for, to its patient; whoever has the link alone may ask, and reads nothing of it."""
    if not (birth_date_proof.is_remembered(request, access.link, at=at) and went_to_its_patient(access.link)):
        return {}
    asked = AccessNeeds.objects.filter(appointment=access.visit).first()
    return {"needs": asked.needs, "interpreter": asked.interpreter} if asked else {}

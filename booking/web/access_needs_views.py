"""What somebody needs so that they can come: asked for by whoever has a link, shown to its patient alone."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from booking.access_needs import NOTHING_ASKED, AskedFor, asked_with, other_language
from booking.actions import access_needs
from booking.patients.known_by_link import went_to_its_patient
from booking.patients.record_errors import NeedsChanged
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
    # Whoever has the link alone may ask, and reads nothing of what was asked for.
    known = birth_date_proof.is_remembered(request, access.link, at=at) and went_to_its_patient(access.link)
    if not known and not access.may(Move.RESCHEDULE, at=at):
        return redirect(access.urls.see)
    before = _shown(access, known=known).columns
    form = AccessNeedsForm(request.POST if request.method == "POST" else None, initial=before)
    saved = form.is_valid()
    overtaken = saved and not _is_saved(request, access, form, known=known, at=at)
    if overtaken:
        access.visit.refresh_from_db()  # with its patient
        saved, form = False, AccessNeedsForm(None, initial=_shown(access, known=known).columns)
    context = {"form": described(form), "saved": saved, "known": known, "overtaken": overtaken}
    context |= {"problems": problems(form) if form.is_bound and not saved else []}
    context |= {"back": reverse("manage-own", args=[token]) if known else access.urls.see}
    context |= {"phone": access.visit.site.phone, "needs_seen": _shown(access, known=known).mark}
    context |= {"other": other_language(access.visit, access.visit.patient) if known else ""}
    status = 422 if context["problems"] else NeedsChanged.status if overtaken else 200
    return render(request, "booking/access_needs.html", context, status=status)


def _shown(access: LinkAccess, *, known: bool) -> AskedFor:
    """Return what was asked for, as far as whoever reads may see it."""
    return asked_with(access.visit, access.visit.patient) if known else NOTHING_ASKED


def _is_saved(request: HttpRequest, access: LinkAccess, form: AccessNeedsForm, *, known: bool, at: datetime) -> bool:
    """Write down what is chosen, unless what they saw was changed since."""
    seen = request.POST.get("needs_seen", "") if known else None
    try:
        access_needs.ask(access.link, form.asked_for, known=known, at=at, seen=seen)
    except NeedsChanged:
        return False
    return True

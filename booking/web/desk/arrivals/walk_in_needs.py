"""What a walk-in needs so that they can come: asked before a time is chosen, since not every place has it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking import queries
from booking.actions import access_needs
from booking.models import Patient
from booking.patients.record_errors import NeedsChanged
from booking.web.access_needs_form import AccessNeedsForm
from booking.web.desk.asked_on_record import spoken_in_words
from booking.web.desk.shell import desk_of, staff_page
from core import clock
from core.accounts.principals import principal_of
from core.forms import described
from core.principal import Principal
from core.refusals import Missing
from core.rights import Action, acting


def person_of(request: HttpRequest, public_id: UUID) -> Patient:
    """Return whoever stands at the desk. Raises Http404 for whom nobody may find."""
    try:
        return queries.patient(public_id, by=acting(principal_of(request), Action.SEARCH_PATIENTS))
    except Missing as missing:
        raise Http404 from missing


def asked_context(who: Patient, *, by: Principal) -> dict[str, Any]:
    """Return what the page with the times says of it, and the form to change it; for whoever may know it."""
    if not access_needs.may_see(who, by=by):
        return {}
    before = access_needs.asked_before(who, by=by)
    form = AccessNeedsForm(None, initial=before.columns)
    shown = {"form": described(form), "asked_before": before.words, "spoken": spoken_in_words(who, by)}
    return shown | {"needs_seen": before.mark}


@require_POST
@staff_page(Action.ADMIT_WALK_IN)
def needs(request: HttpRequest, patient: UUID) -> HttpResponse:
    """Let it stand on their record, for this time and all others, and show the times that suit."""
    at, by = clock.now(), principal_of(request)
    desk, who = desk_of(request, Action.ADMIT_WALK_IN, at=at), person_of(request, patient)
    form = AccessNeedsForm(request.POST, initial={})
    if not (form.is_valid() and access_needs.may_see(who, by=by)):
        raise Http404
    asked, seen = form.asked_for, request.POST.get("needs_seen", "")
    try:
        access_needs.correct(who, by=by, at=at, access_needs=asked.names, interpreter=asked.interpreter, seen=seen)
    except NeedsChanged as refusal:
        messages.warning(request, str(refusal.title))
    else:
        messages.success(request, _("What they need is saved. These times suit it."))
    return redirect(reverse("desk-walk-in-times", args=[who.public_id]) + desk.where)

"""A time that was proposed to a patient by mail: what staff read of it, and taking it for them on the phone."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.actions import proposed_times
from booking.actions.as_seen import AppointmentChanged
from booking.models import Appointment
from booking.status import Move
from booking.web.desk.appointments.facts import moved_in_words
from booking.web.desk.appointments.page import as_it_is_now, shown
from booking.web.desk.arrivals.page import SEEN, PageOutcome, visit_for
from booking.web.desk.shell import staff_page
from core import clock
from core.accounts.principals import principal_of
from core.refusals import Refusal
from core.rights import Action


@require_POST
@staff_page(Action.MOVE)
def take(request: HttpRequest, appointment: UUID, hold: UUID) -> HttpResponse:
    """Move it to the time that was proposed; where that is not kept any more, say what to do."""
    at, by = clock.now(), principal_of(request)
    visit = visit_for(request, appointment, Action.MOVE)
    try:
        made = proposed_times.take(visit.public_id, hold, by=by, at=at, as_seen=request.POST.get(SEEN, ""))
    except Refusal as refusal:
        return _refused(request, visit, refusal, at=at)
    words = moved_in_words(made, visit)
    messages.success(request, f"{words} {_('They said so: nobody need call them about it.')}")
    seen = Appointment.objects.visible_to(by).filter(pk=made.pk).exists()  # not at a site of others
    return redirect("desk-appointment", made.public_id) if seen else redirect("desk-to-do")


@require_POST
@staff_page(Action.MOVE)
def decline(request: HttpRequest, appointment: UUID, hold: UUID) -> HttpResponse:
    """Give back the time that was proposed, and lead to others; where it is not kept any more, say what to do."""
    at, by = clock.now(), principal_of(request)
    visit = visit_for(request, appointment, Action.MOVE)
    try:
        proposed_times.decline(visit.public_id, hold, by=by, at=at, as_seen=request.POST.get(SEEN, ""))
    except Refusal as refusal:
        return _refused(request, visit, refusal, at=at)
    messages.success(
        request,
        _(
            "They do not want it: that time is free again. Find another one with them now, or cancel. Until then "
            "they stand on the list of calls."
        ),
    )
    return redirect("desk-appointment-move", visit.public_id)


@require_POST
@staff_page(Action.MOVE)
def take_back(request: HttpRequest, appointment: UUID, hold: UUID) -> HttpResponse:
    """Propose the time again that was given back by mistake; where it has gone since, say so."""
    at, by = clock.now(), principal_of(request)
    visit = visit_for(request, appointment, Action.MOVE)
    try:
        proposed_times.take_back_decline(visit.public_id, hold, by=by, at=at, as_seen=request.POST.get(SEEN, ""))
    except Refusal as refusal:
        return _refused(request, visit, refusal, at=at)
    messages.success(request, _("Undone: that time is kept for them again. Nobody was written to."))
    return redirect("desk-appointment", visit.public_id)


def _refused(request: HttpRequest, visit: Appointment, refusal: Refusal, *, at: datetime) -> HttpResponse:
    """Show the appointment as it is, with what is refused and what to do."""
    if isinstance(refusal, AppointmentChanged):
        return as_it_is_now(request, visit, Move.RESCHEDULE, refusal, at=at)
    note = " ".join(dict.fromkeys(str(one) for one in (refusal.title, refusal.detail) if one))
    return shown(request, visit, PageOutcome(note=note, status=refusal.status), at=at)

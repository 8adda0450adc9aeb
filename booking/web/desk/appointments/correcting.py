"""Marking an appointment as entered by mistake: asked once more, since nobody takes it back."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.actions import appointments
from booking.actions.as_seen import AppointmentChanged, mark_of
from booking.actions.offered_moves import is_possible
from booking.status import OCCUPYING, Move
from booking.subjects import of_appointment
from booking.web.desk.appointments.facts import when_of
from booking.web.desk.appointments.page import as_it_is_now, desk_at
from booking.web.desk.arrivals.page import SEEN, visit_for
from booking.web.desk.shell import staff_page
from booking.web.responses import asked_or_sent
from core import clock
from core.accounts.principals import principal_of
from core.rights import Action, may


@asked_or_sent
@staff_page(Action.CORRECT)
def mistake(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """Say what is lost, and mark it with one press."""
    at, by, what = clock.now(), principal_of(request), Move.ENTER_IN_ERROR
    visit = visit_for(request, appointment, Action.CORRECT)
    if request.method == "POST":
        try:
            appointments.move(visit.public_id, what, by=by, at=at, as_seen=request.POST.get(SEEN, ""))
        except AppointmentChanged as refusal:
            return as_it_is_now(request, visit, what, refusal, at=at)
        messages.success(request, _("It is marked as entered by mistake. Nobody expects them."))
        return redirect("desk-appointment", visit.public_id)
    if not is_possible(visit, what, by=by, at=at):
        raise Http404
    context = {
        "desk": desk_at(request, visit, at=at),
        "heading": visit.patient.name if may(by, Action.SEE_NAMES, of_appointment(visit, by)) else visit.reference,
        "when": when_of(visit),
        "takes_time": visit.status in OCCUPYING,
        "seen": mark_of(visit),
        "back": reverse("desk-appointment", args=[visit.public_id]),
    }
    return render(request, "booking/desk/appointment_mistake.html", context)

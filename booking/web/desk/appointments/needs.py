"""What somebody needs so that they can come to an appointment, as they tell it to staff."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.actions import access_needs
from booking.actions.as_seen import AppointmentChanged
from booking.subjects import of_appointment
from booking.web.access_needs_form import AccessNeedsForm
from booking.web.desk.appointments.page import as_it_is_now, shown
from booking.web.desk.arrivals.page import SEEN, PageOutcome, visit_for
from booking.web.desk.shell import staff_page
from core import clock
from core.accounts.principals import principal_of
from core.refusals import Refusal
from core.rights import Action, may


@require_POST
@staff_page(Action.WRITE_NOTE)
def needs(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """Note what they need; where the appointment has changed since, or is over, nothing is noted."""
    at, by = clock.now(), principal_of(request)
    visit = visit_for(request, appointment, Action.WRITE_NOTE)
    form = AccessNeedsForm(request.POST, initial={})
    if not (form.is_valid() and may(by, Action.SEE_DETAILS, of_appointment(visit, by))):
        raise Http404
    try:
        seen = request.POST.get("needs_seen", "")
        as_seen = request.POST.get(SEEN, "")
        access_needs.note(visit.public_id, form.asked_for, by=by, at=at, as_seen=as_seen, seen=seen)
    except AppointmentChanged as refusal:
        return as_it_is_now(request, visit, None, refusal, at=at)
    except Refusal as refusal:
        return shown(request, visit, PageOutcome(note=str(refusal.title), status=refusal.status), at=at)
    messages.success(request, _("What they need is saved."))
    return redirect("desk-appointment", visit.public_id)

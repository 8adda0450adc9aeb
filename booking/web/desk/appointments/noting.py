"""Writing the note of an appointment at the desk."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.actions import notes
from booking.actions.as_seen import AppointmentChanged
from booking.web.desk.appointments.page import as_it_is_now, shown
from booking.web.desk.arrivals.page import SEEN, PageOutcome, visit_for
from booking.web.desk.shell import staff_page
from core import clock
from core.accounts.principals import principal_of
from core.refusals import Invalid
from core.rights import Action


@require_POST
@staff_page(Action.WRITE_NOTE)
def note(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """Write the note; where the appointment has changed since, or it cannot be written, its text stays."""
    at, by, typed = clock.now(), principal_of(request), request.POST.get("note", "")
    visit = visit_for(request, appointment, Action.WRITE_NOTE)
    try:
        notes.write(visit.public_id, note=typed, by=by, at=at, as_seen=request.POST.get(SEEN, ""))
    except AppointmentChanged as refusal:
        return as_it_is_now(request, visit, None, refusal, at=at)
    except Invalid as refusal:
        return shown(request, visit, PageOutcome(note=str(refusal.detail), status=422), typed=typed, at=at)
    messages.success(request, _("The note is saved.") if typed.strip() else _("The note is empty now."))
    return redirect("desk-appointment", visit.public_id)

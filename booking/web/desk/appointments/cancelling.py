"""Cancelling an appointment at the desk: why, as a code that says whose reason it is; and what follows from it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.actions import appointments
from booking.actions.as_seen import AppointmentChanged, mark_of
from booking.actions.families.linked_cancels import policies_of_others
from booking.actions.offered_moves import is_possible
from booking.cancel_reasons import CancelReason
from booking.models import Appointment, CancelPolicy
from booking.rules import may_undo_cancel
from booking.status import Move, Status
from booking.subjects import of_appointment
from booking.web.desk.appointments.facts import when_of
from booking.web.desk.appointments.page import as_it_is_now, desk_at
from booking.web.desk.appointments.words import OURS, THEIRS
from booking.web.desk.arrivals.page import SEEN, visit_for
from booking.web.desk.shell import staff_page
from booking.web.responses import asked_or_sent
from core import clock
from core.accounts.principals import principal_of
from core.form_errors import SaysWhatToDo
from core.forms import problems
from core.principal import Principal
from core.rights import Action, may


class CancelForm(SaysWhatToDo, forms.Form):
    """Why an appointment is called off. `heard`: its patient knows already."""

    reason = forms.ChoiceField(
        choices=[
            (gettext_lazy("They called it off"), [(one.value, words) for one, words in THEIRS.items()]),
            (gettext_lazy("The clinic calls it off"), [(one.value, words) for one, words in OURS.items()]),
        ],
        error_messages={"required": gettext_lazy("Choose a reason"), "invalid_choice": gettext_lazy("Choose a reason")},
    )
    heard = forms.BooleanField(required=False)

    def clean_reason(self) -> CancelReason:
        """Return one of the reasons that the desk gives."""
        return CancelReason(self.cleaned_data["reason"])


@asked_or_sent
@staff_page(Action.CANCEL)
def cancel(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """Ask why, say what follows, and cancel with one press."""
    at, by = clock.now(), principal_of(request)
    visit = visit_for(request, appointment, Action.CANCEL)
    if request.method != "POST":
        return _asked(request, visit, None, at=at)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return _asked(request, visit, form, at=at)
    seen = request.POST.get(SEEN, "")
    try:
        made = appointments.move(visit.public_id, Move.CANCEL, by=by, at=at, as_seen=seen, **form.cleaned_data)
    except AppointmentChanged as refusal:
        return as_it_is_now(request, visit, Move.CANCEL, refusal, at=at)
    messages.success(request, _done(made))
    return redirect("desk-appointment", visit.public_id)


def _done(visit: Appointment) -> str:
    if visit.undo_until:
        return _("It is cancelled. Its time is kept for a few minutes: until then you can undo it here.")
    return _("It is cancelled, and its time is free for others.")


def _asked(request: HttpRequest, visit: Appointment, form: CancelForm | None, *, at: datetime) -> HttpResponse:
    by = principal_of(request)
    if not is_possible(visit, Move.CANCEL, by=by, at=at):
        raise Http404
    chosen = form.data.get("reason", "") if form else ""
    context: dict[str, Any] = {
        "desk": desk_at(request, visit, at=at),
        "visit": visit,
        "heading": visit.patient.name if may(by, Action.SEE_NAMES, of_appointment(visit, by)) else visit.reference,
        "when": when_of(visit),
        "groups": [
            (_("They call it off"), _choices(THEIRS, chosen)),
            (_("The clinic calls it off"), _choices(OURS, chosen)),
        ],
        "problems": problems(form) if form else [],
        "kept": may_undo_cancel(Status(visit.status), CancelReason.OTHER),
        "together": others_in_words(visit, by, at=at),
        "seen": (form.data.get(SEEN, "") if form else "") or mark_of(visit),
        "back": reverse("desk-appointment", args=[visit.public_id]),
    }
    return render(request, "booking/desk/appointment_cancel.html", context, status=422 if form else 200)


def _choices(reasons: dict[CancelReason, Any], chosen: str) -> list[tuple[str, Any, bool]]:
    return [(one.value, words, one.value == chosen) for one, words in reasons.items()]


def others_in_words(visit: Appointment, by: Principal, *, at: datetime) -> list[str]:
    """Say what becomes of the others that were booked together with it, to whoever may know that there are any."""
    if not may(by, Action.SEE_LINKED, of_appointment(visit, by)):
        return []
    said = policies_of_others(visit, at=at)
    words = {
        CancelPolicy.CANCEL: _("It was booked together with others: they are cancelled with it."),
        CancelPolicy.ASK: _(
            "It was booked together with others: they are asked by mail whether they keep theirs. Whoever does not "
            "answer, or cannot be mailed, is put on the list of calls."
        ),
        CancelPolicy.KEEP: _("It was booked together with others: they stay as they are."),
    }
    return [text for policy, text in words.items() if policy in said]

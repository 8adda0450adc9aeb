"""The page of an appointment: who, when, where, how it stands, what was done to it, and what can be done with it."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from booking.access_needs import AskedFor, other_language
from booking.actions.as_seen import AppointmentChanged, has_other_note, last_change_seen
from booking.models import Appointment
from booking.policies import booking_policy
from booking.status import Move
from booking.subjects import of_appointment
from booking.web.desk.appointments.acts import PRESSED, RIGHTS, act_buttons, act_links, needs_form
from booking.web.desk.appointments.facts import AppointmentFacts
from booking.web.desk.appointments.history import NOTE, HistoryLine, history
from booking.web.desk.arrivals.arrival_day import ArrivalDay, already_done
from booking.web.desk.arrivals.arrival_rows import NOTHING_TYPED, ArrivalRow, TypedTemperature
from booking.web.desk.arrivals.page import SEEN, PageOutcome, attended, visit_for
from booking.web.desk.shell import Desk, desk_of, staff_page
from core import clock
from core.accounts.principals import principal_of
from core.principal import Principal
from core.rights import Action, may
from core.text.languages import when_in_words


@require_safe
@staff_page(Action.SEE_APPOINTMENT)
def appointment(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """Show it with what this reader may know and do. Raises Http404 for whoever may not see it."""
    visit = visit_for(request, appointment, Action.SEE_APPOINTMENT)
    return shown(request, visit, PageOutcome(), at=clock.now())


@require_POST
@staff_page(Action.SEE_APPOINTMENT)
def act(request: HttpRequest, appointment: UUID, act: str) -> HttpResponse:
    """Do what takes one press, to the appointment as it was seen; whoever comes second is shown who was first."""
    at, what = clock.now(), PRESSED.get(act)
    visit = visit_for(request, appointment, RIGHTS[what] if what else Action.SEE_APPOINTMENT)
    if what is None:
        raise Http404
    try:
        outcome = attended(request, visit, what, seen=request.POST.get(SEEN, ""), at=at)
    except AppointmentChanged as refusal:
        return as_it_is_now(request, visit, what, refusal, at=at)
    if outcome is not None:
        return shown(request, _again(request, visit), outcome, at=at)
    messages.success(request, _done_in_words(visit, what, at=at))
    return redirect("desk-appointment", visit.public_id)


SAYS_WHERE_TO = frozenset({Move.RESCHEDULE, Move.RESIZE})
"""Moves after which an appointment stands as before, at another time: from when to when is said."""


def _done_in_words(visit: Appointment, what: Move, *, at: datetime) -> str:
    """Say that it is done, and until when it is undone here."""
    if what is Move.UNDO:
        return _("It is undone: this is how it stands now.")
    if what is Move.APPROVE:
        return _("They have the appointment without the code. Tell them, if their address may be wrong.")
    if what is Move.NO_SHOW:
        until = at + booking_policy(visit.site_id, at=at).no_show_undo
        return _("It is noted. Until %s you can undo it here.") % when_in_words(until, visit.site.tz)
    return _("It is noted. Until tonight you can undo it here.")


def as_it_is_now(
    request: HttpRequest,
    visit: Appointment,
    what: Move | None,
    refusal: AppointmentChanged,
    *,
    at: datetime,
    as_pressed: bool = True,
) -> HttpResponse:
    """Show whoever comes second who was first, what changed, and what can be done now; pressed twice, it is done.

    `what`: the move that they wanted; None for a note, whose text stays in its field. `as_pressed`: it stands as this
    press would have it.
    """
    again, by, seen = _again(request, visit), principal_of(request), request.POST.get(SEEN, "")
    news = news_since(again, seen, by=by)
    if what and as_pressed and _is_pressed_twice(again, by) and (done := already_done(again, what, by=by)):
        if what in SAYS_WHERE_TO:  # that it is booked, as it was, says nothing of what was done
            done = " ".join([_("You did this already, and nothing more was done now."), *news])
        return shown(request, again, PageOutcome(note=done, calm=True, status=refusal.status), at=at)
    outcome = PageOutcome(note=" ".join([str(refusal.title), *news]), status=refusal.status)
    return shown(request, again, outcome, typed=None if what else request.POST.get("note"), at=at)


def news_since(visit: Appointment, seen: str, *, by: Principal) -> list[str]:
    """Return what was done to an appointment since it was seen, the oldest first, each in one sentence."""
    since, noted = last_change_seen(seen), has_other_note(visit, seen)
    lines = reversed(history(visit, by=by))
    return [_in_one_sentence(line) for line in lines if line.pk > since or (noted and line.pk == NOTE)]


def _is_pressed_twice(visit: Appointment, by: Principal) -> bool:
    last = visit.changes.order_by("pk").last()
    return last is not None and last.by == by.key


def _in_one_sentence(line: HistoryLine) -> str:
    facts = {"what": line.what, "by": line.by, "when": line.when, "more": "; ".join(line.more)}
    return (_("%(what)s (%(by)s, %(when)s): %(more)s.") if line.more else _("%(what)s (%(by)s, %(when)s).")) % facts


def _again(request: HttpRequest, visit: Appointment) -> Appointment:
    """Return the appointment as it is by now. Raises Http404: what was moved away may not be theirs any more."""
    return visit_for(request, visit.public_id, Action.SEE_APPOINTMENT)


def shown(
    request: HttpRequest, visit: Appointment, outcome: PageOutcome, *, at: datetime, typed: str | None = None
) -> HttpResponse:
    """Return the page of an appointment, with what came of an act. `typed`: a note that was not written."""
    by, desk = principal_of(request), desk_at(request, visit, at=at)
    row = _row(request, visit, desk, outcome.typed, at=at)
    context: dict[str, Any] = {
        "desk": desk,
        "visit": visit,
        "page": AppointmentFacts(visit=visit, row=row, desk=desk, by=by, at=at),
        "row": row,
        "buttons": act_buttons(visit, row, by=by, at=at),
        "links": act_links(visit, row, by=by, at=at),
        "history": history(visit, by=by),
        "needs": needs_form(visit, by=by, at=at),
        "needs_seen": AskedFor.on_record(visit.patient).mark,
        "needs_alone": "; ".join(AskedFor.of_visit_alone(visit).words),
        "needs_other": other_language(visit, visit.patient),
        "may_write": may(by, Action.WRITE_NOTE, of_appointment(visit, by)),
        "typed": typed,
        "seen": row.seen,
        "back": arrivals_url(visit, desk),
        ("calm_note" if outcome.calm else "note"): outcome.note,
    }
    return render(request, "booking/desk/appointment.html", context, status=outcome.status)


def _row(
    request: HttpRequest, visit: Appointment, desk: Desk, typed: TypedTemperature = NOTHING_TYPED, *, at: datetime
) -> ArrivalRow:
    day = ArrivalDay(desk, by=principal_of(request), at=at, typed=typed, only=visit)
    (row,) = day.rows
    return row


def desk_at(request: HttpRequest, visit: Appointment, *, at: datetime) -> Desk:
    """Return the desk at the site of an appointment, on its day; another site is chosen on the first page."""
    desk = desk_of(request, Action.SEE_APPOINTMENT, at=at, site=visit.site)
    on = visit.period.lower.astimezone(visit.site.tz).date()
    where = f"?site={visit.site.key}&day={on.isoformat()}"
    return replace(desk, on=on, where=where, room=reverse("desk"), parameters=())


def arrivals_url(visit: Appointment, desk: Desk) -> str:
    """Return where the day of an appointment stands at the door; empty for those who do not work there."""
    here = any(tab.url.startswith(reverse("desk-arrivals")) for tab in desk.tabs)
    return f"{reverse('desk-arrivals')}{desk.where}#v-{visit.public_id}" if here else ""

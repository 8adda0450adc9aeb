"""Moving an appointment at the desk: free times as buttons, also with others, elsewhere, for something else."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.actions import appointments, replacing
from booking.actions.as_seen import AppointmentChanged, mark_of
from booking.actions.offered_moves import is_possible
from booking.actions.requested_slots import insist_on_reach, read_slot
from booking.models import Appointment
from booking.status import Move
from booking.subjects import of_appointment
from booking.web.desk.appointments.conflicts import LINK, Conflict, conflict_of
from booking.web.desk.appointments.facts import declined_by, moved_in_words, proposed_to, when_of
from booking.web.desk.appointments.new_times import FOR, NewTimes
from booking.web.desk.appointments.page import as_it_is_now, desk_at
from booking.web.desk.arrivals.page import SEEN, visit_for
from booking.web.desk.families.linked_words import linked_words
from booking.web.desk.shell import staff_page
from booking.web.labels import how_they_hear, is_heard
from booking.web.responses import asked_or_sent
from booking.web.slot_ids import opened
from core import clock
from core.accounts.principals import principal_of
from core.refusals import Refusal
from core.rights import Action, may
from core.text.languages import localized
from core.text.phone_numbers import country_of
from scheduler import public as scheduler

if TYPE_CHECKING:
    from booking.actions.move_acts import Details

REASON, SLOT, PLACE, INSTEAD = "reason", "slot", "place", "instead"


@asked_or_sent
@staff_page(Action.MOVE)
def move(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """Show to which times an appointment can move; move it there with one press."""
    at, by = clock.now(), principal_of(request)
    visit = visit_for(request, appointment, Action.MOVE)
    asked = request.POST if request.method == "POST" and FOR in request.POST else request.GET
    times = NewTimes(visit, by, at, asked.dict())
    if request.method != "POST":
        if not is_possible(visit, Move.RESCHEDULE, by=by, at=at):
            raise Http404
        return _page(request, times)
    return _moved(request, times)


def _moved(request: HttpRequest, times: NewTimes) -> HttpResponse:
    sent, reason = request.POST.get(SLOT, ""), request.POST.get(REASON, "").strip()
    slot: scheduler.Slot | None = None
    try:
        slot = _chosen(times, sent, reason)
        made = _make(request, times, slot, reason)
    except AppointmentChanged as refusal:
        there = slot is not None and _is_there(times.visit, slot, _place(request, slot))
        return as_it_is_now(request, times.visit, Move.RESCHEDULE, refusal, at=times.at, as_pressed=there)
    except Refusal as refusal:
        conflict = conflict_of(refusal, slot, times, sent=sent, reason=reason)
        return _page(request, times, conflict, status=refusal.status)
    messages.success(request, _done(made, times))
    return redirect("desk-appointment", made.public_id)


def _chosen(times: NewTimes, sent: str, reason: str) -> scheduler.Slot:
    """Return the time that was pressed, for what it is to be for. Raises UnknownSlot, SlotTaken, Forbidden."""
    visit, by = times.visit, times.by
    slot = read_slot(
        opened(sent),
        by=by,
        at=times.at,
        patient=visit.patient,
        moving=visit,
        override_reason=reason,
        serving=times.wanted,
    )
    insist_on_reach(slot, visit.patient, by=by)
    return slot


def _make(request: HttpRequest, times: NewTimes, slot: scheduler.Slot, reason: str) -> Appointment:
    """Move it, or book something else in its place where that was pressed."""
    name, by, at, seen = times.visit.public_id, times.by, times.at, request.POST.get(SEEN, "")
    if (instead := request.POST.get(INSTEAD)) and times.otherwise:
        return replacing.book_in_place(
            name, slot, by=by, at=at, as_seen=seen, by_link=instead == LINK, override_reason=reason
        )
    to: Details = {"slot": slot, "override_reason": reason, "other_therapy": times.otherwise, "as_seen": seen}
    return appointments.move(name, Move.RESCHEDULE, by=by, at=at, **(to | _place(request, slot)))


def _is_there(visit: Appointment, slot: scheduler.Slot, to: "Details") -> bool:
    """Whether an appointment stands by now where this press would have it."""
    now = Appointment.objects.get(pk=visit.pk)
    return now.slot == slot.id and now.place_id == to.get("place", now.place_id)


def _place(request: HttpRequest, slot: scheduler.Slot) -> "Details":
    """Return the place that was chosen, if one was. Raises Http404 for one that is not there."""
    asked = request.POST.get(PLACE, "")
    if not asked:
        return {}
    try:
        found = scheduler.place_id(UUID(asked), site=slot.site.id)
    except ValueError as error:
        raise Http404 from error
    if found is None:
        raise Http404
    return {"place": found}


def _done(made: Appointment, times: NewTimes) -> str:
    hear, was = how_they_hear(made.patient, country_of(made.site.zone)), times.visit
    if made.pk != was.pk:
        return _("It is asked for in place of the other one, which is cancelled. %s") % hear
    where = localized(made.place.name) if made.place and made.place_id != was.place_id else ""
    said = moved_in_words(made, was, where)
    if not is_heard(was, made):
        hear = _("Nobody is written to: the time and who treats are as before.")
    therapy = _("No mail says what an appointment is for: tell them that this changed.") if times.otherwise else ""
    return " ".join(filter(None, (said, hear, therapy)))


def _page(
    request: HttpRequest, times: NewTimes, conflict: Conflict | None = None, *, status: int = 200
) -> HttpResponse:
    visit, by = times.visit, times.by
    desk = desk_at(request, visit, at=times.at)
    context: dict[str, Any] = {
        "desk": desk,
        "visit": visit,
        "linked": linked_words([visit], desk, by=by).get(visit.pk),
        "heading": visit.patient.name if may(by, Action.SEE_NAMES, of_appointment(visit, by)) else visit.reference,
        "when": when_of(visit),
        "times": times,
        "listed": times.listed(request),
        "proposed": proposed_to(visit, by, at=times.at),
        "declined": declined_by(visit, by, at=times.at),
        "conflict": conflict,
        "may_override": may(by, Action.OVERRIDE_SOFT_RULE, of_appointment(visit, by)),
        "for": "|".join(times.wanted) if times.otherwise else "",
        "place": request.POST.get(PLACE, ""),
        "seen": request.POST.get(SEEN, "") or mark_of(visit),
        "back": reverse("desk-appointment", args=[visit.public_id]),
        "action": request.get_full_path(),
    }
    return render(request, "booking/desk/appointment_move.html", context, status=status)

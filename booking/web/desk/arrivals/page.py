"""At the door: who comes today, how they stand with the health questions, and what can be done about each."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import quote_etag
from django.views.decorators.http import condition, require_POST, require_safe

from booking import queries
from booking.actions import appointments
from booking.actions import arrivals as actions
from booking.actions.as_seen import AppointmentChanged
from booking.actions.patients import address_verification
from booking.errors import MoveNotAllowed, StartsLater, WithoutCover
from booking.models import Appointment
from booking.screening.rights import sees_outcome
from booking.screening.temperature import read_temperature
from booking.status import Move, Status
from booking.subjects import of_appointment
from booking.web.desk.arrivals.arrival_day import (
    ArrivalDay,
    already_done,
    asked_all_the_same,
    asked_whether_meant,
    changed_meanwhile,
    fever_noted,
    refusal_note,
)
from booking.web.desk.arrivals.arrival_rows import ALL_THE_SAME, NOTHING_NEW, NOTHING_TYPED, TypedTemperature
from booking.web.desk.arrivals.arrival_stamp import stamp_of
from booking.web.desk.shell import Desk, desk_of, polled, staff_page
from core import clock
from core.accounts.principals import principal_of
from core.refusals import Invalid, Missing, Refusal
from core.rights import Action, acting, may

MOVES = {
    "arrive": Move.ARRIVE,
    "check-in": Move.CHECK_IN,
    "start": Move.START,
    "no-show": Move.NO_SHOW,
    "fulfil": Move.FULFIL,
    "undo": Move.UNDO,
}


SEEN = "seen"
"""The field by which a form says as which an appointment was looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageOutcome:
    """What came of an act, where the page says more than that it was done. `calm`: nothing went wrong."""

    note: str = ""
    calm: bool = False
    status: int = 200
    typed: TypedTemperature = NOTHING_TYPED


def _stamp(request: HttpRequest) -> str | None:
    """Return what changes whenever the page would: a look that finds it unchanged costs one small query."""
    at = clock.now()
    return quote_etag(stamp_of(desk_of(request, Action.MARK_ATTENDANCE, at=at), at=at))


@require_safe
@polled
@staff_page(Action.MARK_ATTENDANCE)
@condition(etag_func=_stamp)
def arrivals(request: HttpRequest) -> HttpResponse:
    """Show the visits of a day at a site."""
    at = clock.now()
    desk = desk_of(request, Action.MARK_ATTENDANCE, at=at)
    return _page(request, desk, PageOutcome(), at=at)


def _page(request: HttpRequest, desk: Desk, outcome: PageOutcome, *, at: datetime) -> HttpResponse:
    day = ArrivalDay(
        desk, by=principal_of(request), at=at, find=request.GET.get("find", "").strip(), typed=outcome.typed
    )
    note = {"calm_note" if outcome.calm else "note": outcome.note}
    return render(request, "booking/desk/arrivals.html", {"desk": desk, "day": day} | note, status=outcome.status)


@require_POST
@staff_page(Action.MARK_ATTENDANCE)
def attend(request: HttpRequest, appointment: UUID, move: str) -> HttpResponse:
    """Note that somebody is here, is checked in, or did not come; or take that back: of a visit as it was seen."""
    at, what = clock.now(), MOVES.get(move)
    visit = visit_for(request, appointment, Action.UNDO if what is Move.UNDO else Action.MARK_ATTENDANCE)
    if what is None:
        raise Http404
    desk = desk_of(request, Action.MARK_ATTENDANCE, at=at)
    try:
        outcome = attended(request, visit, what, seen=request.POST.get(SEEN, ""), at=at)
    except AppointmentChanged as refusal:
        outcome = _as_it_is_now(request, visit, what, refusal)
    if outcome is not None:
        return _page(request, desk, outcome, at=at)
    return redirect(f"{reverse('desk-arrivals')}{desk.where}#v-{visit.public_id}")


def _as_it_is_now(request: HttpRequest, visit: Appointment, what: Move, refusal: Refusal) -> PageOutcome:
    """Return who was first, and how a visit stands by now; where both did the same, it is done."""
    by, typed = principal_of(request), request.POST.get("temperature", "").strip()
    # Moved away, it may not be theirs any more: then it is not there.
    again = visit_for(request, visit.public_id, Action.MARK_ATTENDANCE)
    done = already_done(again, what, by=by)
    kept = NOTHING_TYPED if done else TypedTemperature(visit=str(visit.public_id), typed=typed)
    return PageOutcome(note=done or changed_meanwhile(again), calm=bool(done), status=refusal.status, typed=kept)


def attended(request: HttpRequest, visit: Appointment, what: Move, *, at: datetime, seen: str) -> PageOutcome | None:
    """Do it; return what is to be said about it, None where there is nothing. Raises AppointmentChanged.

    `seen`: as which the appointment was looked at.
    """
    by = principal_of(request)
    try:
        arrived = what is Move.START and visit.status == Status.ARRIVED and NOTHING_NEW in request.POST
        if what is Move.CHECK_IN or arrived:
            return _checked_in(request, visit, what, seen=seen, at=at)
        if what is Move.APPROVE:
            address_verification.vouch(visit.public_id, by=by, at=at, seen=seen)
        else:
            knows = ALL_THE_SAME in request.POST
            appointments.move(visit.public_id, what, by=by, at=at, as_seen=seen, all_the_same=knows)
    except AppointmentChanged:
        raise
    except StartsLater as refusal:
        return _asked(request, visit, asked_whether_meant(visit, refusal), refusal)
    except MoveNotAllowed as refusal:
        note = already_done(visit, what, by=by)
        return PageOutcome(note=note or refusal_note(visit, refusal), calm=bool(note), status=refusal.status)
    except Refusal as refusal:
        return PageOutcome(note=refusal_note(visit, refusal), status=refusal.status)
    return None


def _asked(request: HttpRequest, visit: Appointment, note: str, refusal: Refusal) -> PageOutcome:
    """Return what is asked about a press, which is then done with one more; what was typed beside it stays."""
    typed = request.POST.get("temperature", "").strip()
    wait = TypedTemperature(visit=str(visit.public_id), typed=typed, asked=True)
    return PageOutcome(note=note, status=refusal.status, typed=wait)


def _checked_in(request: HttpRequest, visit: Appointment, what: Move, *, seen: str, at: datetime) -> PageOutcome | None:
    """Check somebody in of whom the desk says that nothing is new since they answered. Raises what that refuses.

    `what`: that, or that they are treated from now on as well.
    """
    typed, by = request.POST.get("temperature", "").strip(), principal_of(request)
    knows = ALL_THE_SAME in request.POST
    try:
        if NOTHING_NEW not in request.POST or not sees_outcome(by, visit):
            appointments.move(visit.public_id, Move.CHECK_IN, by=by, at=at, all_the_same=knows, as_seen=seen)
            return None
        degrees = read_temperature(typed) if typed else None
        do = actions.start if what is Move.START else actions.check_in
        done = do(visit.public_id, by=by, at=at, temperature_f=degrees, all_the_same=knows, seen=seen)
    except WithoutCover as refusal:
        return _asked(request, visit, asked_all_the_same(visit), refusal)
    except (ValueError, Invalid) as error:
        said = str(error.detail if isinstance(error, Invalid) else error)
        wrong = TypedTemperature(visit=str(visit.public_id), typed=typed, problem=said)
        return PageOutcome(note=f"{visit.patient.name}: {said}", status=422, typed=wrong)
    return None if done.status == "checked-in" else PageOutcome(note=fever_noted(visit, typed))


def visit_for(request: HttpRequest, public_id: UUID, action: Action) -> Appointment:
    """Return a visit to whoever may do `action` to it. Raises Http404: what they may not touch is not there."""
    principal = principal_of(request)
    try:
        visit = queries.appointment(public_id, by=acting(principal, action))
    except Missing as missing:
        raise Http404 from missing
    if not may(principal, action, of_appointment(visit, principal)):
        raise Http404
    return visit

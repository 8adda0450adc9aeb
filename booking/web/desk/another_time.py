"""Another time for whoever must not come in: the first free ones from the day on which they may, or none for now."""

from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from booking.actions import appointments
from booking.actions.as_seen import AppointmentChanged, mark_of
from booking.actions.requested_slots import insist_on_reach, may_move_to, slot_for
from booking.cancel_reasons import CancelReason
from booking.models import Appointment
from booking.screening.queries import away
from booking.screening.rights import sees_outcome
from booking.status import Move
from booking.web.desk.arrivals.arrival_day import changed_meanwhile, refusal_note
from booking.web.desk.arrivals.came_from import back_to
from booking.web.desk.arrivals.page import SEEN, visit_for
from booking.web.desk.reviews.unsettled_colleagues import UnsettledColleagues
from booking.web.desk.shell import A_DAY, Desk, desk_of, staff_page
from booking.web.responses import asked_or_sent
from booking.web.screening.first_times import first_times
from booking.web.slot_ids import opened
from booking.web.times_list import Button
from core import clock
from core.accounts.principals import principal_of
from core.principal import Principal
from core.refusals import Refusal
from core.rights import Action
from core.text.languages import near_day_in_words, when_in_words

if TYPE_CHECKING:
    from booking.actions.move_acts import Details


@asked_or_sent
@staff_page(Action.MOVE)
def another_time(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """Offer the first free times, and move there with one press, or give the time back."""
    at = clock.now()
    visit = visit_for(request, appointment, Action.MOVE)
    desk = desk_of(request, Action.MOVE, at=at)
    if request.method != "POST":
        return _page(request, desk, visit, at=at)
    try:
        done = _act(request, visit, at=at)
    except AppointmentChanged as refusal:
        again = visit_for(request, visit.public_id, Action.MOVE)
        return _page(request, desk, again, at=at, note=changed_meanwhile(again), status=refusal.status)
    except Refusal as refusal:
        return _page(request, desk, visit, at=at, note=refusal_note(visit, refusal), status=refusal.status)
    return _page(request, desk, done, at=at, done=True)


def _act(request: HttpRequest, visit: Appointment, *, at: datetime) -> Appointment:
    by, seen = principal_of(request), request.POST.get(SEEN, "")
    if "give_back" in request.POST:
        ill: Details = {"reason": CancelReason.ILLNESS, "heard": True, "as_seen": seen}
        return appointments.move(visit.public_id, Move.CANCEL, by=by, at=at, **ill)
    slot = slot_for(visit, opened(request.POST.get("slot", "")), by=by, at=at)
    insist_on_reach(slot, visit.patient, by=by)
    return appointments.move(visit.public_id, Move.RESCHEDULE, by=by, at=at, slot=slot, as_seen=seen)


def _page(
    request: HttpRequest,
    desk: Desk,
    visit: Appointment,
    *,
    at: datetime,
    note: str = "",
    done: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        "desk": desk,
        "visit": visit,
        "when": when_in_words(visit.period.lower, visit.site.tz),
        **_times(request, desk, visit, searched=not done, at=at),
        "done": done,
        "gone": visit.status == "cancelled",
        "note": note,
        "seen": mark_of(visit),
        "back": back_to(request, desk, visit),
        "action": request.get_full_path(),
    }
    return render(request, "booking/desk/another_time.html", context, status=status)


def _times(request: HttpRequest, desk: Desk, visit: Appointment, *, searched: bool, at: datetime) -> dict[str, Any]:
    """Return from when on they may come, as far as whoever looks may know that, and the first free times from then."""
    by = principal_of(request)
    unsettled = UnsettledColleagues(by=by, at=at, here=desk.site)
    stays_away, earliest = away(visit, at=at) if sees_outcome(by, visit) else (False, None)
    unknown = stays_away and earliest is None
    begins = max(earliest or desk.today, desk.today + A_DAY if unknown else desk.today)
    return {
        "since": near_day_in_words(earliest) if earliest else "",
        "unknown": unknown,
        "times": _first_times(visit, begins, unsettled, by=by, at=at) if searched else (),
    }


def _first_times(
    visit: Appointment, begins: date, unsettled: UnsettledColleagues, *, by: Principal, at: datetime
) -> list[Button]:
    theirs = partial(may_move_to, patient=visit.patient, by=by)
    return first_times(visit, from_day=begins, at=at, word=unsettled.word_for, only=theirs)

"""What is done on the board with one key or by dragging: the server decides, and says why not and what else is free."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from booking import queries
from booking.actions import appointments
from booking.actions.as_seen import AppointmentChanged, mark_of
from booking.actions.requested_slots import insist_on_reach, may_move_to, nearest_to, slot_for
from booking.audiences import audience_for
from booking.cancel_reasons import CancelReason
from booking.errors import MoveNotAllowed, SameTime, StartsLater
from booking.models import Appointment
from booking.status import Move
from booking.suitability.visits import place_needs_of_visit
from booking.web.desk.appointments.cancelling import others_in_words
from booking.web.desk.appointments.length import can_be_resized
from booking.web.desk.appointments.length_choices import LengthChoices, why_not
from booking.web.desk.arrivals.arrival_day import already_done, changed_meanwhile, refusal_note, stands
from booking.web.desk.arrivals.page import visit_for
from booking.web.desk.board.reading import day_span
from booking.web.desk.in_the_way import in_the_way
from booking.web.desk.shell import staff_page
from booking.web.times_list import slots_instead
from core import clock
from core.accounts.principals import principal_of
from core.principal import Principal
from core.refusals import Invalid, Refusal
from core.rights import Action
from core.text.languages import time_in_words, when_in_words
from scheduler import public as scheduler

if TYPE_CHECKING:
    from booking.actions.move_acts import Details

MINUTE = timedelta(minutes=1)
ACTS = {
    "arrive": Move.ARRIVE,
    "check-in": Move.CHECK_IN,
    "start": Move.START,
    "done": Move.FULFIL,
    "no-show": Move.NO_SHOW,
    "cancel": Move.CANCEL,
    "move": Move.RESCHEDULE,
    "resize": Move.RESIZE,
    "undo": Move.UNDO,
}
KEYS = {Move.ARRIVE: "A", Move.CHECK_IN: "C", Move.UNDO: "U"}
"""The keys of the board for what may come before something else."""

AGAIN = "all_the_same"
"""The field by which a key says that it was pressed once more, after a question."""

RIGHTS = {
    Move.CANCEL: Action.CANCEL,
    Move.RESCHEDULE: Action.MOVE,
    Move.RESIZE: Action.CHANGE_LENGTH,
    Move.UNDO: Action.UNDO,
}


@require_POST
@staff_page(Action.SEE_CALENDAR)
def act(request: HttpRequest, appointment: UUID, act: str) -> HttpResponse:
    """Do one thing to a visit as the board shows it, or say why not."""
    at, what, by = clock.now(), ACTS.get(act), principal_of(request)
    if what is None:
        raise Http404
    visit = visit_for(request, appointment, RIGHTS.get(what, Action.MARK_ATTENDANCE))
    if what is Move.CANCEL and (said := others_in_words(visit, by, at=at)):
        told = [visit.patient.name, *said, _("Cancel it on its page, if that is meant.")]
        url = reverse("desk-appointment-cancel", args=[visit.public_id])
        return JsonResponse({"said": " ".join(map(str, told)), "url": url}, status=HTTPStatus.CONFLICT)
    try:
        details = _details(visit, what, request.POST.dict(), by=by, at=at)
        done = appointments.move(visit.public_id, what, by=by, at=at, **details)
    except Refusal as refusal:
        return JsonResponse(_refused(visit, what, refusal, request, at=at), status=refusal.status)
    told_done = _done_in_words(queries.as_listed(done), what)
    return JsonResponse({"said": told_done, "id": str(done.public_id), "seen": mark_of(done)})


def _details(visit: Appointment, what: Move, sent: Mapping[str, str], *, by: Principal, at: datetime) -> "Details":
    """Return what an act needs to know: as which the visit was seen, and what it is for. Raises Invalid."""
    details: Details = {"as_seen": sent.get("seen", "")}
    if what is Move.RESCHEDULE:
        slot = slot_for(visit, wanted(visit, sent).encode(), by=by, at=at)
        insist_on_reach(slot, visit.patient, by=by)
        details["slot"] = slot
    elif what is Move.RESIZE:
        details["minutes"] = minutes_sent(sent)
    elif what is Move.START:
        details["all_the_same"] = AGAIN in sent
    elif what is Move.CANCEL:
        if sent.get("reason") not in CancelReason.values:
            raise Invalid(_("Choose why it is cancelled."), pointer="/reason")
        details["reason"] = CancelReason(sent["reason"])
    return details


def minutes_sent(sent: Mapping[str, str]) -> int:
    """Return for how long a patient is to be there. Raises Invalid."""
    try:
        return int(sent.get("minutes", "")[:4])
    except ValueError as error:
        raise Invalid(_("Choose how many minutes it takes."), pointer="/minutes") from error


def wanted(visit: Appointment, sent: Mapping[str, str]) -> scheduler.SlotKey:
    """Return the time onto which a visit is dropped. Raises Invalid."""
    try:
        start = datetime.fromisoformat(sent.get("start", ""))
        who = UUID(sent.get("column", ""))
    except ValueError as error:
        raise Invalid(_("Choose a time of somebody who treats here.")) from error
    if start.tzinfo is None:
        raise Invalid(_("Choose a time of somebody who treats here."))
    return scheduler.SlotKey(
        practitioner=who,
        site=visit.site.key,
        therapy=visit.therapy.key,
        visit=visit.visit,
        technique=visit.technique,
        start=start,
    )


def _done_in_words(visit: Appointment, what: Move) -> str:
    """Return what was done, in words that can be read aloud."""
    facts = {
        "who": visit.patient.name,
        "status": stands(visit),
        "when": time_in_words(visit.period.lower, visit.site.tz),
        "with": visit.practitioner.name,
        "end": time_in_words(visit.period.upper, visit.site.tz),
    }
    if what is Move.RESCHEDULE:
        return _("%(who)s is at %(when)s with %(with)s now. U undoes it.") % facts
    if what is Move.RESIZE:
        return _("%(who)s is there until %(end)s now. U undoes it.") % facts
    if what is Move.UNDO:
        return _("Undone: %(who)s is %(status)s, at %(when)s with %(with)s.") % facts
    if what is Move.CANCEL and visit.undo_until is None:
        return _("%(who)s is %(status)s, and the time is free for others.") % facts
    if what is Move.NO_SHOW:
        return _("%(who)s did not come. U undoes it.") % facts
    return _("%(who)s is %(status)s. U undoes it.") % facts


def _refused(visit: Appointment, what: Move, refusal: Refusal, request: HttpRequest, *, at: datetime) -> dict[str, Any]:
    """Return why something was not done, all reasons, who is in the way, and what is free nearby."""
    by = principal_of(request)
    visit = queries.appointment(visit.public_id, by=by)
    if isinstance(refusal, AppointmentChanged):
        done = already_done(visit, what, by=by) if what is not Move.RESCHEDULE else ""
        return {"said": done or changed_meanwhile(visit), "done": bool(done), "look": True}
    if isinstance(refusal, MoveNotAllowed) and (done := already_done(visit, what, by=by)):
        return {"said": done, "done": True, "look": True}
    answer: dict[str, Any] = {
        "said": " ".join(filter(None, (refusal_note(visit, refusal), _key_of_what_comes_first(refusal)))),
        "url": reverse("desk-appointment", args=[visit.public_id]),
    }
    if isinstance(refusal, StartsLater):
        return answer | {"said": f"{answer['said']} {_('Press S once more if they are.')}", "again": AGAIN}
    if isinstance(refusal, SameTime):
        return {"said": answer["said"]}
    # As it stands now no time would do.
    of_the_time = not isinstance(refusal, MoveNotAllowed)
    if what is Move.RESIZE and of_the_time:
        reasons = _why_not_so_long(visit, refusal, request.POST.dict(), by=by, at=at)
        return answer | {"title": _("Why not so long:"), "reasons": reasons}
    return answer | (_why_not_there(visit, request, at=at) if what is Move.RESCHEDULE and of_the_time else {})


def _key_of_what_comes_first(refusal: Refusal) -> str:
    """Return which key does what comes before something that cannot be done as an appointment stands."""
    key = KEYS.get(refusal.first, "") if isinstance(refusal, MoveNotAllowed) and refusal.first else ""
    return _("Press %(key)s for that.") % {"key": key} if key else ""


def _why_not_so_long(
    visit: Appointment, refusal: Refusal, sent: Mapping[str, str], *, by: Principal, at: datetime
) -> list[str]:
    """Return every reason against a length, and who is in the way."""
    segments = None
    with suppress(Refusal, scheduler.lengths.BeyondLimitsError):
        segments = LengthChoices(visit, by, at).lasting(minutes_sent(sent))
    return why_not(visit, refusal, segments, by=by, at=at)


def _why_not_there(visit: Appointment, request: HttpRequest, *, at: datetime) -> dict[str, Any]:
    by = principal_of(request)
    try:
        key = wanted(visit, request.POST.dict())
    except Invalid:
        return {}
    try:
        slot = slot_for(visit, key.encode(), by=by, at=at)
    except scheduler.SlotTaken as gone:
        return {"nearest": _nearby(slots_instead(gone), visit, key, by=by)}
    except Refusal:
        return {}
    found = scheduler.explain(
        slot,
        at=at,
        audience=_audience(visit, by=by, at=at),
        moving=visit.allocation,
        reviewed=queries.was_reviewed(visit),
    )
    near = nearest_to(key, by=by, at=at, patient=visit.patient, moving=visit)
    return {
        "reasons": [str(one.detail) for one in found.reasons],
        "there": in_the_way(visit, slot, by=by, at=at),
        "nearest": _nearby(near, visit, key, by=by),
    }


def _nearby(
    near: Iterable[scheduler.Slot], visit: Appointment, wanted: scheduler.SlotKey, *, by: Principal
) -> list[dict[str, str]]:
    """Return those of the times nearby that the board has, and that somebody may move a visit to, in words."""
    here = (one for one in near if one.site.id == visit.site_id and one.id != visit.slot)
    theirs = (one for one in here if may_move_to(one, visit.patient, by=by))
    return [_offered(one, wanted) for one in theirs]


def _offered(slot: scheduler.Slot, wanted: scheduler.SlotKey) -> dict[str, str]:
    zone = slot.site.tz
    same_day = slot.start.astimezone(zone).date() == wanted.start.astimezone(zone).date()
    when = time_in_words(slot.start, zone) if same_day else when_in_words(slot.start, zone)
    return {
        "words": _("%(when)s with %(with)s") % {"when": when, "with": slot.practitioner.name},
        "start": slot.start.isoformat(),
        "column": str(slot.practitioner.public_id),
    }


def _audience(visit: Appointment, *, by: Principal, at: datetime) -> scheduler.Audience:
    return audience_for(
        by,
        site_id=visit.site_id,
        at=at,
        patient=visit.patient,
        reviews=queries.reviews_of_visit(visit),
        needs=place_needs_of_visit(visit, at=at),
        moving=visit,
    )


@require_safe
@staff_page(Action.SEE_CALENDAR)
def targets(request: HttpRequest) -> HttpResponse:
    """Return the starts of a day that fit a visit, by practitioner: minutes since `since`. The engine says them."""
    at, by = clock.now(), principal_of(request)
    try:
        visit = visit_for(request, UUID(request.GET.get("appointment", "")), Action.MOVE)
        day = datetime.fromisoformat(request.GET.get("day", "")).date()
    except ValueError as error:
        raise Http404 from error
    since, until = day_span(visit.site, day, day)
    fits: dict[str, list[int]] = {}
    found = scheduler.search(_wanted_within(visit, since, until, by=by, at=at), at=at) if at < until else ()
    with_whom = {slot.practitioner.id: slot for slot in found}.values()
    theirs = {slot.practitioner.id for slot in with_whom if may_move_to(slot, visit.patient, by=by)}
    for slot in found:
        if slot.practitioner.id in theirs:
            fits.setdefault(str(slot.practitioner.public_id), []).append(int((slot.start - since) / MINUTE))
    return JsonResponse({"since": since.isoformat(), "fits": fits})


@require_safe
@staff_page(Action.CHANGE_LENGTH)
def sizes(request: HttpRequest) -> HttpResponse:
    """Return for how many minutes a visit can be there: now, and what the rule allows, with what of it is free."""
    try:
        visit = visit_for(request, UUID(request.GET.get("appointment", "")), Action.CHANGE_LENGTH)
    except ValueError as error:
        raise Http404 from error
    choices = LengthChoices(visit, principal_of(request), clock.now())
    if not can_be_resized(visit, by=choices.by, at=choices.at):
        raise Http404
    return JsonResponse({"now": choices.minutes_now, "sizes": [list(one) for one in choices.fits.items()]})


def _wanted_within(
    visit: Appointment, since: datetime, until: datetime, *, by: Principal, at: datetime
) -> scheduler.SearchQuery:
    """Return the search for every start onto which a visit could be moved."""
    return scheduler.SearchQuery(
        therapy=visit.therapy.key,
        visit=visit.visit,
        technique=visit.technique,
        sites=frozenset({visit.site_id}),
        starts_at=max(since, at),
        ends_at=until,
        audience=_audience(visit, by=by, at=at),
        moving=visit.allocation,
        segments=visit.lengths,
        reviewed=queries.was_reviewed(visit),
        limit=None,
        step_minutes=5,
    )

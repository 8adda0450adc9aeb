"""Changing how long an appointment takes, at the desk: each part of it, or all of it with one press."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.actions import appointments
from booking.actions.as_seen import AppointmentChanged, mark_of
from booking.actions.offered_moves import is_possible
from booking.actions.requested_slots import slot_for
from booking.actions.resizing import TICK, planned
from booking.models import Appointment
from booking.status import Move
from booking.subjects import of_appointment
from booking.web.desk.appointments.facts import when_of
from booking.web.desk.appointments.length_choices import LengthChoices, why_not
from booking.web.desk.appointments.page import as_it_is_now, desk_at
from booking.web.desk.arrivals.page import SEEN, visit_for
from booking.web.desk.shell import staff_page
from booking.web.labels import how_they_hear, minutes_in_words
from booking.web.responses import asked_or_sent
from core import clock
from core.accounts.principals import principal_of
from core.forms import Problem
from core.principal import Principal
from core.refusals import Refusal
from core.rights import Action, may
from core.text.languages import time_in_words
from core.text.phone_numbers import country_of
from scheduler import public as scheduler
from scheduler.public import lengths

if TYPE_CHECKING:
    from booking.actions.move_acts import Details

MINUTES, LATE = "minutes", "late"
"""Fields of buttons: for how long the patient is there; how much later it begins, to end when it was to."""


@asked_or_sent
@staff_page(Action.CHANGE_LENGTH)
def length(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """Show how long it takes and can take; change that with one press."""
    at, by = clock.now(), principal_of(request)
    visit = visit_for(request, appointment, Action.CHANGE_LENGTH)
    choices = LengthChoices(visit, by, at)
    if request.method != "POST":
        if not can_be_resized(visit, by=by, at=at):
            raise Http404
        return _page(request, choices)
    return _changed(request, choices)


def can_be_resized(visit: Appointment, *, by: Principal, at: datetime) -> bool:
    """Whether an appointment can be of another length now: it is not over, and it is still given."""
    return is_possible(visit, Move.RESIZE, by=by, at=at) and is_given(visit, by=by, at=at)


def is_given(visit: Appointment, *, by: Principal, at: datetime) -> bool:
    """Whether the therapy of an appointment is still in use, and given by who treats: else how it runs is not known."""
    with suppress(scheduler.NotOffered, Refusal):
        slot_for(visit, visit.slot, by=by, at=at)
        return bool(planned(visit))
    return False


def _changed(request: HttpRequest, choices: LengthChoices) -> HttpResponse:
    visit, by, at = choices.visit, choices.by, choices.at
    typed = [request.POST.get(one.id, "").strip() for one in choices.parts()]
    wanted: Details = {"as_seen": request.POST.get(SEEN, "")}
    if late := request.POST.get(LATE):
        wanted["late_by"] = _number(late) * timedelta(minutes=1)
    elif whole := request.POST.get(MINUTES):
        wanted["minutes"] = _number(whole)
    elif wrong := _problems(choices, typed):
        return _page(request, choices, typed=typed, wrong=wrong, status=422)
    else:
        wanted["lengths"] = [int(one) for one in typed]
    try:
        made = appointments.move(visit.public_id, Move.RESIZE, by=by, at=at, **wanted)
    except AppointmentChanged as refusal:
        return as_it_is_now(request, visit, Move.RESIZE, refusal, at=at, as_pressed=_stands_so(visit, wanted))
    except Refusal as refusal:
        said = _refused_because(choices, refusal, wanted)
        return _page(request, choices, typed=typed, refused=(str(refusal.title), said), status=refusal.status)
    messages.success(request, _done(visit, made))
    return redirect("desk-appointment", visit.public_id)


def _stands_so(visit: Appointment, wanted: "Details") -> bool:
    """Whether an appointment has by now the length, or the parts, that were asked for."""
    now = Appointment.objects.select_related("site").get(pk=visit.pk)
    usual = planned(now)
    parts = now.lengths or usual
    if "lengths" in wanted:
        return list(wanted["lengths"]) == [parts[n][1] for n in lengths.changing_in(usual)]
    if "late_by" in wanted:
        return lengths.contact(parts) < lengths.contact(usual)
    return bool(wanted["minutes"] == (now.period.upper - now.period.lower) // timedelta(minutes=1))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < len("10000") else 0


def _problems(choices: LengthChoices, typed: list[str]) -> list[Problem]:
    """Return what is wrong with what was typed, each with its field: first of each, then of all of it."""
    parts, given = choices.parts(), [_number(text) for text in typed]
    wrong = [
        Problem(
            one.id,
            _("%(part)s: type minutes, from %(least)d to %(most)d")
            % {"part": one.name, "least": one.least, "most": lengths.LONGEST},
        )
        for one, minutes in zip(parts, given, strict=True)
        if not one.least <= minutes <= lengths.LONGEST
    ]
    if wrong or sum(given) >= choices.least_contact:
        return wrong
    _by, gives_most = max(
        ((one.planned - minutes, one) for one, minutes in zip(parts, given, strict=True)), key=lambda pair: pair[0]
    )
    said = _("%(part)s: type more, so that hands and rest together take %(least)d minutes at least, and not %(given)d")
    facts = {"part": gives_most.name, "least": choices.least_contact, "given": sum(given)}
    return [Problem(gives_most.id, said % facts)]


def _refused_because(choices: LengthChoices, refusal: Refusal, wanted: "Details") -> list[str]:
    """Return every reason why it cannot be as long as was asked for, and who is in the way."""
    visit, late, segments = choices.visit, wanted.get("late_by", timedelta()), None
    start = visit.period.lower + -(-late // TICK) * TICK
    with suppress(lengths.BeyondLimitsError):
        if "lengths" in wanted:
            segments = lengths.with_lengths(choices.planned, wanted["lengths"], percent=choices.percent)
        else:
            left = int((visit.period.upper - start) / timedelta(minutes=1))
            segments = choices.lasting(wanted.get("minutes", left))
    return why_not(visit, refusal, segments, by=choices.by, at=choices.at, start=start)


def _done(was: Appointment, made: Appointment) -> str:
    """Say how long it takes now, and what its patient hears."""
    zone = made.site.tz
    whole = int((made.period.upper - made.period.lower).total_seconds()) // 60
    start, end = (time_in_words(moment, zone) for moment in (made.period.lower, made.period.upper))
    facts = {"minutes": minutes_in_words(whole), "start": start, "end": end}
    said = _("It takes %(minutes)s now, from %(start)s until %(end)s. Until tonight you can undo it here.") % facts
    if made.period == was.period:
        return said + " " + _("It ends when it did: nobody is written to.")
    if made.updated_at >= made.period.lower:
        return said + " " + _("It has begun: tell them yourself.")
    return f"{said} {how_they_hear(made.patient, country_of(made.site.zone))}"


def _page(
    request: HttpRequest,
    choices: LengthChoices,
    *,
    typed: Sequence[str] = (),
    wrong: Sequence[Problem] = (),
    refused: tuple[str, list[str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    visit, by = choices.visit, choices.by
    context: dict[str, Any] = {
        "desk": desk_at(request, visit, at=choices.at),
        "visit": visit,
        "heading": visit.patient.name if may(by, Action.SEE_NAMES, of_appointment(visit, by)) else visit.reference,
        "when": when_of(visit),
        "choices": choices,
        "parts": choices.parts(typed if any(typed) else ()),
        "problems": wrong,
        "wrong": {one.target for one in wrong},
        "refused": refused,
        "seen": request.POST.get(SEEN, "") or mark_of(visit),
        "back": reverse("desk-appointment", args=[visit.public_id]),
    }
    return render(request, "booking/desk/appointment_length.html", context, status=status)

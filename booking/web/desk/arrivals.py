"""At the door: who comes today, how they stand with the health questions, and what can be done about each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from booking import queries
from booking.actions import appointments, screening
from booking.api.subjects import of_appointment
from booking.models import Appointment
from booking.references import as_written
from booking.screening.policies import screening_policy
from booking.screening.queries import Screening, screening_of, screenings
from booking.screening.questionnaire import QUESTIONNAIRE
from booking.screening.state import ScreeningState
from booking.status import OCCUPYING, Move, Status
from booking.status_display import phase_of, staff_label
from booking.web.desk.shell import A_DAY, Desk, desk_of, staff_page
from booking.web.responses import asked_or_sent
from booking.web.screening_forms import ScreeningDaysForm, ScreeningForm, sent_screening
from core import clock
from core.accounts.principals import principal_of
from core.forms import described, problems
from core.refusals import Missing, Refusal
from core.rights import Action, acting, may
from core.text.languages import localized, near_day_in_words, time_in_words

NOON = time(12)
MOVES = {"arrive": Move.ARRIVE, "check-in": Move.CHECK_IN, "no-show": Move.NO_SHOW, "undo": Move.UNDO}
BUTTONS = {
    Status.BOOKED: (Move.ARRIVE, Move.CHECK_IN, Move.NO_SHOW),
    Status.ARRIVED: (Move.CHECK_IN, Move.UNDO),
    Status.CHECKED_IN: (Move.UNDO,),
    Status.NOSHOW: (Move.ARRIVE, Move.UNDO),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalButton:
    """One thing to do about a visit."""

    url: str
    words: str
    main: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalRow:
    """One visit at the door. `health`: the outcome in words, never an answer; `calm`: nothing stands in the way."""

    id: str
    time: str
    person: str
    with_whom: str
    reference: str
    status: str
    health: str
    calm: bool
    ask_url: str
    buttons: Sequence[ArrivalButton]


def health_in_words(found: Screening) -> str:
    """Return how somebody stands with the health questions, for whoever sees the outcome only."""
    words = {
        ScreeningState.NOT_ASKED: "",
        ScreeningState.NOT_YET: _("Asked later"),
        ScreeningState.UNANSWERED: _("Ask now"),
        ScreeningState.CLEAR: _("May come in"),
        ScreeningState.IN_REVIEW: _("A clinician looks at it"),
        ScreeningState.STAY_AWAY: _("Must not come in: find another time"),
        ScreeningState.SEEK_CARE: _("Needs help now: call a clinician"),
    }
    said = words[found.state]
    masked = found.state is ScreeningState.CLEAR and found.newest is not None and found.newest.masked
    return f"{said}, {_('with a mask')}" if masked else said


@require_safe
@staff_page(Action.MARK_ATTENDANCE)
def arrivals(request: HttpRequest) -> HttpResponse:
    """Show the visits of a day at a site."""
    at = clock.now()
    desk = desk_of(request, Action.MARK_ATTENDANCE, at=at)
    return _page(request, desk, at=at)


def _page(request: HttpRequest, desk: Desk, *, at: datetime, note: str = "", status: int = 200) -> HttpResponse:
    context = {
        "desk": desk,
        "rows": _rows(request, desk, at=at),
        "heading": near_day_in_words(desk.on),
        "earlier": _address(desk, -1),
        "later": _address(desk, 1),
        "recheck": _asked_once_more(desk),
        "note": note,
    }
    return render(request, "booking/desk/arrivals.html", context, status=status)


def _asked_once_more(desk: Desk) -> list[str]:
    """Return what is asked of everybody at the door, whatever they answered before."""
    policy = screening_policy(desk.site.pk, starts_at=datetime.combine(desk.on, NOON, desk.site.tz))
    if policy is None:
        return []
    asked = [localized(QUESTIONNAIRE.questions[key].words) for key in policy.recheck]
    hot = _("Take their temperature: %s °F or more is a fever") % policy.fever_f
    return [*asked, *([hot] if policy.temperature_at_door else [])]


def _address(desk: Desk, days: int) -> str:
    return f"{reverse('desk-arrivals')}?site={desk.site.key}&day={(desk.on + days * A_DAY).isoformat()}"


def _rows(request: HttpRequest, desk: Desk, *, at: datetime) -> list[ArrivalRow]:
    begins, ends = (datetime.combine(day, time(), desk.site.tz) for day in (desk.on, desk.on + A_DAY))
    by = acting(principal_of(request), Action.MARK_ATTENDANCE)
    shown = sorted(OCCUPYING | {Status.NOSHOW, Status.FULFILLED})
    rows = queries.appointments(by).filter(
        site=desk.site, status__in=shown, period__startswith__gte=begins, period__startswith__lt=ends
    )
    visits = list(rows.order_by("period", "pk"))
    known = screenings(visits, at=at)
    return [_row(visit, known[visit.pk], desk, at=at) for visit in visits]


def _row(visit: Appointment, found: Screening, desk: Desk, *, at: datetime) -> ArrivalRow:
    zone, key = desk.site.tz, str(visit.public_id)
    phase = phase_of(visit.period.lower, visit.period.upper, at=at)
    lapsed = queries.has_lapsed(visit, at=at)
    asked = found.state not in (ScreeningState.NOT_ASKED, ScreeningState.NOT_YET)
    return ArrivalRow(
        id=key,
        time=time_in_words(visit.period.lower, zone),
        person=visit.patient.name,
        with_whom=visit.practitioner.name,
        reference=as_written(visit.reference),
        status=staff_label(visit.status, phase, lapsed=lapsed),
        health=health_in_words(found),
        calm=found.state.lets_in,
        ask_url=reverse("desk-questions", args=[key]) + desk.where if asked else "",
        buttons=_buttons(visit, found, desk),
    )


def _buttons(visit: Appointment, found: Screening, desk: Desk) -> list[ArrivalButton]:
    """Return what can be done about a visit; whoever must not come in is not offered to be checked in."""
    lets_in = found.state.lets_in
    offered = BUTTONS.get(Status(visit.status), ()) if desk.on <= desk.today else ()
    return [
        ArrivalButton(
            url=reverse("desk-attend", args=[visit.public_id, move.value]) + desk.where,
            words=_button(move),
            main=move is Move.CHECK_IN,
        )
        for move in offered
        if lets_in or move is not Move.CHECK_IN
    ]


def _button(move: Move) -> str:
    return {
        Move.ARRIVE: _("Arrived"),
        Move.CHECK_IN: _("Check in"),
        Move.NO_SHOW: _("Did not come"),
        Move.UNDO: _("Undo"),
    }[move]


@require_POST
@staff_page(Action.MARK_ATTENDANCE)
def attend(request: HttpRequest, appointment: UUID, move: str) -> HttpResponse:
    """Note that somebody is here, is checked in, or did not come; or take that back."""
    at, what = clock.now(), MOVES.get(move)
    visit = _visit(request, appointment, Action.UNDO if what is Move.UNDO else Action.MARK_ATTENDANCE)
    if what is None:
        raise Http404
    desk = desk_of(request, Action.MARK_ATTENDANCE, at=at)
    try:
        appointments.move(visit.public_id, what, by=principal_of(request), at=at)
    except Refusal as refusal:
        detail = refusal.detail if refusal.detail != refusal.title else ""
        note = " ".join(map(str, filter(None, (f"{visit.patient.name}:", refusal.title, detail))))
        return _page(request, desk, at=at, note=note, status=refusal.status)
    return redirect(f"{reverse('desk-arrivals')}{desk.where}#v-{visit.public_id}")


@asked_or_sent
@staff_page(Action.ANSWER_SCREENING)
def ask(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """Read the health questions aloud, and note what is answered; what was answered cannot be read here again."""
    at = clock.now()
    visit = _visit(request, appointment, Action.ANSWER_SCREENING)
    desk, found = desk_of(request, Action.ANSWER_SCREENING, at=at), screening_of(visit, at=at)
    if found.policy is None:
        return redirect(f"{reverse('desk-arrivals')}{desk.where}")
    if request.method != "POST":
        return _questions(request, desk, visit, ScreeningForm(None, policy=found.policy), None)
    sent = sent_screening(request.POST, policy=found.policy, on=at.astimezone(visit.site.tz).date())
    if sent.answers is None:
        return _questions(request, desk, visit, sent.form, sent.days)
    screening.answer(visit.public_id, sent.answers, by=principal_of(request), at=at)
    return redirect(f"{reverse('desk-arrivals')}{desk.where}#v-{visit.public_id}")


def _questions(
    request: HttpRequest, desk: Desk, visit: Appointment, form: ScreeningForm, days: ScreeningDaysForm | None
) -> HttpResponse:
    shown = days or form
    wrong = problems(shown) if shown.is_bound else []
    context: dict[str, Any] = {
        "desk": desk,
        "person": visit.patient.name,
        "form": described(shown),
        "carried": [name for name, ticked in form.cleaned_data.items() if ticked] if days else [],
        "asks_days": days is not None,
        "problems": wrong,
        "back": f"{reverse('desk-arrivals')}{desk.where}",
        "action": reverse("desk-questions", args=[visit.public_id]) + desk.where,
    }
    return render(request, "booking/desk/questions.html", context, status=422 if wrong else 200)


def _visit(request: HttpRequest, public_id: UUID, action: Action) -> Appointment:
    """Return a visit to whoever may do `action` to it. Raises Http404: what they may not touch is not there."""
    principal = principal_of(request)
    try:
        visit = queries.appointment(public_id, by=acting(principal, action))
    except Missing as missing:
        raise Http404 from missing
    if not may(principal, action, of_appointment(visit, principal)):
        raise Http404
    return visit

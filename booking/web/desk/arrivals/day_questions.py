"""What is asked on the day of a therapy, read aloud at the door: noted, looked at by a clinician, or helped at once."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from booking.actions.suitability import day_questions as actions
from booking.models import Appointment
from booking.subjects import of_appointment
from booking.suitability.day_questions import DayQuestions, DayState
from booking.suitability.questions import in_words
from booking.suitability.visit_words import answer_lines
from booking.web.desk.arrivals.arrival_day import refusal_note
from booking.web.desk.arrivals.came_from import back_to
from booking.web.desk.arrivals.page import visit_for
from booking.web.desk.shell import Desk, desk_of, staff_page
from booking.web.responses import asked_or_sent
from booking.web.suitability.suitability_forms import DayQuestionsForm
from core import clock
from core.accounts.principals import principal_of
from core.forms import described, problems
from core.principal import Principal
from core.refusals import Refusal
from core.rights import Action, may

LET_IN = "let-in"


@asked_or_sent
@staff_page(Action.ANSWER_SCREENING)
def ask_today(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """Read aloud what is asked on the day, and note what is answered; a clinician decides where that is needed."""
    at, by = clock.now(), principal_of(request)
    visit = visit_for(request, appointment, Action.ANSWER_SCREENING)
    desk = desk_of(request, Action.ANSWER_SCREENING, at=at)
    found = actions.asked_today(visit, at=at)
    if found is None:
        return redirect(back_to(request, desk))
    sent = request.POST if request.method == "POST" else None
    form = DayQuestionsForm(sent if sent is not None and LET_IN not in sent else None, asked=found.asked)
    try:
        if sent is not None and LET_IN in sent:
            now = actions.let_in(visit.public_id, by=by, at=at)
            return _asked_next(request, visit) if now.state is DayState.UNANSWERED else _done(request, desk, visit)
        if form.is_valid():
            now = actions.answer(visit.public_id, form.answers_given(), by=by, at=at)
            return redirect(request.get_full_path()) if now.waits else _done(request, desk, visit)
    except Refusal as refusal:
        note = refusal_note(visit, refusal)
        return _page(request, desk, visit, found, form, note=note, status=refusal.status)
    return _page(request, desk, visit, found, form, status=422 if form.errors else 200)


def _done(request: HttpRequest, desk: Desk, visit: Appointment) -> HttpResponse:
    messages.success(request, _("%s can be checked in.") % visit.patient.name)
    return redirect(back_to(request, desk, visit))


def _asked_next(request: HttpRequest, visit: Appointment) -> HttpResponse:
    """Lead on to what is asked of everybody on the day, which comes after what a clinician has let pass."""
    messages.success(
        request, _("%s is treated today. Ask today's questions before they are checked in.") % visit.patient.name
    )
    return redirect(request.get_full_path())


def _page(
    request: HttpRequest,
    desk: Desk,
    visit: Appointment,
    found: DayQuestions,
    form: DayQuestionsForm,
    *,
    status: int,
    note: str = "",
) -> HttpResponse:
    context = {
        "desk": desk,
        "problems": problems(form) if form.is_bound else [],
        "note": note,
        "back": back_to(request, desk, visit),
        "action": request.get_full_path(),
    } | _what_follows(visit, found, principal_of(request))
    # Once something waits, only a clinician notes other answers.
    context["form"] = described(form) if context["decides"] or not found.waits else None
    return render(request, "booking/desk/day_questions.html", context, status=status)


def _what_follows(visit: Appointment, found: DayQuestions, by: Principal) -> dict[str, Any]:
    phone, always = visit.site.phone, found.judged.rules.content.texts.always
    return {
        "person": visit.patient.name,
        "calls": found.state is DayState.CALL,
        "waits": found.state is DayState.LOOKED_AT,
        "unseen": bool(found.unseen),
        "decides": actions.decides(visit, by),
        "lines": _lines(visit, found, by),
        "phone": phone,
        "unsure_calls": found.judged.found.shows_number and found.state is DayState.LOOKED_AT,
        "always": in_words(found.judged.rules, always, {"phone": phone}),
    }


def _lines(visit: Appointment, found: DayQuestions, by: Principal) -> list[str]:
    """Return what was answered, to whoever reads answers and decides."""
    reads = found.waits and may(by, Action.READ_SCREENING_ANSWERS, of_appointment(visit, by))
    return [one.words for one in answer_lines(found.judged)] if reads else []

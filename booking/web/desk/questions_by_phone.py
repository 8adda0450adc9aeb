"""What an appointment waits for, read aloud on the phone to whoever cannot answer by link."""

from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.actions.suitability import page_answers
from booking.models import Appointment
from booking.status import Status
from booking.subjects import of_appointment
from booking.suitability.answers_by_link import is_asked, waits_for_answers
from booking.suitability.content import Disposition
from booking.suitability.day_questions import judged_now
from booking.suitability.due_questions import DueQuestions, left_of, left_to_answer, may_be_changed, sent_questions
from booking.suitability.judgement import STOP, Suitability
from booking.suitability.questions import in_words
from booking.web.desk.arrivals.page import visit_for
from booking.web.desk.shell import Desk, desk_of, staff_page
from booking.web.responses import asked_or_sent
from booking.web.suitability.suitability_forms import DayQuestionsForm
from core import clock
from core.accounts.principals import principal_of
from core.forms import described, problems
from core.principal import Principal
from core.rights import Action, may, may_ever


@asked_or_sent
@staff_page(Action.ANSWER_SCREENING)
def ask_by_phone(request: HttpRequest, appointment: UUID) -> HttpResponse:
    """Read aloud what is asked before it is booked, and let it go on by what is answered."""
    at = clock.now()
    visit = visit_for(request, appointment, Action.ANSWER_SCREENING)
    desk = desk_of(request, Action.ANSWER_SCREENING, at=at)
    due = left_to_answer(visit, at=at) if may_read_aloud(visit, principal_of(request)) else None
    sent = request.POST if request.method == "POST" else None
    # What they have answered by link meanwhile is no reason to lose what is worse of what they say now.
    before = may_be_changed(visit, due, at=at) if sent is not None else None
    left = left_of(due, before)
    if left is None:
        return redirect(_back(request, desk))
    shown = (*left.asked, *sent_questions(sent or (), replace(left, asked=()), before))
    if due is None and not shown:
        return redirect(_back(request, desk))
    form = DayQuestionsForm(sent, asked=shown)
    if not form.is_valid():
        return _page(request, desk, visit, left, form)
    answered = page_answers.take(visit, form.answers_given(), by=principal_of(request), at=at)
    if waits_for_answers(answered):  # more is asked by now
        return redirect(request.get_full_path())
    messages.success(request, _gone_on(answered, judged_now(answered, left.rules, at=at).found))
    return redirect(_back(request, desk))


def _back(request: HttpRequest, desk: Desk) -> str:
    """Return the page that somebody works on: clinicians have none at the door, and others come from another one."""
    with suppress(ValueError):
        return reverse("desk-linked", args=[UUID(request.GET.get("together", ""))]) + desk.where
    at_door = may_ever(principal_of(request), Action.MARK_ATTENDANCE)
    return f"{reverse('desk-arrivals' if at_door else 'desk-suitability-reviews')}{desk.where}"


def may_read_aloud(visit: Appointment, by: Principal) -> bool:
    """Whether somebody reads aloud what an appointment waits for.

    What a clinician asks follows from answers, and is a clinician's.
    """
    rights = (Action.ANSWER_SCREENING, *([Action.READ_SCREENING_ANSWERS] if is_asked(visit) else []))
    return waits_for_answers(visit) and all(may(by, one, of_appointment(visit, by)) for one in rights)


def _gone_on(visit: Appointment, found: Suitability) -> str:
    """Say what to tell them; of what was answered, nothing. Whoever may need help hears first whom to call."""
    who, phone = {"name": visit.patient.name}, visit.site.phone
    if found.disposition is STOP:
        call = _("%(name)s needs help now: tell them to call %(phone)s at once, and 911 if it is urgent.")
        return (call if phone else _("%(name)s needs help now: tell them to call 911.")) % {**who, "phone": phone}
    if visit.status == Status.BOOKED and found.disposition.rank >= Disposition.CLINICIAN_REVIEW.rank:
        return _("It is noted, and %(name)s stays booked. A clinician looks at it: tell them that we call them.") % who
    if visit.status == Status.BOOKED:
        return _("%(name)s is booked. Tell them so.") % who
    if visit.suitability == Disposition.BLOCK_SELF_BOOKING:
        return _("This is not booked for %(name)s: find something else with them, or ask a clinician.") % who
    looked_at = _("Somebody looks at the request of %(name)s first. Tell them that they hear from us.") % who
    if not found.shows_number:
        return looked_at
    unwell = _("If they feel unwell now, they call %s at once, and 911 if it is urgent.") % phone
    return f"{looked_at} {unwell if phone else _('If they feel unwell now, they call 911.')}"


def _page(
    request: HttpRequest, desk: Desk, visit: Appointment, due: DueQuestions, form: DayQuestionsForm
) -> HttpResponse:
    always = due.rules.content.texts.always
    context = {
        "desk": desk,
        "person": visit.patient.name,
        "form": described(form),
        "problems": problems(form) if form.is_bound else [],
        "back": _back(request, desk),
        "action": request.get_full_path(),
        "by_phone": True,
        "always": in_words(due.rules, always, {"phone": visit.site.phone}),
    }
    return render(request, "booking/desk/day_questions.html", context, status=422 if form.errors else 200)

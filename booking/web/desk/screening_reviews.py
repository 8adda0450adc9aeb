"""Health answers that a clinician looks at: what was answered, and one press to decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from booking.actions import screening
from booking.models import ScreeningDecision, ScreeningResponse
from booking.screening.outcomes import ImmuneSystem, Severity
from booking.screening.queries import answers_of, to_review
from booking.screening.questionnaire import QUESTIONNAIRE, AnswerChoice, FollowUp
from booking.web.desk.shell import Desk, desk_of, sites_of, staff_page
from core import clock
from core.accounts.principals import principal_of
from core.refusals import Refusal
from core.rights import Action
from core.text.languages import localized, near_day_in_words, when_in_words
from core.text.typed_dates import iso_date

DUE_WITHIN = timedelta(hours=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """Answers to decide about. `overdue`: somebody was to look at them by now."""

    id: str
    person: str
    whose: str
    starts: str
    due: str
    overdue: bool
    answers: Sequence[str]
    earliest: str
    phone: str


@require_safe
@staff_page(Action.READ_SCREENING_ANSWERS)
def reviews(request: HttpRequest) -> HttpResponse:
    """Show what is to be decided at a site, what is due first at the top."""
    at = clock.now()
    return _page(request, desk_of(request, Action.READ_SCREENING_ANSWERS, at=at), at=at)


def _page(request: HttpRequest, desk: Desk, *, at: datetime, note: str = "", status: int = 200) -> HttpResponse:
    rows = [_row(response, at=at) for response in to_review(frozenset({desk.site.pk}), at=at)]
    context = {"desk": desk, "rows": rows, "note": note}
    return render(request, "booking/desk/screening_reviews.html", context, status=status)


def _row(response: ScreeningResponse, *, at: datetime) -> ReviewRow:
    visit, zone = response.appointment, response.appointment.site.tz
    due = response.answered_at + DUE_WITHIN
    return ReviewRow(
        id=str(response.public_id),
        person=visit.patient.name,
        whose=_("their companion") if response.companion else "",
        starts=when_in_words(visit.period.lower, zone),
        due=when_in_words(due, zone),
        overdue=due <= at,
        answers=_in_words(response),
        earliest=near_day_in_words(response.earliest_day) if response.earliest_day else "",
        phone=visit.site.phone,
    )


def _in_words(response: ScreeningResponse) -> list[str]:
    said = answers_of(response)
    if said is None:
        return [_("The answers are not kept any more.")]
    given = said.get("answers")
    lines = [localized(QUESTIONNAIRE.emergency.words)] if said.get("emergency") else []
    for key, choice in given.items() if isinstance(given, dict) else ():
        if choice != AnswerChoice.NO and key in QUESTIONNAIRE.questions:
            usual = _(" (usual for them)") if choice == AnswerChoice.USUAL_FOR_ME else ""
            lines.append(localized(QUESTIONNAIRE.questions[key].words) + usual)
    follow_ups = [
        f"{localized(QUESTIONNAIRE.follow_ups[name])}: {_value(str(said[name]))}" for name in FollowUp if name in said
    ]
    return lines + follow_ups


def _value(said: str) -> str:
    """Return a day or a choice as people read it."""
    known = {
        Severity.NONE: _("not ill"),
        Severity.MILD: _("ill, at home"),
        Severity.IN_HOSPITAL: _("was in the hospital"),
        ImmuneSystem.WEAK: _("yes"),
        ImmuneSystem.STRONG: _("no"),
        ImmuneSystem.NOT_SURE: _("not sure"),
    }
    found = {key.value: words for key, words in known.items()}.get(said)
    return found or near_day_in_words(iso_date(said))


@require_POST
@staff_page(Action.REVIEW)
def decide(request: HttpRequest, response: UUID, decision: str) -> HttpResponse:
    """Note a decision; somebody who was quicker is named by the page as it is then."""
    at = clock.now()
    sites = sites_of(principal_of(request), Action.REVIEW)
    row = ScreeningResponse.objects.filter(public_id=response, appointment__site__in=sites).first()
    if row is None or decision not in ScreeningDecision.values:
        raise Http404
    desk = desk_of(request, Action.REVIEW, at=at)
    try:
        screening.decide(row.public_id, ScreeningDecision(decision), by=principal_of(request), at=at)
    except Refusal as refusal:
        return _page(request, desk, at=at, note=str(refusal.title), status=refusal.status)
    return redirect(f"{reverse('desk-screening-reviews')}{desk.where}")

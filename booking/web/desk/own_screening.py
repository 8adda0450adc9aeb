"""How are you today? Those who treat answer before their first patient; the same questions, the same rules."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from booking.actions.screening import practitioner_screening as screenings
from booking.actions.screening import suggested_absences as absences
from booking.actions.screening.practitioner_screening import WorkDay
from booking.models import PractitionerScreening
from booking.screening.questionnaire import QUESTIONNAIRE, Outcome
from booking.web.desk.shell import Desk, desk_of, staff_page
from booking.web.screening.screening_forms import ScreeningForm, SentScreening, sent_screening
from core import clock
from core.accounts.principals import principal_of
from core.forms import described, problems
from core.principal import Principal
from core.rights import Action, may_ever
from core.text.languages import localized, near_day_in_words, when_in_words
from scheduler import public as scheduler


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.SCREEN_SELF)
def own_screening(request: HttpRequest) -> HttpResponse:
    """Ask whoever treats how they are, or say what follows from what they answered."""
    at, by = clock.now(), principal_of(request)
    desk = desk_of(request, Action.SCREEN_SELF, at=at)
    practitioner = scheduler.practitioner_of(by.user_id)
    day = screenings.work_day_of(practitioner, desk.site, at=at) if practitioner else None
    if day is None or day.policy is None:
        return render(request, "booking/desk/own_screening.html", {"desk": desk, "nobody_asks": True})
    if request.method == "POST":
        sent = sent_screening(request.POST, policy=day.policy, on=day.on)
        if sent.answers is None:
            return _ask(request, desk, day, sent)
        screenings.answer(day, sent.answers, by=by, at=at)
        return redirect(request.path + f"?site={desk.site.key}")
    newest = screenings.newest_of(day)
    if newest is None or "again" in request.GET:
        return _ask(request, desk, day, SentScreening(form=ScreeningForm(None, policy=day.policy)))
    return _result(request, desk, day, newest, at=at)


def _ask(request: HttpRequest, desk: Desk, day: WorkDay, sent: SentScreening) -> HttpResponse:
    shown = sent.days or sent.form
    wrong = problems(shown) if shown.is_bound else []
    context: dict[str, Any] = {
        "desk": desk,
        "first": when_in_words(day.starts_at, day.site.tz) if day.starts_at else "",
        "where": localized(day.site.name),
        "form": described(shown),
        "problems": wrong,
        "action": f"{request.path}?site={desk.site.key}",
    } | sent.carried(request.POST)
    return render(request, "booking/desk/own_screening.html", context, status=422 if wrong else 200)


def _result(
    request: HttpRequest, desk: Desk, day: WorkDay, newest: PractitionerScreening, *, at: datetime
) -> HttpResponse:
    notices = ["bring_mask"] if newest.masked else []
    until, review = screenings.away_until(newest), screenings.waits_for_clinician(newest)
    entered = absences.entered_for(newest.practitioner_id, at=at)
    still_away = when_in_words(entered.absence.period.upper, day.site.tz) if entered and entered.absence else ""
    context = {
        "desk": desk,
        "newest": newest,
        "still_away": still_away,
        "decision": newest.decision if screenings.absence_is_decided(newest) else "",
        "good": until is None and not review,
        "review": review,
        "urgent": newest.outcome == Outcome.SEEK_CARE,
        "until": near_day_in_words(until) if until else "",
        "answered": when_in_words(newest.answered_at, day.site.tz),
        "notices": [localized(QUESTIONNAIRE.notices[key]) for key in notices],
        "phone": day.site.phone,
        "again": f"{reverse('desk-own-screening')}?site={desk.site.key}&again=1",
    }
    return render(request, "booking/desk/own_screening_result.html", context)


def waits_for_answer(by: Principal, *, at: datetime) -> bool:
    """Whether whoever signs in has patients today and has not said yet how they are."""
    practitioner = scheduler.practitioner_of(by.user_id) if may_ever(by, Action.SCREEN_SELF) else None
    site = scheduler.first_site_of(practitioner) if practitioner else None
    if practitioner is None or site is None:
        return False
    day = screenings.work_day_of(practitioner, site, at=at)
    return day.policy is not None and day.starts_at is not None and screenings.newest_of(day) is None

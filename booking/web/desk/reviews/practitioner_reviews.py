"""Those who treat and have to be talked with before they see patients: whom a clinician sees, and what they decide."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from booking.actions.screening import practitioner_screening as screenings
from booking.actions.screening import suggested_absences as absences
from booking.models import FitnessDecision, PractitionerScreening
from booking.web.desk.shell import desk_of, staff_page
from core import clock
from core.accounts.principals import principal_of
from core.models import Site
from core.rights import Action
from core.text.languages import near_day_in_words, when_in_words

TAKE_BACK = "take-back"


@dataclass(frozen=True, slots=True, kw_only=True)
class PractitionerReview:
    """Somebody who treats and waits for a word, or got one today (`decided`). What they answered is not in it."""

    id: str
    who: str
    answered: str
    suggested: str
    decided: str


def to_talk_with(site: Site, *, at: datetime) -> list[PractitionerReview]:
    """Return with whom of a site somebody has to talk before they see patients."""
    return [_row(one, at=at) for one in screenings.to_talk_with(site, at=at)]


def talked_with_today(site: Site, *, at: datetime) -> list[PractitionerReview]:
    """Return about whom of a site somebody decided today, so that it can be taken back."""
    return [_row(one, at=at) for one in screenings.talked_with_today(site, at=at)]


def _row(one: PractitionerScreening, *, at: datetime) -> PractitionerReview:
    until = screenings.away_until(one)
    return PractitionerReview(
        id=str(one.public_id),
        who=one.practitioner.name,
        answered=when_in_words(one.answered_at, one.site.tz),
        suggested=near_day_in_words(until) if until else "",
        decided=_words(one, at=at) if one.fitness else "",
    )


def _words(one: PractitionerScreening, *, at: datetime) -> str:
    if one.fitness == FitnessDecision.STAYS_AWAY:
        return _("Stays away. The schedulers are told until when.")
    if absences.entered_for(one.practitioner_id, at=at):
        return _("May see patients. Their absence is still entered: the schedulers have it on their list to end it.")
    return _("May see patients.")


@require_POST
@staff_page(Action.REVIEW)
def decide_fitness(request: HttpRequest, answers: UUID, decision: str) -> HttpResponse:
    """Note what was decided about somebody who treats. Raises FitnessDecided, also for whoever is not of the site."""
    at, by = clock.now(), principal_of(request)
    if decision not in {*FitnessDecision.values, TAKE_BACK}:
        raise Http404
    desk = desk_of(request, Action.REVIEW, at=at)
    rows = [*screenings.to_talk_with(desk.site, at=at), *screenings.talked_with_today(desk.site, at=at)]
    if answers not in {row.public_id for row in rows}:
        raise screenings.FitnessDecided
    if decision == TAKE_BACK:
        screenings.take_fitness_back(answers, by=by, at=at)
    else:
        screenings.decide_fitness(answers, FitnessDecision(decision), by=by, at=at)
    return redirect(f"{reverse('desk-screening-reviews')}{desk.where}#staff")

"""What the pages around the questions show: how far one is, what the rules are, what follows."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from booking.models import Patient
from booking.suitability.questions import disposition_in_words, in_words
from booking.web.suitability_flow import BookingOutcome, BookingQuestions, WantedTherapy, outcome_of
from booking.web.suitability_forms import ANSWERS, NO
from booking.web.times_list import TimesQuery
from core.text.languages import near_day_in_words
from scheduler import public as scheduler


def questions_frame(asked: BookingQuestions, *, number: str = "") -> dict[str, Any]:
    """Return what stands around the questions: which page it is, what they are for, and whom to call."""
    phone = asked.sites[0].phone
    always = in_words(asked.rule_sets[0], asked.rule_sets[0].content.texts.always, {"phone": phone})
    progress = _("Questions, page %(number)s of %(count)d") % {"number": number, "count": len(asked.pages)}
    calls = asked.birth_date is not None and outcome_of(asked).shows_number
    return {
        "progress": progress if number else "",
        "always": always,
        "phone": phone,
        "calls": calls,
        "demo_rules": settings.DEMO,
    }


def recorded_lines(asked: BookingQuestions) -> list[str]:
    """Return what somebody has answered before, in words, without what they said no to."""
    words = {one.key: one.words for page in asked.pages for one in page.questions}
    given = asked.recorded.answers
    return [
        _("%(question)s: %(answer)s") % {"question": words[key], "answer": ANSWERS.get(answer, answer)}
        for key, answer in given.items()
        if answer != NO
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeTimes:
    """What comes before the times. `detour`: where somebody is led who has something to answer.

    `follows`: what follows from what they answered, where that is more than that they can book.
    """

    back: str
    detour: str = ""
    follows: str = ""
    only_sites: frozenset[int] | None = None

    def narrowed(self, times_query: TimesQuery) -> TimesQuery:
        """Return a question for times, of those alone that they can have."""
        return replace(times_query, only_sites=self.only_sites)


def before_times(request: HttpRequest, wanted: WantedTherapy, patient: Patient | None, *, at: datetime) -> BeforeTimes:
    """Return what comes before the times of a visit. Raises NotOffered."""
    asked = BookingQuestions.of(request, wanted, patient, at=at)
    if not asked.asks:
        return BeforeTimes(back=wanted.chosen_at)
    back = asked.step(str(len(asked.pages))) if asked.pages else wanted.chosen_at
    if left := asked.next_step():
        return BeforeTimes(back=back, detour=left)
    outcome = outcome_of(asked)
    if not outcome.bookable:
        return BeforeTimes(back=back, detour=wanted.url("booking-outcome"))
    everywhere = len(outcome.sites) == len(asked.sites)
    follows = follows_in_words(asked, outcome) if outcome.reviewed else ""
    return BeforeTimes(back=back, follows=follows, only_sites=None if everywhere else outcome.sites)


def follows_in_words(asked: BookingQuestions, outcome: BookingOutcome) -> str:
    """Return what follows for somebody who can book, in the words of the rules; empty where nothing more does."""
    site = next(one for one in asked.sites if one.id in asked.rules and one.id in outcome.sites)
    due_at = scheduler.business_days(site.id).end_after(1, at=asked.at)
    facts = {"phone": site.phone, "due": near_day_in_words(due_at.astimezone(site.tz).date())}
    return disposition_in_words(asked.rules[site.id], outcome.disposition, facts)

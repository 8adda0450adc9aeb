"""What the pages around the questions show: how far one is, what the rules are, what follows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from booking.models import Hold, Patient
from booking.policies import booking_policy
from booking.suitability.answer_words import ANSWERS
from booking.suitability.answers import NO, SuitabilityAnswers
from booking.suitability.content import Disposition
from booking.suitability.questions import QuestionPage, disposition_in_words, in_words
from booking.web.suitability.suitability_flow import (
    ANSWERED,
    BookingOutcome,
    BookingQuestions,
    WantedTherapy,
    outcome_of,
)
from booking.web.times_query import TimesQuery
from booking.web.visit_card import CheckLine
from core.text.languages import localized, near_day_in_words
from scheduler import public as scheduler
from scheduler.public import ReviewReason, ReviewTime, SiteCard, Slot


def questions_frame(asked: BookingQuestions, *, number: str = "", answered: bool = True) -> dict[str, Any]:
    """Return what stands around the questions: which page it is, what they are for, and whom to call.

    `answered`: whether what was answered may say that.
    """
    phone = asked.sites[0].phone
    always = in_words(asked.rule_sets[0], asked.rule_sets[0].content.texts.always, {"phone": phone})
    progress = _("Questions, page %(number)s of %(count)d") % {"number": number, "count": len(asked.pages)}
    calls = answered and asked.birth_date is not None and outcome_of(asked).shows_number
    return {
        "progress": progress if number else "",
        "always": always,
        "phone": phone,
        "help_phone": phone,
        "calls": calls,
    }


def lines_of(asked: BookingQuestions, given: SuitabilityAnswers) -> list[str]:
    """Return what somebody has answered of what is asked now, in words, without what they said no to."""
    return [line for page in asked.pages for line in _lines_on(page, given)]


def _lines_on(page: QuestionPage, given: SuitabilityAnswers) -> list[str]:
    answered = ((one.words, given.answers.get(one.key, NO)) for one in page.questions)
    return [
        _("%(question)s: %(answer)s") % {"question": words, "answer": ANSWERS.get(answer, answer)}
        for words, answer in answered
        if answer != NO
    ]


def answered_pages(asked: BookingQuestions) -> list[CheckLine]:
    """Return each page of questions that is answered, with what was said on it and where it is changed."""
    shown = asked.answers_shown
    return [
        CheckLine(
            name=page.title,
            value="; ".join(_lines_on(page, shown)) or _no_lines(page, shown),
            change=asked.step(str(number)),
        )
        for number, page in enumerate(asked.pages, 1)
    ]


def _no_lines(page: QuestionPage, shown: SuitabilityAnswers) -> str:
    """Say that nothing on a page applies; of what was answered before and is not shown, that it is as it was."""
    here = any(key in shown.answers for key in page.keys)
    return _("None of these applies") if here else _("As you told us before")


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeBooking:
    """What comes before a time is chosen or booked. `detour`: where somebody is led who has something to answer.

    `follows`: what follows from what they answered, where that is more than that they can book; `reviews`: why somebody
    looks at it first; `needs`: what the place must have for them, and `needed`, the same in words; `only_sites`: where
    alone they can book (ids); `apart`: what follows at each site (id), where that is not the same at all; `back`: what
    they answered last; `phone`: whom they are to call if they feel unwell, where that is said at once.
    """

    detour: str = ""
    follows: str = ""
    reviews: frozenset[ReviewReason] = frozenset()
    needs: frozenset[str] = frozenset()
    needed: tuple[str, ...] = ()
    only_sites: frozenset[int] | None = None
    apart: Mapping[int, BookingOutcome] = field(default_factory=dict)
    back: str = ""
    phone: str = ""

    def lets_book(self, held: Hold, *, at: datetime) -> bool:
        """Whether a time that they keep is still kept, and late enough for somebody to look first."""
        visit = scheduler.SlotKey.decode(held.slot).visit
        reviews = self.apart[held.site_id].reviews if held.site_id in self.apart else self.reviews
        first = reviewed_from(held.site_id, visit, reviews, at=held.created_at) if reviews else at
        return held.expires_at > at and held.period.lower >= first

    def narrowed(self, times_query: TimesQuery) -> TimesQuery:
        """Return a question for times, of those alone that they can have."""
        asking = times_query.audience
        by_site = {site: replace(asking, reviews=one.reviews, needs=one.needs) for site, one in self.apart.items()}
        audience = replace(asking, reviews=self.reviews, needs=self.needs)
        return replace(times_query, only_sites=self.only_sites, audience=audience, by_site=by_site)


def before_times(
    request: HttpRequest, wanted: WantedTherapy, patient: Patient | None, *, at: datetime
) -> BeforeBooking:
    """Return what comes before somebody chooses among the times. Raises NotOffered."""
    asked = BookingQuestions.of(request, wanted, patient, at=at)
    if not asked.asks:
        return BeforeBooking(back=wanted.chosen_at)
    outcome, left = outcome_of(asked), asked.next_step()
    if outcome.stops or (not outcome.bookable and not left):
        return BeforeBooking(detour=wanted.url("booking-outcome"))
    if left:
        return BeforeBooking(detour=left)
    apart = _apart(asked, outcome)
    return BeforeBooking(
        follows=_follows(asked, outcome, apart, at=at) if outcome.reviews else "",
        apart=apart,
        reviews=outcome.reviews,
        needs=outcome.needs,
        needed=outcome.needed,
        only_sites=None if len(outcome.sites) == len(asked.sites) else outcome.sites,
        back=asked.step(str(len(asked.pages))) if asked.pages else wanted.chosen_at,
        phone=_site(asked, outcome).phone if outcome.shows_number else "",
    )


def _site(asked: BookingQuestions, outcome: BookingOutcome) -> SiteCard:
    """Return the first site where they can book."""
    return next(one for one in asked.sites if one.id in outcome.sites)


def _apart(asked: BookingQuestions, outcome: BookingOutcome) -> Mapping[int, BookingOutcome]:
    """Return what follows at each site (id) where they can book; nothing where it is the same for all."""
    found = {site: outcome_of(asked, site=site) for site in sorted(outcome.sites)}
    return found if len({(one.reviews, one.needs) for one in found.values()}) > 1 else {}


def _follows(
    asked: BookingQuestions, outcome: BookingOutcome, apart: Mapping[int, BookingOutcome], *, at: datetime
) -> str:
    """Say that a clinician looks first, and at which sites, where that is not so at all of them."""
    looked_at = [one for one in asked.sites if one.id in apart and apart[one.id].reviews]
    if len(looked_at) == len(apart):
        return follows_in_words(asked, outcome, _site(asked, outcome), at=at)
    return " ".join(
        _("%(site)s: %(follows)s")
        % {"site": localized(one.name), "follows": follows_in_words(asked, apart[one.id], one, at=at)}
        for one in looked_at
    )


def before_booking(
    request: HttpRequest, slot: Slot, patient: Patient | None, *, at: datetime, held_at: datetime | None = None
) -> BeforeBooking:
    """Return what comes before somebody keeps a time, or books the one that they keep since `held_at`."""
    wanted = WantedTherapy(therapy=slot.therapy, visit=slot.visit, technique=slot.technique)
    asked = BookingQuestions.of(request, wanted, patient, at=at)
    if not asked.asks:
        return BeforeBooking()
    if left := asked.next_step():
        return BeforeBooking(detour=left)
    outcome = outcome_of(asked, day=slot.start.astimezone(slot.site.tz).date(), site=slot.site.id)
    if not outcome.bookable:
        elsewhere = outcome_of(asked).bookable
        return BeforeBooking(detour=wanted.url("times" if elsewhere else "booking-outcome"))
    since = held_at or at
    if held_at and outcome.reviews and reviewed_from(slot.site.id, slot.visit, outcome.reviews, at=since) > slot.start:
        return BeforeBooking(detour=wanted.url("times"))
    return BeforeBooking(
        follows=follows_in_words(asked, outcome, slot.site, at=since),
        reviews=outcome.reviews,
        needs=outcome.needs,
        needed=outcome.needed,
        back=asked.step(ANSWERED) if asked.pages else "",
        phone=slot.site.phone if outcome.shows_number else "",
    )


def follows_in_words(asked: BookingQuestions, outcome: BookingOutcome, site: SiteCard, *, at: datetime) -> str:
    """Return what follows for somebody who can book at a site, in the words of its rules; empty where nothing does."""
    if site.id not in asked.rules or outcome.disposition is Disposition.PASS:
        return ""
    facts = {"phone": site.phone}
    if outcome.reviews:
        takes = _takes(site.id, asked.wanted.visit, outcome.reviews, at=at)
        due_at = max(one.due_at(scheduler.business_days(site.id), at=at) for one in takes)
        facts["due"] = near_day_in_words(due_at.astimezone(site.tz).date())
    return disposition_in_words(asked.rules[site.id], outcome.disposition, facts)


def reviewed_from(site: int, visit: str, reviews: frozenset[ReviewReason], *, at: datetime) -> datetime:
    """Return the first start for which somebody can look at a visit in time who is asked at `at`."""
    days = scheduler.business_days(site)
    return max((one.earliest(days, at=at) for one in _takes(site, visit, reviews, at=at)), default=at)


def _takes(site: int, visit: str, reviews: frozenset[ReviewReason], *, at: datetime) -> list[ReviewTime]:
    """Return how long it takes to look at a visit, for each reason."""
    audience = replace(scheduler.Audience.PATIENT, reviews=reviews)
    return list(scheduler.reviews_of(visit, booking_policy(site, at=at).reviews, audience).values())

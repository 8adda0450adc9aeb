"""What is still to be asked before somebody books, and what follows from what they answered."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Self

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from booking.models import Hold, Patient
from booking.suitability.answers import SuitabilityAnswers
from booking.suitability.content import Disposition
from booking.suitability.facts import BookableTherapy, SuitabilityFacts
from booking.suitability.judgement import Suitability, judge
from booking.suitability.needs import place_needs, places_in_words
from booking.suitability.places import judge_at
from booking.suitability.policies import rules_in_force
from booking.suitability.questions import QuestionPage, asks_age, pages_for_any
from booking.suitability.records import (
    NOTHING_KNOWN,
    SuitabilityRecords,
    age_on,
    counting,
    facts_from,
    records_of_people,
)
from booking.suitability.rules import RuleSet
from booking.web.session_draft import SessionDraft, hold_of
from booking.web.suitability.suitability_draft import DraftAnswers, OnRecord
from booking.web.therapy_views import where_chosen
from booking.web.times_list import address
from core.text.typed_dates import date_typed
from scheduler import public as scheduler
from scheduler.public import SiteCard

NARROWS = ("practitioner", "part", "weekday", "language", "site", "start", "day")
"""What narrows the times of a therapy down, as their address says it."""

BIRTH_DATE, UNCHANGED, ANSWERED = "birth-date", "same", "answered"
"""Steps beside the numbered pages."""

WITHOUT_THERAPY = {"booking-questions": "help-questions", "booking-outcome": "help-outcome", "times": "help-therapies"}
"""The pages of whoever has not chosen a therapy, by those of one therapy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedTherapy:
    """What somebody would like to book, `among` times narrowed down by that. No therapy: they want help to choose."""

    therapy: str
    visit: str
    technique: str = ""
    among: Mapping[str, str] = field(default_factory=dict, compare=False)

    def url(self, name: str, **query: str) -> str:
        """Return the address of a page about it; the times of whoever has not chosen are those of all therapies."""
        place = reverse(name, args=[self.therapy]) if self.therapy else reverse(WITHOUT_THERAPY[name])
        return address(place, {"visit": self.visit, "technique": self.technique, **self.among} | query)

    @property
    def chosen_at(self) -> str:
        """Where it is chosen among others."""
        if not self.therapy:
            return reverse("help-to-choose")
        return where_chosen(self.therapy, visit=self.visit, technique=self.technique)

    @classmethod
    def of(cls, request: HttpRequest, therapy: str) -> "WantedTherapy":
        """Return what an address asks for."""
        asked = {name: request.GET.get(name, "") for name in ("visit", "technique", *(NARROWS if therapy else ()))}
        visit, technique = asked.pop("visit"), asked.pop("technique")
        return cls(therapy=therapy, visit=visit, technique=technique, among=asked)

    def therapies(self, *, at: datetime) -> tuple[tuple[str, str], ...]:
        """Return what may be meant: the therapy and its technique, or each that people book themselves."""
        if self.therapy:
            return ((self.therapy, self.technique),)
        return tuple(
            (card.key, technique)
            for card in scheduler.therapies(at=at)
            if card.self_bookable
            for visit, technique in card.minutes
            if visit == self.visit
        )


@dataclass(frozen=True, kw_only=True)
class BookingQuestions:
    """What is asked of somebody who wants to book, and what follows. `rules`: by the sites (ids) that have any.

    `therapies`: what may be meant, each with its technique; `patient`: whoever is signed in, or came by a family link
    (`by_link`); `birth_date`, `name`: as far as they are known.
    """

    wanted: WantedTherapy
    therapies: tuple[tuple[str, str], ...]
    at: datetime
    patient: Patient | None
    birth_date: date | None
    sites: Sequence[SiteCard]
    rules: Mapping[int, RuleSet]
    name: str
    draft: DraftAnswers
    by_link: bool = False

    @classmethod
    def of(cls, request: HttpRequest, wanted: WantedTherapy, patient: Patient | None, *, at: datetime) -> Self:
        """Return the questions for whoever asks, as `patient` if they are signed in. Raises NotOffered."""
        therapies = wanted.therapies(at=at)
        offers = [offer for therapy, _technique in therapies for offer in scheduler.offered(therapy, wanted.visit)]
        found = {offer.site.id: offer.site for offer in offers}
        if not found:
            raise scheduler.NotOffered
        in_force = {site: rules_in_force(site, at=at) for site in found}
        rules = {site: policy[0] for site, policy in in_force.items() if policy}
        kept = SessionDraft.of(request.session)
        draft = DraftAnswers.opened(kept.suitability, whose=str(patient.pk) if patient else "")
        if patient is None:
            draft = draft.for_person(name=kept.name, email=kept.email, born=_iso(kept.birth_date))
        return cls(
            wanted=wanted,
            therapies=therapies,
            at=at,
            patient=patient,
            birth_date=patient.birth_date if patient else date_typed(kept.birth_date),
            sites=_in_order(found.values(), hold_of(request, kept)),
            rules=rules,
            name="" if patient else kept.name,
            draft=_draft(draft, [(found[site], one) for site, one in rules.items()], at=at),
            by_link=patient is not None and not request.user.is_authenticated,
        )

    @cached_property
    def rule_sets(self) -> tuple[RuleSet, ...]:
        """The rule sets of the sites, each once."""
        return tuple(dict.fromkeys(self.rules.values()))

    @cached_property
    def asks(self) -> bool:
        """Whether anything is asked at all for what they want."""
        return bool(self.pages) or any(asks_age(rules, *one) for rules in self.rule_sets for one in self.therapies)

    @cached_property
    def pages(self) -> tuple[QuestionPage, ...]:
        """Those of all sites asked, without what does not apply at the person's age."""
        age = age_on(self.at.date(), self.birth_date) if self.birth_date else None
        return pages_for_any(self.rule_sets, self.therapies, age=age)

    @cached_property
    def answers(self) -> SuitabilityAnswers:
        """What was answered: here, and before where they say that it still holds."""
        before = self.recorded if self.draft.on_record is OnRecord.SAME else SuitabilityAnswers()
        return before.beside(self.draft.answers)

    @property
    def answers_shown(self) -> SuitabilityAnswers:
        """What pages show of it: of whoever is known by a mail's link, what was answered here alone."""
        return self.draft.answers if self.hides_record else self.answers

    @cached_property
    def recorded(self) -> SuitabilityAnswers:
        """What they have answered before and still counts, of the questions that are asked now."""
        asked = {key for page in self.pages for key in page.keys}
        found: list[SuitabilityFacts | SuitabilityAnswers] = [
            self._facts_on_record(site, day=self.at.date()) for site in self.sites if site.id in self.rules
        ]
        if self.is_known_guest:
            found = [self.draft.before]
        answers = {key: one for facts in found for key, one in facts.answers.items() if key in asked}
        captures = {key: one for facts in found for key, one in facts.captures.items() if key in answers}
        return SuitabilityAnswers(answers=answers, captures=captures)

    @property
    def is_known_guest(self) -> bool:
        """Whether they are a guest who has shown whose record is theirs."""
        born = self.birth_date.isoformat() if self.birth_date else ""
        return self.patient is None and bool(self.draft.before) and self.draft.born == born

    @property
    def hides_record(self) -> bool:
        """Whether nothing is shown of what was answered before: others may read the mail whose link they came by."""
        return self.is_known_guest or self.by_link

    @cached_property
    def recorded_since(self) -> datetime | None:
        """Since when all of that has been so."""
        if self.is_known_guest:
            return self.draft.before.answered_at
        given = self._records.answers
        counts = [one.answered_at for one in given if one.answered_at and self._counts(one)]
        return min(counts, default=None)

    def _counts(self, given: SuitabilityAnswers) -> bool:
        """Whether some of it still counts: what was answered anew since then has its newer day."""
        newer = {
            key
            for one in self._records.answers
            if one.answered_at and given.answered_at and one.answered_at > given.answered_at
            for key in one.answers
        }
        return any(key in self.recorded.answers and key not in newer for key in given.answers)

    @cached_property
    def _records(self) -> SuitabilityRecords:
        pk = self.patient.pk if self.patient else 0
        return records_of_people([pk]).get(pk, NOTHING_KNOWN) if pk else NOTHING_KNOWN

    def _facts_on_record(self, site: SiteCard, *, day: date) -> SuitabilityFacts:
        if self.birth_date is None:
            return SuitabilityFacts(on=self.at.astimezone(site.tz).date())
        rules = self.rules[site.id]
        return facts_from(self._records, rules, birth_date=self.birth_date, at=self.at, zone=site.tz, visit_day=day)

    def facts(self, site: SiteCard, *, day: date | None = None) -> SuitabilityFacts:
        """Return what is known of them at a site, for a visit on a day: today, where no time is chosen yet."""
        known = self._facts_on_record(site, day=day or self.at.astimezone(site.tz).date())
        given = self.answers.known_to(self.rules[site.id])
        return replace(known, answers=given.answers, captures=given.captures)

    def next_step(self) -> str:
        """Return the address of what is still to be asked; empty where nothing is."""
        if self.asks and self.birth_date is None:
            return self.step(BIRTH_DATE)
        if self.asks_whose or (self.recorded and self.draft.on_record is OnRecord.UNASKED and not self.draft.answers):
            return self.step(UNCHANGED)
        for number, page in enumerate(self.pages, 1):
            if new := [key for key in page.keys if key not in self.answers.answers]:
                return self.step(str(number), new="1" if len(new) < len(page.keys) else "")
            if any(self.places_due(page)):
                return self.step(str(number), where="1")
        return ""

    @property
    def asks_whose(self) -> bool:
        """Whether somebody with another birth date or name has answered here: mistyped, or they are another person."""
        if not (self.asks and self.draft.answers and self.birth_date):
            return False
        return self.draft.born != self.birth_date.isoformat() or self.draft.differs(name=self.name, email="")

    def places_due(self, page: QuestionPage) -> Iterator[str]:
        """Yield the questions of a page, answered here, of which is still to be asked which place they mean."""
        for question in page.questions:
            yes = self.draft.answers.answers.get(question.key) == "yes"
            known = question.key in self.answers.captures or question.key in self.draft.places_asked
            if question.places and yes and not known:
                yield question.key

    def numbered(self, number: str) -> QuestionPage | None:
        """Return the page with this number, None where there is none."""
        known = {str(nth): page for nth, page in enumerate(self.pages, 1)}
        return known.get(number)

    def step(self, page: str, **query: str) -> str:
        """Return the step's address, with what is wanted and `query` in it, nothing of the answers."""
        return self.wanted.url("booking-questions", page=page, **query)

    def judged(self, *, day: date | None = None) -> dict[int, Suitability]:
        """Return what follows at each site that has rules, by its id; without a therapy, what holds for all of them."""
        return {
            site.id: judge_at(
                site.id,
                self.rules[site.id],
                self.facts(site, day=day),
                bookable(self.wanted.therapy),
                visit=self.wanted.visit,
                technique=self.wanted.technique,
                at=self.at,
            )
            for site in self.sites
            if site.id in self.rules
        }

    def place_needs(self, therapy: str, technique: str) -> frozenset[str]:
        """Return what a place must have for them, for one of the therapies, wherever it is."""
        found = (
            place_needs(rules, judge(rules, self.facts(site), bookable(therapy), technique=technique))
            for site in self.sites
            if (rules := self.rules.get(site.id)) is not None
        )
        return frozenset(one for needs in found for one in needs)


def _iso(typed: str) -> str:
    born = date_typed(typed)
    return born.isoformat() if born else ""


def _in_order(sites: Iterable[SiteCard], held: Hold | None) -> list[SiteCard]:
    """Return the sites as they are asked for; the one where they have a time comes first: they are to call there."""
    return sorted(sites, key=lambda site: (held is None or site.id != held.site_id, site.key))


def _draft(draft: DraftAnswers, rules: Sequence[tuple[SiteCard, RuleSet]], *, at: datetime) -> DraftAnswers:
    """Return what was answered here and still counts wherever it is asked: a booking would ask for the rest again."""
    given, over = draft.answers, set()
    for site, one in rules:
        fresh = counting([given], one, on=at.astimezone(site.tz).date(), zone=site.tz)
        over |= given.known_to(one).answers.keys() - fresh.answers.keys()
    if not over:
        return draft
    left = {key: answer for key, answer in given.answers.items() if key not in over}
    captures = {key: places for key, places in given.captures.items() if key in left}
    # What is answered anew counts from then on.
    return replace(draft, answers=SuitabilityAnswers(answers=left, captures=captures))


def bookable(therapy: str) -> BookableTherapy:
    """Return a therapy of the catalogue as far as a judgement cares, or none yet. Raises UnknownSlot."""
    if not therapy:
        return BookableTherapy(key=therapy)
    terms = scheduler.booking_terms(therapy)
    return BookableTherapy(
        key=therapy,
        techniques=tuple(sorted(terms.techniques)),
        self_bookable=terms.self_bookable,
        active=terms.active,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingOutcome:
    """What follows. `sites`: where it can be booked (ids); `shows_number`: it is said at once whom to call.

    `needs`: what the place must have for them, and `needed`, the same in words.
    """

    disposition: Disposition
    sites: frozenset[int]
    shows_number: bool
    needs: frozenset[str] = frozenset()
    needed: tuple[str, ...] = ()

    @property
    def bookable(self) -> bool:
        """Whether they go on to the times."""
        return self.disposition.rank < Disposition.BLOCK_SELF_BOOKING.rank

    @property
    def stops(self) -> bool:
        """Whether they are to call at once."""
        return self.disposition is Disposition.STOP_AND_CALL

    @property
    def reviews(self) -> frozenset[scheduler.ReviewReason]:
        """Why a clinician looks first, where one does."""
        looks = self.disposition is Disposition.CLINICIAN_REVIEW
        return frozenset({scheduler.ReviewReason.SUITABILITY}) if looks else frozenset()


def outcome_of(asked: BookingQuestions, *, day: date | None = None, site: int | None = None) -> BookingOutcome:
    """Return what follows: to whoever is to call, that alone; else the worst of where it can be booked.

    `site`: there alone (its id).
    """
    judged = {key: one for key, one in asked.judged(day=day).items() if site in {None, key}}
    stops = any(one.disposition is Disposition.STOP_AND_CALL for one in judged.values())
    closed = {key for key, one in judged.items() if one.disposition.rank >= Disposition.BLOCK_SELF_BOOKING.rank}
    sites = frozenset(one.id for one in asked.sites if one.id not in closed and site in {None, one.id})
    left = [judged[key].disposition for key in sites if key in judged]
    worst = max(left, key=lambda one: one.rank, default=Disposition.PASS)
    if stops:
        worst = Disposition.STOP_AND_CALL
    elif not sites:
        worst = Disposition.BLOCK_SELF_BOOKING
    shows_number = any(one.shows_number for one in judged.values())
    here = [(asked.rules[key], judged[key]) for key in sorted(sites) if key in judged]
    return BookingOutcome(
        disposition=worst,
        sites=frozenset() if stops else sites,
        shows_number=shows_number,
        needs=frozenset(one for rules, found in here for one in place_needs(rules, found)),
        needed=tuple(dict.fromkeys(words for rules, found in here for words in _places_in_words(asked, rules, found))),
    )


def _places_in_words(asked: BookingQuestions, rules: RuleSet, found: Suitability) -> list[str]:
    """Return what the place must have; not what, to whoever has not answered here what it follows from."""
    words = list(places_in_words(rules, found))
    return [_("what you need")] if words and asked.hides_record else words


def onwards(request: HttpRequest, asked: BookingQuestions) -> str:
    """Return where somebody goes on who has answered: to a time that they keep already, to the times, or no farther."""
    if not outcome_of(asked).bookable:
        return asked.wanted.url("booking-outcome")
    held = hold_of(request, SessionDraft.of(request.session))
    if held is not None and held.expires_at > asked.at and asked.wanted == wanted_of(held):
        return reverse("check")
    return asked.wanted.url("times")


def wanted_of(held: Hold) -> WantedTherapy:
    """Return what a time is held for."""
    key = scheduler.SlotKey.decode(held.slot)
    return WantedTherapy(therapy=key.therapy, visit=key.visit, technique=key.technique)

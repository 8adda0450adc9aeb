"""The first time of what somebody could book instead, in words for whoever tells them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from booking.models import Appointment
from booking.suitability.content import Disposition
from booking.suitability.facts import BookableTherapy
from booking.suitability.judgement import Alternative, judge
from booking.suitability.needs import place_needs
from booking.suitability.visits import JudgedVisit
from booking.web.labels import therapy_in_words
from booking.web.times_query import AHEAD, audience_of_patient
from core.text.languages import localized, near_day_in_words, time_in_words
from scheduler import public as scheduler

A_DAY = timedelta(days=1)


class NextFree:
    """Finds the first times of a page, each of them once, and what is offered there by its name."""

    def __init__(self, *, at: datetime) -> None:
        self.at = at
        self._cards = {card.key: card for card in scheduler.therapies()}
        self._found: dict[scheduler.SearchQuery, scheduler.Slot | None] = {}

    def name_of(self, one: Alternative) -> str:
        """Return what a therapy with its technique is called."""
        return therapy_in_words(self._cards[one.therapy].name, one.technique)

    def of(self, visit: Appointment, judged: JudgedVisit, one: Alternative) -> str:
        """Return when and where a patient could have it first; empty where nothing is free. Needs the patient."""
        queries = [self._query(visit, judged, one, technique) for technique in self._ways(visit, one)]
        slots = [slot for query in queries if (slot := self._first(query))]
        return self._words(min(slots, key=lambda slot: slot.start)) if slots else ""

    def _ways(self, visit: Appointment, one: Alternative) -> Iterable[str]:
        """Return the techniques in which it is booked, where one has to be chosen."""
        ways = {technique for kind, technique in self._cards[one.therapy].minutes if kind == visit.visit}
        return [one.technique] if one.technique in ways else sorted(ways if not one.technique else ())

    def _query(
        self, visit: Appointment, judged: JudgedVisit, one: Alternative, technique: str
    ) -> scheduler.SearchQuery:
        looked_at = one.disposition is Disposition.CLINICIAN_REVIEW
        reviews = frozenset({scheduler.ReviewReason.SUITABILITY}) if looked_at else frozenset()
        # With their answers: the place must have for it what they need, as when they book it.
        found = judge(judged.rules, judged.facts, BookableTherapy(key=one.therapy), technique=technique)
        return scheduler.SearchQuery(
            therapy=one.therapy,
            visit=visit.visit,
            technique=technique,
            starts_at=self.at,
            ends_at=self.at + AHEAD,
            audience=audience_of_patient(
                visit.patient, at=self.at, reviews=reviews, needs=place_needs(judged.rules, found)
            ),
        )

    def _first(self, query: scheduler.SearchQuery) -> scheduler.Slot | None:
        if query not in self._found:
            self._found[query] = scheduler.first(query, at=self.at)
        return self._found[query]

    def _words(self, slot: scheduler.Slot) -> str:
        zone = slot.site.tz
        day, today = slot.start.astimezone(zone).date(), self.at.astimezone(zone).date()
        near = {today: _("Today"), today + A_DAY: _("Tomorrow")}
        facts = {
            "day": near.get(day) or near_day_in_words(day),
            "time": time_in_words(slot.start, zone),
            "site": localized(slot.site.name),
        }
        return _("%(day)s, %(time)s, %(site)s") % facts

"""To which times an appointment can move, as staff look for them: with whom, where, and for what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from booking import queries
from booking.access_needs import AskedFor
from booking.audiences import audience_for
from booking.models import Appointment
from booking.screening.rights import first_day_of
from booking.subjects import of_appointment
from booking.suitability.visits import PlaceNeeds, place_needs_of_visit
from booking.web.context import TimesFilter
from booking.web.desk.arrivals.walk_in_times import offers
from booking.web.desk.reviews.unsettled_colleagues import UnsettledColleagues
from booking.web.labels import therapy_in_words, visit_in_words
from booking.web.slot_ids import opened, sealed
from booking.web.times_list import Button, Day, Listing, Span, listing
from booking.web.times_query import TimesQuery
from core.principal import Principal
from core.refusals import Invalid
from core.rights import Action, may, sites_for
from core.text.languages import near_day_in_words
from core.text.typed_dates import iso_date
from scheduler import public as scheduler

FOR = "for"
"""The field by which an address says what it is to be for: therapy, visit and technique."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherTherapyChoice:
    """Something that the appointment can be for."""

    value: str
    words: str
    chosen: bool


@dataclass(frozen=True)
class NewTimes:
    """What an address asks for; what is not offered is refused."""

    visit: Appointment
    by: Principal
    at: datetime
    asked: Mapping[str, str]

    @property
    def now(self) -> tuple[str, str, str]:
        """Keys: therapy, kind of visit, technique."""
        return self.visit.therapy.key, self.visit.visit, self.visit.technique

    @cached_property
    def wanted(self) -> tuple[str, str, str]:
        """What it is to be for. Raises Http404."""
        asked = self.asked.get(FOR, "")
        if not asked:
            return self.now
        if asked not in {one.value for one in self.therapies}:
            raise Http404
        therapy, visit, technique = asked.split("|")
        return therapy, visit, technique

    @property
    def otherwise(self) -> bool:
        """Whether it is to be for something else than now."""
        return self.wanted != self.now

    @cached_property
    def therapies(self) -> list[OtherTherapyChoice]:
        """What it can be for, to whoever knows what it is for; first what it is for now."""
        if not may(self.by, Action.SEE_THERAPY, of_appointment(self.visit, self.by)):
            return []
        others = queries.others_of(self.visit.patient, at=self.at, but=self.visit)
        done = queries.therapies_begun(others, before=self.visit.period.lower)
        found = {self.now: therapy_in_words(self.visit.therapy.name, self.visit.technique)}
        for card, visit, technique in offers(done):
            found.setdefault((card.key, visit, technique), therapy_in_words(card.name, technique))
        chosen = self.asked.get(FOR, "") or "|".join(self.now)
        return [
            OtherTherapyChoice(
                value="|".join(key), words=f"{words}, {visit_in_words(key[1])}", chosen="|".join(key) == chosen
            )
            for key, words in found.items()
        ]

    @cached_property
    def offered(self) -> list[scheduler.Offered]:
        """Who gives it where, of those to whom somebody may move it."""
        therapy, visit, _technique = self.wanted
        sites, mine = sites_for(self.by, Action.MOVE), scheduler.practitioner_of(self.by.user_id)
        return [
            one
            for one in scheduler.offered(therapy, visit)
            if one.site.id in sites or (mine is not None and one.practitioner.id == mine.pk)
        ]

    @cached_property
    def times_query(self) -> TimesQuery:
        """The question for times, as staff of each site ask it."""
        therapy, visit, technique = self.wanted
        sites = {one.site.id for one in self.offered}
        query = TimesQuery.for_moving(self.visit, at=self.at, from_day=self.first_day)
        return replace(
            query,
            therapy=therapy,
            visit=visit,
            technique=technique,
            only_sites=frozenset(sites),
            by_site={site: self.audience(site) for site in sites},
        )

    @cached_property
    def first_day(self) -> date | None:
        """The first day on which its patient may come, to whoever knows how they stand with the health questions."""
        return first_day_of(self.visit, by=self.by, at=self.at)

    @property
    def since(self) -> str:
        """That day in words; empty where nothing keeps them away."""
        return near_day_in_words(self.first_day) if self.first_day else ""

    def audience(self, site: int, *, reason: str = "") -> scheduler.Audience:
        """Return as whom staff look for times of this patient at a site (its id)."""
        visit = self.visit
        return audience_for(
            self.by,
            site_id=site,
            at=self.at,
            patient=visit.patient,
            moving=visit,
            reason=reason,
            reviews=queries.reviews_of_visit(visit),
            needs=self._needs,
        )

    @cached_property
    def _needs(self) -> frozenset[str]:
        if not self.otherwise:
            return place_needs_of_visit(self.visit, at=self.at)
        therapy, _visit, technique = self.wanted
        on_record = PlaceNeeds.on_record(self.visit.patient, self.visit.site, at=self.at).of(therapy, technique)
        return on_record | AskedFor.of_visit_alone(self.visit).features

    @cached_property
    def other_places(self) -> list[scheduler.PlaceCard]:
        """The places to which it could go at the time that it has."""
        visit = self.visit
        if self.otherwise or visit.place_id is None or visit.period.lower <= self.at:
            return []
        try:
            slot = scheduler.slot(visit.slot).lasting(visit.lengths)
        except scheduler.UnknownSlot:  # whoever treats has left since
            return []
        free = scheduler.free_places(slot, at=self.at, audience=self.audience(slot.site.id), moving=visit.allocation)
        return [one for one in free if one.id != visit.place_id]

    @property
    def own_slot(self) -> str:
        """The time that it has, as a page names it."""
        return sealed(scheduler.SlotKey.decode(self.visit.slot).without_therapy)

    def listed(self, request: HttpRequest) -> "ListedTimes":
        """Return the times of a page with its filters. Raises Invalid for those that are not offered."""
        filters = TimesFilter.of(request, self.offered, at=self.at)
        span = Span(start=filters.form.from_day, only=_day(self.asked, "day"))
        query = self.times_query.narrowed(filters.form.chosen() | self._own_calendar())
        found = listing(query, self.offered, span, here=filters.here, at=self.at) if self.offered else Listing(days=())
        return ListedTimes(filters=filters, found=replace(found, days=[self._with_words(day) for day in found.days]))

    @cached_property
    def unsettled(self) -> UnsettledColleagues:
        """Those who treat of whom it is not settled whether they see patients."""
        return UnsettledColleagues(by=self.by, at=self.at, here=self.visit.site)

    def _with_words(self, day: Day) -> Day:
        """Return a day with what staff read beside a name."""
        groups = [replace(one, slots=[self._with_word(slot) for slot in one.slots]) for one in day.groups]
        return replace(day, groups=groups)

    def _with_word(self, button: Button) -> Button:
        key = scheduler.SlotKey.decode(opened(button.id))
        one = next(o for o in self.offered if (o.practitioner.public_id, o.site.key) == (key.practitioner, key.site))
        on = key.start.astimezone(one.site.tz).date()
        return replace(button, word=self.unsettled.word(one.practitioner.id, on, site=one.site.id))

    def _own_calendar(self) -> dict[str, str]:
        """Return that somebody moves it within their own calendar alone, where their right reaches no farther."""
        sites = sites_for(self.by, Action.MOVE)
        mine = [one for one in self.offered if one.site.id not in sites]
        return {"practitioner": str(mine[0].practitioner.public_id)} if mine else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTimes:
    """The filters of a page and what they leave."""

    filters: TimesFilter
    found: Listing

    @property
    def days(self) -> Sequence[Day]:
        """Days of the span shown, each with its times as buttons."""
        return self.found.days

    @property
    def earlier(self) -> str:
        """Where earlier days are."""
        return f"{self.filters.here}&start={self.found.earlier.isoformat()}" if self.found.earlier else ""

    @property
    def later(self) -> str:
        """Where later days are."""
        return f"{self.filters.here}&start={self.found.later.isoformat()}" if self.found.later else ""


def _day(asked: Mapping[str, str], name: str) -> date | None:
    try:
        return iso_date(asked[name]) if asked.get(name) else None
    except ValueError as error:
        raise Invalid(_("This address names a day that does not exist.")) from error

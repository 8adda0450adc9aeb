"""One reading of what could start: the starts of every offer, as slots, by day, or by distance from another."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import reduce
from heapq import nsmallest
from itertools import islice
from operator import or_
from uuid import UUID

from scheduler.catalogue import Offer
from scheduler.search import place_access
from scheduler.search.availability import Availability
from scheduler.search.search_query import PARTS_OF_DAY, SearchQuery
from scheduler.search.slot_ids import Slot, SlotKey, slot_of
from scheduler.search.windows import spans_asked
from scheduler.slots import on_grid
from scheduler.ticks import counted, each, ticks, total, written

PLENTY = 4
"""Times as many starts as are wanted: where practitioners' patients in other suites leave so many, these are enough."""


def allowed(query: SearchQuery, available: Availability, site: int) -> int:
    """Return the starts at a site that a query asks for, and whoever asks may book."""
    spans = spans_asked(query, site, at=available.at, known=available.catalogue)
    within = ((max(query.starts_at, since), min(query.ends_at, until)) for since, until in spans)
    found = reduce(or_, (available.frame.between(*span) for span in within), 0)
    return found & _part_of_day(available, site, query.part_of_day) if query.part_of_day else found


def _part_of_day(available: Availability, site: int, part: str) -> int:
    first, last = PARTS_OF_DAY[part]
    bits, tz = 0, available.catalogue.sites[site].tz
    for day, start, end in days_at(available, site):
        opens = datetime.combine(day, time(first), tz) if first else start
        closes = datetime.combine(day, time(last), tz) if last < 24 else end  # noqa: PLR2004  (hours)
        bits |= available.frame.between(opens, closes)
    return bits


def days_at(available: Availability, site: int) -> Iterator[tuple[date, datetime, datetime]]:
    """Yield the days of what was read, each with its begin and end by the clock of a site."""
    tz, frame = available.catalogue.sites[site].tz, available.frame
    day, last = frame.start.astimezone(tz).date(), frame.end.astimezone(tz).date()
    while day <= last:
        following = day + timedelta(days=1)
        yield day, datetime.combine(day, time(), tz), datetime.combine(following, time(), tz)
        day = following


class Reading:
    """One reading for a query: starts of every offer in the weeks read."""

    def __init__(self, query: SearchQuery, available: Availability) -> None:
        self.query, self.known, self.available = query, available.catalogue, available
        self.total = available.frame.total
        by_site = {site: self._shown(site) for site in available.sites}
        rows = [(offer, next(by_site[offer.site])) for offer in available.offers]
        self.found = [(offer, starts) for offer, starts in rows if starts]
        self.union = reduce(or_, (starts for _, starts in self.found), 0)
        self.given: Counter[int] = Counter()

    def _shown(self, site: int) -> Iterator[int]:
        """Yield the starts of each offer at a site."""
        available, rows = self.available, self.available.rows
        starts, count = available.starts(site), len(available.offers_at(site))
        shown = on_grid(starts, ticks(self.query.step_minutes))
        if also := self.query.also:
            shown |= starts & rows.repeated(available.frame.only(also), count)
        yield from rows.apart(shown & rows.repeated(allowed(self.query, available, site), count), count)

    def slots(self, limit: int | None) -> Iterator[Slot]:
        """Yield slots in order of start, at each in the order of the offers, at most `limit` of them."""
        return islice((self._slot(offer, tick) for tick in self._ticks() for offer in self._offers_at(tick)), limit)

    def enough_by(self, latest: datetime) -> datetime:
        """Return by when there are far more starts than are wanted, at the latest by `latest`."""
        wanted = PLENTY * (self.query.limit or 1)
        for tick in self._ticks():
            bit = 1 << (self.total - 1 - tick)
            wanted -= min(sum(starts & bit > 0 for _, starts in self.found), self.query.each_start or len(self.found))
            if wanted <= 0:
                return min(self.available.frame.at(tick + 1), latest)
        return latest

    def _ticks(self) -> Iterator[int]:
        after, frame = self.query.after, self.available.frame
        first = frame.ticks(after.start, after.start)[0] if after else 0
        return (tick for tick in each(self.union, total=self.total) if tick >= first)

    def _offers_at(self, tick: int) -> list[Offer]:
        """Return whose starts a tick is; when not all are wanted, those who were shown least so far."""
        bit = 1 << (self.total - 1 - tick)
        offers = [offer for offer, starts in self.found if starts & bit]
        if self.query.after and self.available.frame.at(tick) == self.query.after.start:
            offers = offers[self._seen(offers, self.query.after) :]
        if self.query.each_start is not None:
            # Those shown least so far: offers come by name, and whoever is first there would fill every page.
            offers = sorted(offers, key=lambda offer: self.given[offer.practitioner.id])[: self.query.each_start]
            self.given.update(offer.practitioner.id for offer in offers)
        return offers

    def _seen(self, offers: list[Offer], last: SlotKey) -> int:
        """Return how many of the offers at a start come up to the last one that was seen."""
        keys = [self._key(offer) for offer in self.available.offers]
        seen = keys[: keys.index((last.practitioner, last.site)) + 1] if (last.practitioner, last.site) in keys else []
        return sum(self._key(offer) in seen for offer in offers)

    def _key(self, offer: Offer) -> tuple[UUID, str]:
        return offer.practitioner.public_id, self.known.sites[offer.site].key

    def nearest(self, taken: SlotKey, most: int, *, days_apart: int) -> list[Slot]:
        """Return the slots nearest to one, at most so many calendar days away, the nearest first."""
        found: list[tuple[bool, bool, timedelta, int, int]] = []
        # Day by day outwards: most askers are answered by the same day, whatever the other weeks hold.
        for apart in range(days_apart + 1):
            found += nsmallest(most - len(found), self._at_distance(taken, apart))
            if len(found) == most:
                break
        return [self._slot(self.found[index][0], tick) for *_, tick, index in found]

    def _at_distance(self, taken: SlotKey, apart: int) -> Iterator[tuple[bool, bool, timedelta, int, int]]:
        """Yield what is so many days away: (other site, other practitioner, how far, its tick, its offer)."""
        frame = self.available.frame
        days = {site: self._days_at(site, taken, apart) & self.union for site in self.available.sites}
        for index, (offer, starts) in enumerate(self.found):
            for tick in each(starts & days[offer.site], total=self.total) if days[offer.site] else ():
                far, (who, where) = abs(frame.at(tick) - taken.start), self._key(offer)
                yield where != taken.site, who != taken.practitioner, far, tick, index

    def _days_at(self, site: int, taken: SlotKey, apart: int) -> int:
        tz, bits = self.known.sites[site].tz, 0
        on = taken.start.astimezone(tz).date()
        for day in (on - timedelta(days=apart), on + timedelta(days=apart)):
            start, end = (datetime.combine(d, time(), tz) for d in (day, day + timedelta(days=1)))
            bits |= self.available.frame.between(start, end)
        return bits

    def _slot(self, offer: Offer, tick: int) -> Slot:
        technique, available = self.query.technique or self.available.plan.technique, self.available
        found = slot_of(offer, available.plan, available.frame.at(tick), self.known, technique=technique)
        only_for = place_access.only_for(available, offer, found.start) if available.narrowed.says_for_whom else ""
        return replace(found, only_for=only_for) if only_for else found

    def days(self) -> Iterator[tuple[date, int, datetime]]:
        """Yield days of each site with how many starts and the first."""
        frame = self.available.frame
        for site in self.available.sites:
            here = [starts for offer, starts in self.found if offer.site == site]
            digits = counted(here)
            soonest = written(reduce(or_, here, 0), total=self.total)
            tz = self.known.sites[site].tz
            for day, start, end in days_at(self.available, site):
                within = [max(tick, 0) for tick in frame.ticks(start, end)]
                if (first := soonest.find("1", *within)) >= 0:
                    yield day, total(digits, frame.between(start, end)), frame.at(first).astimezone(tz)

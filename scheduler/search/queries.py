"""Free starts: searched, counted by day, or nearest to one that is gone, in few queries however much is asked."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import reduce
from heapq import nsmallest
from itertools import islice
from operator import or_
from uuid import UUID

from scheduler.audience import Audience
from scheduler.calendars.hours import Period
from scheduler.catalogue import Catalogue, Offer, Plan, SiteCard, catalogue
from scheduler.errors import NotOffered, RangeTooLong, TechniqueNeeded, UnknownPractitioner
from scheduler.search import place_access
from scheduler.search.availability import Availability
from scheduler.search.frames import Frame
from scheduler.search.parts import nearest_of, parts
from scheduler.search.search_query import PARTS_OF_DAY, DayLoad, SearchQuery
from scheduler.search.slot_ids import Slot, SlotKey, slot_of
from scheduler.search.windows import spans_asked
from scheduler.slots import on_grid
from scheduler.ticks import TICK, WEEK, counted, each, midnight, ticks, total, week_of, weeks_between, written

LONGEST = timedelta(days=92)
ALTERNATIVES = 3
NEAR = (6, 45)
"""How many days away an alternative is looked for: first nearby, then, where there are not enough, farther."""

PLENTY = 4
"""Times as many starts as are wanted: where practitioners' patients in other suites leave so many, these are enough."""

SOON = timedelta(days=3)
"""Most people take one of the soonest times, so the weeks of these days are read before the others."""


def search(query: SearchQuery, *, at: datetime) -> list[Slot]:
    """Return the soonest starts, at most `query.limit`, by start and then practitioner."""
    found: list[Slot] = []
    for part, known in parts(query):
        found += _search(replace(part, limit=None if query.limit is None else query.limit - len(found)), known, at=at)
    return found


def _search(query: SearchQuery, known: Catalogue, *, at: datetime) -> list[Slot]:
    found: list[Slot] = []
    # Whoever wants all has no use for a first look at what is soon.
    for reading in _readings(query, known, at=at, whole=query.limit is None):
        found = list(reading.slots(query.limit))
        if query.limit is not None and len(found) >= query.limit:
            break
    return found


def each_start(query: SearchQuery, *, at: datetime) -> Iterator[Slot]:
    """Yield all starts, the soonest first, each made when it is asked for: whoever takes few pays for few."""
    for part, known in parts(query):
        for reading in _readings(part, known, at=at, whole=True):
            yield from reading.slots(None)


def first(query: SearchQuery, *, at: datetime) -> Slot | None:
    """Return the soonest start, if there is one."""
    for reading in (one for part, known in parts(query) for one in _readings(part, known, at=at)):
        for slot in reading.slots(1):
            return slot
    return None


def days(query: SearchQuery, *, at: datetime) -> list[DayLoad]:
    """Return the days that have starts, with how many and the first."""
    loads: dict[date, tuple[int, datetime]] = {}
    last = (list(_readings(part, known, at=at, whole=True))[-1:] for part, known in parts(query))
    for reading in (one for some in last for one in some):
        for day, count, start in reading.days():
            known, soonest = loads.get(day, (0, start))
            loads[day] = (known + count, min(soonest, start))
    return [DayLoad(day=day, starts=count, first=start) for day, (count, start) in sorted(loads.items())]


def sites() -> Mapping[int, SiteCard]:
    """Return the sites in use, by id."""
    return catalogue().sites


def audiences() -> Mapping[int, frozenset[str]]:
    """Return by site to whom alone some of the hours there are open; most sites have none."""
    return catalogue().audiences


def is_narrowed() -> bool:
    """Whether it matters anywhere who takes part in which program: for time that is theirs alone, or their rules."""
    known = catalogue()
    return bool(known.audiences or known.blocks) or known.programs_have_rules


def alternatives(
    taken: SlotKey,
    *,
    audience: Audience,
    at: datetime,
    moving: UUID | None = None,
    reviewed: bool = False,
    since: datetime | None = None,
) -> list[Slot]:
    """Return the three starts nearest to one that cannot be had, the nearest first.

    Those of the same day come before others, then those at the same site, then those with the same practitioner.
    `since`: none before, nearest to a start from then on.
    """
    since, known = since or at, catalogue()
    taken = replace(taken, start=max(taken.start, since))
    found = _nearest(taken, audience=audience, since=since, at=at, moving=moving, reviewed=reviewed)
    # Closed for weeks: what can be had is found where it is open again, too.
    if len(found) < ALTERNATIVES and (again := _open_again(taken, known)):
        later = replace(taken, start=again)
        more = _nearest(later, audience=audience, since=since, at=at, moving=moving, reviewed=reviewed)
        found += [slot for slot in more if slot not in found][: ALTERNATIVES - len(found)]
    return found


def _open_again(taken: SlotKey, known: Catalogue) -> datetime | None:
    """Return from when on a start can be had again that is closed; None where it is not, or nobody knows."""
    plan = known.plan(taken.therapy, taken.visit, taken.technique)
    site = next((card.id for card in known.sites.values() if card.key == taken.site), None)
    if plan is None or site is None or known.closed_at(plan, site, taken.start) is None:
        return None
    return known.reopens(plan, site, taken.start)


def _nearest(
    taken: SlotKey, *, audience: Audience, since: datetime, at: datetime, moving: UUID | None, reviewed: bool
) -> list[Slot]:
    found: list[Slot] = []
    for days_apart in NEAR:
        reach = timedelta(days=days_apart + 1)
        query = SearchQuery(
            therapy=taken.therapy,
            visit=taken.visit,
            technique=taken.technique,
            starts_at=max(taken.start - reach, since),
            ends_at=max(taken.start, since) + reach,
            audience=audience,
            moving=moving,
            segments=taken.segments,
            reviewed=reviewed,
            # On whatever grid it lies: the very start with somebody else, or at another site, can be offered too.
            also=taken.start,
        )
        found = []
        for part, known in parts(query):
            near: list[Slot] = []
            for reading in _readings(part, known, at=at, whole=True):
                near = reading.nearest(taken, ALTERNATIVES, days_apart=days_apart)
            found = nearest_of([*found, *near], taken)[:ALTERNATIVES]
        if len(found) == ALTERNATIVES:
            break
    return found


class _Reading:
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
        yield from rows.apart(shown & rows.repeated(self._allowed(site), count), count)

    def _allowed(self, site: int) -> int:
        frame, query = self.available.frame, self.query
        spans = spans_asked(query, site, at=self.available.at, known=self.known)
        within = ((max(query.starts_at, since), min(query.ends_at, until)) for since, until in spans)
        allowed = reduce(or_, (frame.between(*span) for span in within), 0)
        if query.part_of_day:
            allowed &= self._part_of_day(site, query.part_of_day)
        return allowed

    def _part_of_day(self, site: int, part: str) -> int:
        first, last = PARTS_OF_DAY[part]
        bits = 0
        for day, start, end in self._days(site):
            tz = self.known.sites[site].tz
            opens = datetime.combine(day, time(first), tz) if first else start
            closes = datetime.combine(day, time(last), tz) if last < 24 else end  # noqa: PLR2004  (hours)
            bits |= self.available.frame.between(opens, closes)
        return bits

    def _days(self, site: int) -> Iterator[tuple[date, datetime, datetime]]:
        tz, frame = self.known.sites[site].tz, self.available.frame
        day, last = frame.start.astimezone(tz).date(), frame.end.astimezone(tz).date()
        while day <= last:
            following = day + timedelta(days=1)
            yield day, datetime.combine(day, time(), tz), datetime.combine(following, time(), tz)
            day = following

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
            for day, start, end in self._days(site):
                within = [max(tick, 0) for tick in frame.ticks(start, end)]
                if (first := soonest.find("1", *within)) >= 0:
                    yield day, total(digits, frame.between(start, end)), frame.at(first).astimezone(tz)


def _readings(query: SearchQuery, known: Catalogue, *, at: datetime, whole: bool = False) -> Iterator[_Reading]:
    """Yield readings of what is soon, then one of all: whoever has enough stops. `whole`: the latter only."""
    if query.ends_at - query.starts_at > LONGEST:
        raise RangeTooLong
    plan, offers = plan_and_offers(query, known, at=at)
    sites = {offer.site for offer in offers}
    spans = [span for site in sites for span in spans_asked(query, site, at=at, known=known)]
    if not spans or query.ends_at <= query.starts_at:
        return
    start = max(query.starts_at, min(since for since, _ in spans))
    start, end = open_from(known, [plan], sites, start), min(query.ends_at, max(until for _, until in spans))
    if end <= start:
        return
    longest = max(known.reach(plan, site) for site in sites)
    weeks = weeks_between(start, end + longest * TICK)
    moving = (query.moving,) if query.moving else ()
    available = Availability(known, plan, offers, at, Frame(tuple(weeks)), moving, query.audience)
    if not whole:
        yield from _soon(query, available, (start, end), longest * TICK)
    available.load(weeks[len(available.frame.weeks) :], within=(start, end + longest * TICK))
    yield _Reading(query, available)


def open_from(known: Catalogue, plans: Iterable[Plan], sites: Iterable[int], start: datetime) -> datetime:
    """Return `start`, or when the next week begins where nobody can come before: from Friday night on, in most clinics.

    A place is open when its site is; who needs none can be called at any time.
    """
    following = midnight(week_of(start)) + WEEK
    closed = (known.business_days[site].closed_throughout(start, following) for site in sites)
    return following if all(plan.features for plan in plans) and all(closed) else start


def _soon(query: SearchQuery, available: Availability, window: Period, longest: timedelta) -> Iterator[_Reading]:
    """Yield readings of what is soon in a window: the week that has begun, where that is not enough the next as well.

    `longest`: how long a visit takes what it needs. Of one that reaches into a week not read yet nobody knows whether
    it can be had.
    """
    start, end = window
    soon = min(end, start + SOON)
    if available.asks_presence:
        yield _among_patients(query, available, (start, soon), longest)
        return
    for week in weeks_between(start, soon + longest):
        if week == available.span.weeks[-1]:
            return
        available.load([week])
        yield _Reading(_until(available.frame.end - longest, query), available)


def _among_patients(query: SearchQuery, available: Availability, window: Period, longest: timedelta) -> _Reading:
    """Return a reading of those hours of a window alone that will probably do, where practitioners' patients matter."""
    # To find their patients costs more the longer the stretch: first comes what would be free if they had none.
    start, end = window
    begun, *following = weeks_between(start, end + longest)
    available.load([begun], presence=False)
    most = min(end, available.frame.end - longest)
    cut = _Reading(_until(most, query), available).enough_by(most)
    if cut < most:
        following = []
    else:
        cut = end
    available.load(following, within=(start, cut + longest))
    return _Reading(_until(cut, query), available)


def _until(latest: datetime, query: SearchQuery) -> SearchQuery:
    return replace(query, ends_at=min(query.ends_at, latest))


def plan_and_offers(query: SearchQuery, known: Catalogue, *, at: datetime) -> tuple[Plan, list[Offer]]:
    """Return how a visit runs, and who offers it. Raises TechniqueNeeded, NotOffered, UnknownPractitioner."""
    plan = known.plan(query.therapy, query.visit, query.technique)
    if plan is None:
        techniques = sorted(
            t for therapy, visit, t in known.plans if (therapy, visit) == (query.therapy, query.visit) and t
        )
        if techniques and not query.technique:
            raise TechniqueNeeded(techniques=techniques)
        raise NotOffered
    plan = plan.at(query.starts_at).lasting(query.segments)
    everybody = (offer.practitioner.public_id for offers in known.offers.values() for offer in offers)
    if query.practitioner and query.practitioner not in everybody:
        raise UnknownPractitioner
    suiting = [o for o in known.offers_of(query.therapy, query.visit) if _suits(o, query)]
    # What staff booked for somebody, that person may move, though nobody books it online.
    if query.moving is not None:
        return plan, suiting
    sites = {o.site for o in suiting}
    online = {site for site in sites if known.bookable_by(query.audience, query.therapy, site, at=at)}
    return plan, [o for o in suiting if o.site in online]


def _suits(offer: Offer, query: SearchQuery) -> bool:
    who = offer.practitioner
    return (
        (query.sites is None or offer.site in query.sites)
        and (query.practitioner is None or who.public_id == query.practitioner)
        and (query.gender is None or who.gender == query.gender)
        and (query.language is None or query.language in who.languages)
    )

"""Where a visit could start: the week sheets of a few weeks, and the arithmetic on them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, reduce
from itertools import zip_longest
from operator import and_, or_
from uuid import UUID

from core.database.round_trip import ReadStatement, read_together
from scheduler.audience import Audience
from scheduler.calendars.hours import Period
from scheduler.calendars.open_hours import open_hours
from scheduler.catalogue import Bay, Catalogue, Offer, Plan
from scheduler.models import Claim
from scheduler.search.frames import Frame
from scheduler.search.narrowed_hours import NarrowedHours
from scheduler.search.presence import PatientsBySuite, Stay, Suite, away, engaged, stays
from scheduler.sheets import free_time, sheet_rows
from scheduler.sheets.sql import number, sent
from scheduler.slots import with_hands, with_lanes, with_rooms
from scheduler.ticks import TICKS_A_WEEK, Rows, erode, mask


@dataclass
class Availability:
    """The free ticks of everything that a visit could use, and the starts they leave. A query, and one a reading."""

    catalogue: Catalogue
    plan: Plan
    offers: list[Offer]
    at: datetime
    span: Frame
    moving: tuple[UUID, ...] = ()
    audience: Audience = Audience.PATIENT
    frame: Frame = field(default_factory=lambda: Frame(()))
    uncounted: list[free_time.Stretch] | None = None
    """Claims that are still marked and do not count any more; None until weeks are read."""
    free: free_time.Free = field(default_factory=dict)
    unmade: dict[tuple[int, int], int] = field(default_factory=dict)
    although_closed: bool = False
    """Whether what is closed, or kept for others, counts as free."""
    present: PatientsBySuite = field(default_factory=dict)
    stays: dict[int, list[Stay]] = field(default_factory=dict)
    _rooms: dict[tuple[int, str | None, int], int] = field(default_factory=dict)
    _staffed: dict[tuple[int, int], int] = field(default_factory=dict)
    _bays: dict[int, tuple[Bay, ...]] = field(default_factory=dict)

    def load(self, weeks: Iterable[date], *, within: Period | None = None, presence: bool = True) -> None:
        """Read further weeks, which follow those already there; where practitioners are, only `within` a period.

        Without `presence` they are taken to be wherever they are wanted.
        """
        new = tuple(weeks)
        self.frame = Frame(self.frame.weeks + new)
        spread = self._practitioners_at({site for site in self.sites if self.catalogue.spread(site)})
        travelling = self._practitioners_at({site for site in self.sites if self.travels(site)})
        # What does not count is read after the sheets: of what was taken anew in between nothing is given back.
        sheets, uncounted, alone, suites, sites = read_together(
            self._hours(self.resources, new, self.sites, all_open=False) if new else None,
            self._uncounted() if new else None,
            self.narrowed.statement(new),
            self.engaged(spread, within) if spread and presence else None,
            self.stays_of(travelling, within) if travelling and presence else None,
        )
        if new:
            self._add(sheets, new, uncounted)
            self.narrowed.note(alone, new)
            self.narrowed.count(self.free, new, self.frame, moving=self.moving)
        self.present, self.stays = suites or {}, sites or {}

    def _add(self, more: free_time.Free, weeks: Sequence[date], uncounted: list[free_time.Stretch]) -> None:
        """Note the free ticks of further weeks, with those that only claims take which do not count."""
        self.uncounted = uncounted
        if waiting := self.resources & {one.resource for one in uncounted}:
            (hours,) = read_together(self._hours(waiting, weeks, self.sites))
            free_time.give(more, hours, uncounted, weeks)
        known, closed = self.free, sent(0, weeks=len(weeks))
        before = sent(0, weeks=len(self.frame.weeks) - len(weeks))
        for key in known.keys() | more.keys() if known else ():
            more[key] = known.get(key, before) + more.get(key, closed)
        self.free = more

    def _practitioners_at(self, sites: Collection[int]) -> set[int]:
        return {offer.practitioner.id for offer in self.offers if offer.site in sites} if sites else set()

    def _hours(
        self, resources: Collection[int], weeks: Sequence[date], sites: Collection[int], *, all_open: bool = True
    ) -> ReadStatement[free_time.Free]:
        audiences, kept_until = self.narrowed.usable, self.narrowed.opens_until(weeks)
        return free_time.read(resources, weeks, sites, all_open=all_open, audiences=audiences, kept_until=kept_until)

    def _uncounted(self) -> ReadStatement[list[free_time.Stretch]]:
        return free_time.uncounted(start=self.span.start, end=self.span.end, at=self.at, moving=self.moving)

    def read_hours_again(self) -> None:
        """Read anew which hours are open to one audience alone, also where there were none a moment ago."""
        self.narrowed.read_again(self.frame)

    @cached_property
    def narrowed(self) -> NarrowedHours:
        """What is open to some alone."""
        return NarrowedHours(self.catalogue, self.plan, self.offers, self.audience, self.at)

    def usable_at(self, site: int) -> dict[str, Sequence[Period] | None]:
        """Return the names of the time at a site that is open to some alone, of which whoever asks is one."""
        return self.narrowed.usable_at(site, self.frame)

    def only_for(self, offer: Offer, start: int) -> str:
        """Return the audience to which alone a visit's time is open, from a tick on; empty for everyone."""
        return self.narrowed.only_for(offer, start, self.frame)

    def for_others_alone(self, offer: Offer) -> int:
        """Return the starts in hours of which some are open only to audiences that whoever asks is not of."""
        theirs = [bits for bits in self.narrowed.theirs(offer).values() if bits]
        if not theirs:
            return 0
        mine = self.within_hours(offer)
        # What would lie in hours if theirs were open to all, and does not as things are.
        return self._in_hours(reduce(or_, theirs, mine)) & ~self._in_hours(mine)

    def full_or_opens_at(self, offer: Offer, start: int) -> tuple[bool, datetime | None]:
        """Return of a start in others' hours whether it is open but full, and from when on it is open, if ever."""
        needed = self._contact_from(start)
        return self.narrowed.full(needed, self.frame), self.narrowed.opens_at(offer, needed, self.frame)

    def _contact_from(self, start: int) -> int:
        """Return the ticks in which a visit that starts at a tick (a bit) needs the practitioner."""
        runs = (*self.plan.tick_plan.hands, *self.plan.tick_plan.nearby)
        return reduce(or_, (start >> n for first, length in runs for n in range(first, first + length)), 0)

    def _in_hours(self, hours: int) -> int:
        return with_hands(hours, self.plan.tick_plan) & with_lanes([hours], self.plan.tick_plan)

    def in_hours(self, offer: Offer) -> int:
        """Return the starts at which the practitioner works for whoever asks as long as the visit needs them."""
        return self._in_hours(self.within_hours(offer))

    def engaged(self, practitioners: Collection[int], within: Period | None = None) -> ReadStatement[PatientsBySuite]:
        """Ask in which suites practitioners have patients now, but for the visits that move."""
        period = within or self.frame.period
        return engaged(
            practitioners, period, origin=self.frame.start, total=self.frame.total, at=self.at, without=self.moving
        )

    def take(self, stretches: Collection[free_time.Stretch], offer: Offer, *, suite: Suite | None) -> None:
        """Count as taken what a visit of an offer in a suite is about to claim together with this one."""
        # What is claimed together stands in no row yet: each visit has to see what the ones before it leave.
        self._forget()
        for one in stretches:
            bits = self.frame.between(one.start, one.end)
            for key in self.free:
                if key[0] == one.resource:
                    self._set(key, self.of(*key) & ~bits)
            if suite is not None and one.resource in (offer.hands, *offer.lanes):
                there = self.present.setdefault(suite, {})
                there[offer.practitioner.id] = there.get(offer.practitioner.id, 0) | bits
                self.stays.setdefault(offer.practitioner.id, []).append(Stay(offer.site, one.start, one.end))
        for full in self.narrowed.access.note_with(stretches, offer):
            for resource in (offer.hands, *offer.lanes):
                self._set((resource, offer.site), self.of(resource, offer.site) & ~self.frame.between(*full.period))

    def count_as_open(self) -> None:
        """Count as free all that no claim takes, open or not: for what stood there before it was closed."""
        taken, whole = self._claimed(self.resources), mask(0, self.frame.total, total=self.frame.total)
        self.although_closed = True
        for site in self.sites:
            for one in self.resources:
                self._set((one, site), whole & ~taken[one])
        self._forget()

    def _set(self, key: tuple[int, int], bits: int) -> None:
        self.free[key] = sent(bits, weeks=len(self.frame.weeks))

    def _forget(self) -> None:
        self._rooms.clear()
        self._staffed.clear()

    def stays_of(
        self, practitioners: Collection[int], within: Period | None = None
    ) -> ReadStatement[dict[int, list[Stay]]]:
        """Ask where practitioners have patients now, but for the visit that moves."""
        return stays(practitioners, within or self.frame.period, at=self.at, without=self.moving)

    def travels(self, site: int) -> bool:
        """Whether a practitioner may have to come to a visit at a site from another one."""
        return bool(self.plan.features and self.catalogue.travel.get(site))

    def load_unmade(self) -> None:
        """Count sheets that nobody has made yet as open by the calendars, as whoever books makes them."""
        missing = sheet_rows.missing(self.resources, self.frame.weeks)
        if not missing:
            return
        weeks, taken = self.frame.weeks, self._claimed({sheet.resource for sheet in missing})
        hours = open_hours({sheet.calendar for sheet in missing}, weeks)
        for sheet in missing:
            key, open_ticks = (sheet.resource, sheet.site), hours.ticks(sheet.calendar, sheet.week)
            shift = TICKS_A_WEEK * (len(weeks) - 1 - weeks.index(sheet.week))
            bits = self.narrowed.unmade(key, open_ticks, self.frame, shift)
            self.unmade[key] = self.unmade.get(key, 0) | bits
            self._set(key, self.of(*key) | bits & ~taken[sheet.resource])

    def each_in_hours(self) -> Iterator[tuple[Offer, int]]:
        """Yield each offer with the starts at which its practitioner works for whoever asks, in one query for all."""
        yield from ((offer, self._in_hours(ticks)) for offer, ticks in self._within_hours(self.offers))

    def within_hours(self, offer: Offer) -> int:
        """Return the ticks in which the practitioner works for whoever asks, taken or not."""
        return next(ticks for _offer, ticks in self._within_hours([offer]))

    def _within_hours(self, offers: Collection[Offer]) -> Iterator[tuple[Offer, int]]:
        hands, sites = [offer.hands for offer in offers], {offer.site for offer in offers}
        (hours,) = read_together(
            free_time.read(hands, self.frame.weeks, sites, all_open=True, audiences=self.narrowed.usable)
        )
        for offer in offers:
            key = (offer.hands, offer.site)
            yield offer, number(hours.get(key, b"")) | self.unmade.get(key, 0) | self.narrowed.mine(offer)

    def _claimed(self, resources: Collection[int]) -> dict[int, int]:
        """Return the ticks that claims take, on whichever site's sheets they are marked."""
        taken: dict[int, int] = defaultdict(int)
        rows = Claim.objects.filter(resource__in=resources, retired_at=None)
        rows = rows.exclude(expires_at__lte=self.at)
        rows = rows.exclude(allocation__in=self.moving) if self.moving else rows
        stretch = (self.frame.start, self.frame.end)
        for resource, period in rows.filter(period__overlap=stretch).values_list("resource", "period"):
            taken[resource] |= self.frame.between(period.lower, period.upper)
        return taken

    @cached_property
    def asks_presence(self) -> bool:
        """Whether it matters where practitioners have other patients."""
        return any(self.catalogue.spread(site) or self.travels(site) for site in self.sites)

    @cached_property
    def sites(self) -> list[int]:
        """The sites of the offers."""
        return sorted({offer.site for offer in self.offers})

    @cached_property
    def resources(self) -> set[int]:
        """Every resource that could be part of the visit."""
        found = {r for offer in self.offers for r in (offer.hands, *offer.lanes)}
        for site in self.sites:
            found |= self.catalogue.places(self.plan, site, self.audience.needs, at=self.at)
            for pool in self.plan.pools:
                found.update(unit.resource for unit in self.catalogue.units.get((site, pool), ()))
        return found

    def of(self, resource: int, site: int) -> int:
        """Return the free ticks of a resource at a site."""
        free, shut = number(self.free.get((resource, site), b"")), self._shut(site)
        return free & ~number(shut[resource]) if resource in shut else free

    def _shut(self, site: int) -> Mapping[int, bytes]:
        return {} if self.although_closed else self.narrowed.shut(site, self.frame)

    def _stack(self, resources: Iterable[int], site: int) -> int:
        """Return the free ticks of resources at a site, a row each."""
        closed = sent(0, weeks=len(self.frame.weeks))
        each, rows = list(resources), self.rows
        free = rows.joined([self.free.get((one, site), closed) for one in each])
        shut = self._shut(site)
        return free if shut.keys().isdisjoint(each) else free & ~rows.joined([shut.get(one, closed) for one in each])

    @property
    def rows(self) -> Rows:
        """How the starts of several offers lie in one integer."""
        return Rows(self.frame.total, self.plan.tick_plan.contact)

    def hands(self, *offers: Offer) -> int:
        """Return the starts for which the practitioner's hands are free and within hours.

        Here and below: of offers at one site, a row each; of one offer, its starts.
        """
        return with_hands(self._stack([offer.hands for offer in offers], offers[0].site), self.plan.tick_plan)

    def lanes(self, *offers: Offer) -> int:
        """Return the starts for which the practitioner can stay nearby."""
        by_lane = zip_longest(*(offer.lanes for offer in offers), fillvalue=0)  # 0: no resource, never free
        return with_lanes([self._stack(lanes, offers[0].site) for lanes in by_lane], self.plan.tick_plan)

    def rooms(self, site: int, suite: str | None = None) -> int:
        """Return the starts for which a suitable place (of a suite) and all devices are free."""
        key = (site, suite, self.frame.total)
        if key not in self._rooms:
            self._rooms[key] = self.places(site, suite) & self.devices(site)
        return self._rooms[key]

    def bays(self, site: int) -> tuple[Bay, ...]:
        """Return the places of a site that have what the visit, and whoever asks, need; the least capable first."""
        if site not in self._bays:
            self._bays[site] = self.catalogue.suitable(self.plan, site, self.audience.needs, at=self.at)
        return self._bays[site]

    def places(self, site: int, suite: str | None = None) -> int:
        """Return the starts for which a suitable place (of a suite) is free, turnover and airing included."""
        if not self.plan.features:
            return -1
        if suite is None and self.catalogue.spread(site):
            return reduce(or_, (self.places(site, one) for one in self.catalogue.suites[site]))
        bays = [bay for bay in self.bays(site) if suite in (None, bay.suite)]
        if not self.plan.fills_room:
            free = self._stack([bay.resource for bay in bays], site)
            return self.rows.any(erode(free, self.plan.tick_plan.place), len(bays))
        whole = {b.room: [self.of(r, site) for r in self.catalogue.rooms[b.room]] for b in bays}
        return with_rooms(whole, self.plan.tick_plan.place)

    def devices(self, site: int) -> int:
        """Return the starts for which a unit of every pool is free, reprocessing included."""
        starts = -1
        for pool in self.plan.pools:
            units = self.catalogue.units.get((site, pool), ())
            long = [erode(self.of(u.resource, site), self.plan.tick_plan.patient + u.reprocess) for u in units]
            starts &= reduce(or_, long, 0)
        return starts

    def near(self, *offers: Offer) -> int:
        """Return the starts with a place for which the practitioner's other patients are in the same suite."""
        site, rows = offers[0].site, self.rows
        anywhere = rows.repeated(self.rooms(site), len(offers))
        if not (self.plan.features and self.catalogue.spread(site)):
            return anywhere
        without = self._without_patients(*offers)
        alone = reduce(and_, without.values(), anywhere)  # in whichever suite: no patient is in any
        in_suites = (
            rows.repeated(self.rooms(site, suite), len(offers)) & _but(without, (site, suite))
            for there, suite in without
            if there == site and suite in self.catalogue.suites[site]
        )
        return reduce(or_, in_suites, alone)

    def never_outside(self, suite: Suite, offer: Offer) -> int:
        """Return the starts during which the practitioner has no patient outside of `suite`."""
        return _but(self._without_patients(offer), suite)

    def _without_patients(self, *offers: Offer) -> dict[Suite, int]:
        """Return by suite the starts during which the practitioner has no patient there."""
        # Suite by suite, of all practitioners at once: most have patients in few of many suites.
        return {
            suite: self._in_contact([of.get(offer.practitioner.id, 0) for offer in offers])
            for suite, of in self.present.items()
        }

    def _in_contact(self, unfit: Sequence[int]) -> int:
        """Return the starts of visits whose contact touches none of the unfit ticks; a row for each offer."""
        fit = self.rows.repeated(-1, len(unfit)) & ~self.rows.stacked(unfit)
        return erode(fit, max(self.plan.tick_plan.contact, 1))

    def in_time(self, *offers: Offer) -> int:
        """Return the starts for which the practitioner comes in time from other sites, and goes there in time."""
        site = offers[0].site
        if not self.travels(site):
            return -1
        travel, on_the_way = self.catalogue.travel[site], []
        for offer in offers:
            periods = away(self.stays.get(offer.practitioner.id, ()), site=site, travel=travel)
            on_the_way.append(reduce(or_, (self.frame.touched(*period) for period in periods), 0))
        return self._in_contact(on_the_way)

    def while_open(self, site: int) -> int:
        """Return the starts for which neither the site nor the therapy there is closed."""
        closed = self.catalogue.closed_for(site, self.plan.therapy)
        shut = reduce(or_, (self.frame.touched(*one.within(self.frame.period)) for one in closed), 0)
        return self._in_contact([shut]) if closed else -1

    def offers_at(self, site: int) -> list[Offer]:
        """Return them in the order of the rows of `starts`."""
        return [offer for offer in self.offers if offer.site == site]

    def starts(self, site: int) -> int:
        """Return all starts of the offers at a site in the weeks read so far, a row each."""
        offers = self.offers_at(site)
        return self._staffed_at(site, offers) & self.near(*offers) & self.in_time(*offers)

    def _staffed_at(self, site: int, offers: Sequence[Offer]) -> int:
        """Return the starts of the offers at a site for which practitioners have time, wherever they are."""
        key = (site, self.frame.total)
        if key not in self._staffed:
            given = self.rows.repeated(self.while_open(site), len(offers))
            self._staffed[key] = given & self.hands(*offers) & self.lanes(*offers)
        return self._staffed[key]


def _but(starts: Mapping[Suite, int], suite: Suite) -> int:
    """Return the starts that are among those of every suite but one."""
    return reduce(and_, (found for other, found in starts.items() if other != suite), -1)

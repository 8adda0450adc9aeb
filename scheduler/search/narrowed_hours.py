"""Hours that are open to some alone, by their audience or by a block: which of them whoever asks may use."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, reduce
from operator import or_
from uuid import UUID

from core.database.round_trip import ReadStatement, read_together
from scheduler.audience import Audience
from scheduler.calendars.block_times import PREFIX
from scheduler.calendars.hours import Period
from scheduler.calendars.open_hours import OpenTicks
from scheduler.catalogue import Catalogue, Offer, Plan
from scheduler.catalogue.block_cards import Occurrence
from scheduler.search.block_access import BlockAccess, ticks_of, words
from scheduler.search.block_room import how_many
from scheduler.search.frames import Frame
from scheduler.sheets import free_time
from scheduler.sheets.free_time import Alone
from scheduler.sheets.sql import BYTES_A_WEEK, number, sent
from scheduler.ticks import mask

CLOSED = bytes(BYTES_A_WEEK)


@dataclass
class NarrowedHours:
    """What stands under names in the sheets of the practitioners of some offers.

    `alone`: of their hands at a site, by audience, the ticks of the weeks read so far. What of a block is everyone's by
    now stands under no word, and what whoever asks may not use of it under its own name.
    """

    catalogue: Catalogue
    plan: Plan
    offers: list[Offer]
    audience: Audience
    at: datetime
    alone: dict[tuple[int, int], dict[str, int]] = field(default_factory=dict)
    _shuts: bool = False
    _hours: Alone = field(default_factory=dict)
    _shut: dict[int, dict[int, bytes]] = field(default_factory=dict)
    _full: dict[tuple[int, int], list[Occurrence]] = field(default_factory=lambda: defaultdict(list))

    @cached_property
    def access(self) -> BlockAccess:
        """Which blocks whoever asks may use."""
        return BlockAccess(self.catalogue, self.plan, self.offers, self.audience, at=self.at)

    @cached_property
    def sites(self) -> list[int]:
        """The sites of the offers."""
        return sorted({offer.site for offer in self.offers})

    @cached_property
    def audiences(self) -> dict[str, list[int]]:
        """By audience: the sites where some hours are open to it alone."""
        found: dict[str, list[int]] = defaultdict(list)
        for site in self.sites:
            for audience in sorted(self.catalogue.audiences.get(site, ())):
                found[audience].append(site)
        return dict(found)

    @cached_property
    def usable(self) -> dict[str, list[int]]:
        """The audiences of which whoever asks is one, each with the sites where they are."""
        found = {
            # A patient of the program at one site is a stranger to that at another.
            audience: [site for site in sites if self.audience.may_use(site, audience)]
            for audience, sites in self.audiences.items()
        }
        return {audience: sites for audience, sites in found.items() if sites}

    def usable_at(self, site: int, frame: Frame) -> dict[str, Sequence[Period] | None]:
        """Return the names of the time at a site that whoever asks may use: wherever it is, or in these periods."""
        found: dict[str, Sequence[Period] | None] = {
            audience: None for audience, sites in self.usable.items() if site in sites
        }
        here = self.access.by_token(self._usable_at(site, frame))
        found.update((token, [one.period for one in some]) for token, some in here.items())
        return found

    def _usable_at(self, site: int, frame: Frame) -> list[Occurrence]:
        """Return the occurrences at a site in which whoever asks may book, or of which they may use the places."""
        mine = [one for one in self._with_room(frame) if one.block.site == site]
        # Of places it matters neither whose time they are kept with, nor how many are treated in it.
        return [*mine, *(one for one in self.access.with_places(site, frame) if one not in mine)]

    def _with_room(self, frame: Frame) -> list[Occurrence]:
        """Return the occurrences in a frame in which whoever asks may book and that are not full."""
        if not frame.weeks:
            return []
        return [one for one in self.access.usable(*frame.period) if not self.access.is_full(one)]

    def statement(self, weeks: Sequence[date]) -> ReadStatement[Alone] | None:
        """Ask in further weeks for the hours that are open to some alone: nothing where nothing is."""
        return self._alone_in(weeks, blocks=False) if weeks and self.audiences else None

    def _alone_in(self, weeks: Sequence[date], *, blocks: bool) -> ReadStatement[Alone]:
        resources = {offer.hands for offer in self.offers}
        if self.access.sites:
            resources |= self._owners.keys()
        return free_time.read_alone(resources, weeks, self.sites, blocks=blocks)

    @cached_property
    def _owners(self) -> dict[int, int]:
        """By resource: the practitioner whose hands or lane it is."""
        return {one: offer.practitioner.id for offer in self.offers for one in (offer.hands, *offer.lanes)}

    def note(self, alone: Alone | None, weeks: Sequence[date]) -> None:
        """Note what further weeks have for some alone."""
        self._add_alone(alone or {}, Frame(tuple(weeks)).total)
        self._shut.clear()

    def opens_until(self, weeks: Sequence[date]) -> date | None:
        """Return the last week in which anything of what blocks keep is open to whoever asks; None where nothing is.

        As far as that all of it is read as free: what is not open to them has to be left out.
        """
        found = self.access.opens_until(weeks)
        self._shuts = self._shuts or found is not None
        return found

    def shut(self, site: int, frame: Frame) -> Mapping[int, bytes]:
        """Return by resource the ticks of a frame that blocks keep from whoever asks, or that are full."""
        if not self._shuts or site not in self.access.sites:
            return {}
        if site not in self._shut:
            self._shut[site] = self._shut_at(site, frame)
        return self._shut[site]

    def _shut_at(self, site: int, frame: Frame) -> dict[int, bytes]:
        weeks = [self.access.in_week(site, week).shut for week in frame.weeks]
        by_practitioner = {who: b"".join([shut.get(who, CLOSED) for shut in weeks]) for who in set().union(*weeks)}
        for (who, where), full in self._full.items():
            if where == site:
                bits = number(by_practitioner.get(who, b"")) | ticks_of(full, frame)
                by_practitioner[who] = sent(bits, weeks=len(frame.weeks))
        found = {one: by_practitioner[who] for one, who in self._owners.items() if who in by_practitioner}
        places = [self.access.in_week(site, week).shut_places for week in frame.weeks]
        found |= {one: b"".join([shut.get(one, CLOSED) for shut in places]) for one in set().union(*places)}
        for resource, where in self._hours if self.usable else ():
            # Hours of an audience go before blocks: theirs they are, whatever a block keeps around them.
            if where == site and resource in found:
                bits = number(found[resource]) & ~self._mine_alone(resource, site)
                found[resource] = sent(bits, weeks=len(frame.weeks))
        return found

    def _mine_alone(self, resource: int, site: int) -> int:
        known = self._hours.get((resource, site), {})
        return reduce(or_, (bits for name, bits in known.items() if site in self.usable.get(name, ())), 0)

    def count(self, free: free_time.Free, weeks: Sequence[date], frame: Frame, *, moving: Collection[UUID]) -> None:
        """Count who is treated in what blocks keep up to a limit, where anybody is: what is full is not free."""
        if not self.access.sites:
            return
        # Most are known to be empty by the sheets alone.
        visited = self.access.visited(weeks, free, frame)
        if visited:
            (there,) = read_together(how_many(visited, at=self.at, without=moving))
            for one in self.access.count(visited, there):
                self._full[one.block.practitioner, one.block.site].append(one)

    def _add_alone(self, more: Alone, width: int) -> None:
        """Note which of the practitioners' further hours are open to one audience alone."""
        for key in self.alone.keys() | more.keys():
            now, new = self.alone.get(key, {}), more.get(key, {})
            self.alone[key] = {one: now.get(one, 0) << width | new.get(one, 0) for one in now.keys() | new.keys()}
        self._hours = {key: dict(of) for key, of in self.alone.items()}

    def read_again(self, frame: Frame) -> None:
        """Read anew which hours are open to some alone, also where there were none a moment ago."""
        (found,) = read_together(self._alone_in(frame.weeks, blocks=True))
        by_token = self.access.by_token(self._with_room(frame))
        self.alone = {}
        for key, of in found.items():
            for name, bits in of.items():
                self._note_under(name, key, bits, by_token.get(name, ()), frame)

    def _note_under(self, name: str, key: tuple[int, int], bits: int, mine: Sequence[Occurrence], frame: Frame) -> None:
        """Note ticks under the name that they have on a sheet; those of `mine` under the words for people."""
        whole = ticks_of(mine, frame)
        named = words(mine, self.access, frame)
        everyones = whole & ~reduce(or_, named.values(), 0)
        _add_words(self.alone, key, bits, {**named, "": everyones, name: ~whole})

    def unmade(self, key: tuple[int, int], ticks: OpenTicks, frame: Frame, shift: int) -> int:
        """Return what of a week that nobody has laid out yet is open to whoever asks; note what is open to some."""
        _, site = key
        bits = ticks.everyone << shift
        here = self._usable_at(site, frame) if key[0] not in self._owners else self._with_room(frame)
        by_token = self.access.by_token(one for one in here if one.block.site == site)
        for name, alone in ticks.alone:
            mine = by_token.get(name, [])
            whole = site in self.usable.get(name, ())
            bits |= (alone << shift) & (-1 if whole else ticks_of(mine, frame))
            self._note_under(name, key, alone << shift, mine, frame)
            if whole:
                _add_words(self._hours, key, alone << shift, {name: -1})
        return bits

    @property
    def says_for_whom(self) -> bool:
        """Whether some of the time may be open to some alone."""
        return bool(self.alone or self.access.sites)

    def only_for(self, offer: Offer, start: int, frame: Frame) -> str:
        """Return the audience to which alone a visit's time is open, from a tick on; empty for everyone."""
        total, known = frame.total, dict(self.alone.get((offer.hands, offer.site), {}))
        if kept := self.access.narrowed_occurrences(offer, frame.weeks):
            # Of a block what no hours of an audience, and nothing that was read anew, say otherwise.
            rest = ~reduce(or_, known.values(), 0)
            for word, bits in words(kept, self.access, frame).items():
                known[word] = known.get(word, 0) | bits & rest
        if not known:
            return ""
        # Of any part of it: a visit that begins in everybody's hours and ends in others' needs both.
        for first, length in sorted((*self.plan.tick_plan.hands, *self.plan.tick_plan.nearby)):
            needed = mask(start + first, start + first + length, total=total)
            for audience, bits in sorted(known.items()):
                if audience and bits & needed:
                    return audience
        return ""

    def mine(self, offer: Offer) -> int:
        """Return the ticks of an offer that are open to some alone of whom whoever asks is one, or to all by now."""
        known = self.alone.get((offer.hands, offer.site), {})
        return reduce(or_, (bits for name, bits in known.items() if self._may_use(offer.site, name)), 0)

    def theirs(self, offer: Offer) -> dict[str, int]:
        """Return by name the hours of an offer that are open only to audiences that whoever asks is not of."""
        known = self.alone.get((offer.hands, offer.site), {})
        return {name: bits for name, bits in known.items() if not self._may_use(offer.site, name)}

    def _may_use(self, site: int, name: str) -> bool:
        # What whoever asks may use of a block stands under a word; under its own name stands the rest.
        if name.startswith(PREFIX):
            return self.audience.sets_rules_aside
        return not name or self.audience.may_use(site, name)

    def full(self, needed: int, frame: Frame) -> bool:
        """Whether one of the occurrences that touch these ticks has no room for one more, and is open otherwise."""
        usable = self.access.usable(*frame.period) if self.access.sites else ()
        return any(self.access.is_full(one) and frame.between(*one.period) & needed for one in usable)

    def opens_at(self, offer: Offer, needed: int, frame: Frame) -> datetime | None:
        """Return from when on whoever asks may book these ticks of an offer; None where that never comes."""
        theirs = {name: bits for name, bits in self.theirs(offer).items() if bits & needed}
        touched = [one for one in self.access.around(*frame.period) if frame.between(*one.period) & needed]
        mine = [one for one in touched if one.block.site == offer.site and one.token in theirs]
        # Hours of another audience open to nobody else by themselves; of what was decided just now nothing is known.
        covered = ticks_of(mine, frame)
        if not mine or any(bits & needed & ~covered for bits in theirs.values()):
            return None
        return max(self.access.opens_at(one) for one in mine)


def _add_words(alone: Alone, key: tuple[int, int], bits: int, named: Mapping[str, int]) -> None:
    """Note by word those of the bits of a sheet that are open to whom it means."""
    for word, ticks in named.items():
        if bits & ticks:
            of = alone.setdefault(key, {})
            of[word] = of.get(word, 0) | bits & ticks

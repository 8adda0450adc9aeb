"""Which time that programs keep for families whoever asks may use: worked out as it is read, by the clock alone."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property

from scheduler.audience import Audience, ReleaseStage, word_of
from scheduler.catalogue import Catalogue, Offer, Plan
from scheduler.catalogue.block_cards import Occurrence
from scheduler.catalogue.block_weeks import BlockAsker, WeekAccess
from scheduler.catalogue.blocks import SiteBlocks
from scheduler.release import stage_at
from scheduler.search.block_room import NOBODY, There, Visited, has_room, visited
from scheduler.search.frames import Frame
from scheduler.sheets.free_time import Free, Stretch
from scheduler.sheets.sql import BYTES_A_WEEK


class BlockAccess:
    """The occurrences of blocks that matter to a visit of some offers, and which of them whoever asks may use."""

    def __init__(
        self, known: Catalogue, plan: Plan, offers: Sequence[Offer], audience: Audience, *, at: datetime
    ) -> None:
        self.known, self.plan, self.audience, self.at = known, plan, audience, at
        self.offers = {(offer.site, offer.practitioner.id): offer for offer in offers}
        self._usable: dict[tuple[datetime, datetime], list[Occurrence]] = {}
        self._there: dict[tuple[int, datetime], There] = {}
        self._with: dict[tuple[int, datetime], dict[Hashable, timedelta]] = defaultdict(dict)

    @cached_property
    def sites(self) -> list[int]:
        """The sites of the offers that have blocks: most have none, and nothing is asked there."""
        return sorted({site for site, _ in self.offers if site in self.known.blocks})

    def around(self, start: datetime, end: datetime) -> Iterator[Occurrence]:
        """Yield the occurrences that touch [start, end) of whoever offers the visit, not opened by hand, none past."""
        for site in self.sites:
            for one in self.known.blocks[site].between(max(start, self.at), end):
                if one.token and (site, one.block.practitioner) in self.offers:
                    yield one

    def usable(self, start: datetime, end: datetime) -> list[Occurrence]:
        """Return those in [start, end) in which whoever asks may book, full or not."""
        if (start, end) not in self._usable:
            near = self.around(start, min(end, self._farthest))
            self._usable[start, end] = [one for one in near if self.may_use(one)]
        return self._usable[start, end]

    def with_places(self, site: int, frame: Frame) -> list[Occurrence]:
        """Return those at a site of which whoever asks may use the places, whosever time they are kept with."""
        if site not in self.sites or not self.known.blocks[site].places or not frame.weeks:
            return []
        around = self.known.blocks[site].between(*frame.period)
        return [one for one in around if one.token and one.block.places and self.may_use(one)]

    def keeps_place(self, site: int, places: Collection[int], start: datetime, end: datetime) -> list[Occurrence]:
        """Return the occurrences in [start, end) that keep one of some places, by their resources, for some alone."""
        if site not in self.sites or self.known.blocks[site].places.isdisjoint(places):
            return []
        around = self.known.blocks[site].between(start, end)
        return [one for one in around if one.token and self.word(one) and not one.block.places.isdisjoint(places)]

    @cached_property
    def _farthest(self) -> datetime:
        """From when on nothing is open to whoever asks yet: strangers need not look far."""
        longest = max((self._longest(site) for site in self.sites), default=timedelta(0))
        far = timedelta(days=400)  # farther than anything is laid out
        return self.at + min(longest, far)

    def _longest(self, site: int) -> timedelta:
        blocks = self.known.blocks[site]
        stages = {self.audience.stage_in(site, program) for program in blocks.programs}
        return max(
            (timedelta.max if one is None else blocks.longest_before[one] for one in stages), default=timedelta()
        )

    def may_use(self, one: Occurrence) -> bool:
        """Whether whoever asks is of those to whom an occurrence is open at this moment, for this therapy."""
        return self.asker[one.block.site].opens_at(one) <= self.at

    def opens_at(self, one: Occurrence) -> datetime:
        """Return from when on whoever asks may book in an occurrence."""
        return self.asker[one.block.site].opens_at(one)

    def word(self, one: Occurrence) -> str:
        """Return to whom an occurrence is open at this moment; empty for everyone."""
        if one.opens[-1] <= self.at:
            return ""
        return word_of(stage_at(one.opens, self.at) or ReleaseStage.FAMILIES, one.block.program)

    def limited(self, one: Occurrence) -> bool:
        """Whether only so many are treated in an occurrence, as long as it is not everyone's."""
        return one.block.limited and one.opens[ReleaseStage.EVERYONE] > self.at and not self.audience.sets_rules_aside

    @cached_property
    def asker(self) -> Mapping[int, BlockAsker]:
        """By site: how whoever asks comes into the blocks there."""
        return {site: self._asker(site, self.known.blocks[site]) for site in self.sites}

    def _asker(self, site: int, blocks: SiteBlocks) -> BlockAsker:
        stages = tuple((program, self.audience.stage_in(site, program)) for program in sorted(blocks.programs))
        therapy = self.plan.therapy if blocks.differ_by_therapy else ""
        return BlockAsker(stages, therapy, self.audience.sets_rules_aside)

    def in_week(self, site: int, week: date) -> WeekAccess:
        """Return what of a site's blocks is open to whoever asks in a UTC week."""
        return self.known.blocks[site].access_in(week, self.asker[site], at=self.at)

    def opens_until(self, weeks: Sequence[date]) -> date | None:
        """Return the last of some weeks in which anything of what blocks keep is open to whoever asks, if any is."""
        open_then = (week for week in reversed(weeks) if any(self.in_week(site, week).opens_any for site in self.sites))
        return next(open_then, None)

    def narrowed_occurrences(self, offer: Offer, weeks: Iterable[date]) -> list[Occurrence]:
        """Return the occurrences of an offer in these weeks that are not everyone's yet."""
        if offer.site not in self.sites:
            return []
        return [one for week in weeks for one in self.in_week(offer.site, week).kept.get(offer.practitioner.id, ())]

    @cached_property
    def _resources(self) -> dict[int, dict[int, tuple[int, ...]]]:
        """By site and practitioner: their hands and lanes."""
        found: dict[int, dict[int, tuple[int, ...]]] = defaultdict(dict)
        for (site, who), offer in self.offers.items():
            found[site][who] = (offer.hands, *offer.lanes)
        return found

    def visited(self, weeks: Sequence[date], read: Free, frame: Frame) -> list[Visited]:
        """Return the occurrences in some weeks that are open to whoever asks up to a limit, and are not quite free."""
        found: dict[int, Visited] = {}
        for site in self.sites:
            free = {resource: ticks for (resource, where), ticks in read.items() if where == site}
            for week in weeks:
                since = BYTES_A_WEEK * frame.weeks.index(week)
                for one in visited(self.in_week(site, week).limited, self._resources[site], free, since=since):
                    # One that lies in two weeks is one: taken as a whole, it does no harm to ask too much.
                    known = found.setdefault(id(one.occurrence), one)
                    if known is not one:
                        known.resources = known.longer = [*{*known.resources, *one.resources}]
        return [one for one in found.values() if one.occurrence.end > self.at]

    def count(self, visited: Sequence[Visited], there: Sequence[There]) -> list[Occurrence]:
        """Note how many are treated in occurrences; return those that are full, so that this visit is one too many."""
        contact, full = self.plan.contact, []
        for one, (people, lasting) in zip((each.occurrence for each in visited), there, strict=True):
            self._there[one.block.id, one.start] = people, lasting
            if not has_room(one, (people + 1, lasting + contact)):
                full.append(one)
        return full

    def note_with(self, stretches: Iterable[Stretch], offer: Offer) -> list[Occurrence]:
        """Note whom a visit that is claimed together with this one adds; return the occurrences that are full then."""
        mine = [one for one in stretches if one.resource in (offer.hands, *offer.lanes)]
        if not mine or not self.sites:
            return []
        since, until = min(one.start for one in mine), max(one.end for one in mine)
        touched = [one for one in self.around(since, until) if one.block.practitioner == offer.practitioner.id]
        for one in touched:
            self._with[one.block.id, one.start][offer.hands, since] = until - since
        return [one for one in touched if self.is_full(one)]

    def limited_in(self, start: datetime, end: datetime, offer: Offer) -> list[Occurrence]:
        """Return the occurrences of an offer in [start, end) in which whoever asks books up to a limit."""
        usable = self.usable(start, end) if self.sites else []
        return [one for one in usable if self.limited(one) and one.block.practitioner == offer.practitioner.id]

    def has_room_beside(self, one: Occurrence, contacts: Sequence[timedelta]) -> bool:
        """Whether an occurrence has room for more of these contacts, beside those noted before."""
        people, lasting = self._there.get((one.block.id, one.start), NOBODY)
        more = [*self._with[one.block.id, one.start].values(), *contacts]
        return has_room(one, (people + len(more), sum(more, lasting)))

    def is_full(self, one: Occurrence) -> bool:
        """Whether as many are treated in an occurrence as shall be, so that this visit is one too many."""
        return self.limited(one) and not self.has_room_beside(one, [self.plan.contact])

    def by_token(self, occurrences: Iterable[Occurrence]) -> dict[str, list[Occurrence]]:
        """Return occurrences by their name on the sheets."""
        found: dict[str, list[Occurrence]] = defaultdict(list)
        for one in occurrences:
            found[one.token].append(one)
        return found


def ticks_of(occurrences: Iterable[Occurrence], frame: Frame) -> int:
    """Return the ticks of a frame that occurrences cover."""
    bits = 0
    for one in occurrences:
        bits |= frame.between(one.start, one.end)
    return bits


def words(occurrences: Iterable[Occurrence], access: BlockAccess, frame: Frame) -> Mapping[str, int]:
    """Return by word to whom alone occurrences are open now, with their ticks; without those that are everyone's."""
    found: dict[str, int] = {}
    for one in occurrences:
        if word := access.word(one):
            found[word] = found.get(word, 0) | frame.between(one.start, one.end)
    return found

"""Blocks as values: whose time is narrowed to whom, occurrence by occurrence, worked out once for each week."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from core.database.compiled import CompiledQuery
from scheduler.audience import ReleaseStage
from scheduler.calendars.block_times import BlockTimes, all_blocks, blocks_of
from scheduler.calendars.hours import DAY, Period
from scheduler.models import FamilyBlock, Program
from scheduler.models.blocks import CapacityUnit
from scheduler.release import Opening, Release, opening, releases
from scheduler.ticks import WEEK, midnight

LONGEST = DAY
"""What begins on a day is over by the end of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockCard:
    """A block as searches and claims need it. Without `therapies` anything is given, without `people` anybody fits.

    `people` and `minutes`: how many are treated in an occurrence at most, or for how long all of them together.
    """

    id: int
    program: str
    practitioner: int
    site: int
    therapies: frozenset[str] | None
    people: int | None
    minutes: int | None
    policy: tuple[Release, ...]
    times: BlockTimes

    @property
    def limited(self) -> bool:
        """Whether so many are treated in an occurrence and no more."""
        return self.people is not None or self.minutes is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """A block on one day: until it is open to everyone, only those book in it who `opens` lets in by then.

    `token`: its name on the week sheets; empty where it was opened to everyone by hand.
    """

    block: BlockCard
    start: datetime
    end: datetime
    opens: Opening
    token: str

    @property
    def period(self) -> Period:
        """When it takes place, UTC."""
        return self.start, self.end

    def suits(self, therapy: str) -> bool:
        """Whether a therapy is given meanwhile, as long as it is not open to everyone."""
        return self.block.therapies is None or therapy in self.block.therapies


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteBlocks:
    """The blocks of a site; occurrences are worked out when a week is first asked for."""

    zone: ZoneInfo
    cards: tuple[BlockCard, ...]
    longest_before: Mapping[ReleaseStage, timedelta]
    """How long before its start an occurrence is open to a stage at most: nobody need look farther ahead."""
    programs: frozenset[str]
    _weeks: dict[date, tuple[Occurrence, ...]] = field(default_factory=dict, compare=False, repr=False)

    def in_week(self, week: date) -> tuple[Occurrence, ...]:
        """Return the occurrences that begin in a UTC week, by start."""
        if week not in self._weeks:
            self._weeks[week] = tuple(sorted(self._found(week), key=lambda one: (one.start, one.block.id)))
        return self._weeks[week]

    def _found(self, week: date) -> Iterator[Occurrence]:
        first, last = midnight(week), midnight(week + WEEK)
        for card in self.cards:
            for start, end in card.times.occurrences(zone=self.zone, first_on=week - DAY, last_on=week + WEEK):
                if first <= start < last:
                    yield occurrence(card, start, end, zone=self.zone)

    def between(self, start: datetime, end: datetime) -> Iterator[Occurrence]:
        """Yield the occurrences that touch [start, end), by start."""
        week = week_before(start)
        while midnight(week) < end:
            yield from (one for one in self.in_week(week) if one.start < end and start < one.end)
            week += WEEK


def week_before(start: datetime) -> date:
    """Return the UTC week in which what goes on at `start` may have begun."""
    day = (start - LONGEST).date()
    return day - timedelta(days=day.weekday())


def occurrence(card: BlockCard, start: datetime, end: datetime, *, zone: ZoneInfo) -> Occurrence:
    """Return a block's occurrence with who may book in it from when on."""
    times = card.times
    released = times.released_at(start)
    opens = opening(card.policy, start, zone=zone, postponed=times.postponed(start))
    if released is not None:
        opens = tuple(min(at, released) for at in opens)
    return Occurrence(block=card, start=start, end=end, opens=opens, token=times.token(start))


PROGRAM_THERAPIES = CompiledQuery(
    lambda: Program.therapies.through.objects.values_list("program", "therapy__key").order_by("pk")
)
BLOCK_THERAPIES = CompiledQuery(
    lambda: FamilyBlock.therapies.through.objects.values_list("familyblock", "therapy__key").order_by("pk")
)
CARDS = CompiledQuery(lambda: FamilyBlock.objects.select_related("program").order_by("pk"))


def read_blocks(zones: Mapping[int, str]) -> dict[int, SiteBlocks]:
    """Return by site (its id, of those with a zone) the blocks there; most sites have none."""
    times = {one.id: one for one in all_blocks()}
    if not times:
        return {}
    of_programs, own = _keys(PROGRAM_THERAPIES.tuples()), _keys(BLOCK_THERAPIES.tuples())
    by_site: dict[int, list[BlockCard]] = defaultdict(list)
    for block in CARDS.rows():
        if block.pk in times:  # what was entered between the two questions changes the stamp, and is read then
            therapies = own.get(block.pk) or of_programs.get(block.program_id)
            by_site[block.site_id].append(block_card(block, times[block.pk], therapies))
    return {site: site_blocks(ZoneInfo(zones[site]), cards) for site, cards in by_site.items() if site in zones}


def block_card(block: FamilyBlock, times: BlockTimes, therapies: frozenset[str] | None) -> BlockCard:
    """Return a block, which needs its program, as searches and claims need it."""
    persons = block.capacity_unit == CapacityUnit.PERSONS
    return BlockCard(
        id=block.pk,
        program=block.program.key,
        practitioner=times.practitioner,
        site=times.site,
        therapies=therapies,
        people=block.capacity if persons else None,
        minutes=None if persons else block.capacity,
        policy=releases(block.release_policy),
        times=times,
    )


def occurrence_now(block: FamilyBlock, start: datetime) -> Occurrence | None:
    """Return the occurrence of a block that begins then, by the rows as they stand; None where none does.

    For whoever holds the block locked: the catalogue of this unit may be older.
    """
    (times,) = (one for one in blocks_of([block.practitioner_id], [block.site_id]) if one.id == block.pk)
    zone = ZoneInfo(block.site.zone)
    day = start.astimezone(zone).date()
    card = block_card(block, times, None)
    for begins, ends in times.occurrences(zone=zone, first_on=day, last_on=day):
        if begins == start:
            return occurrence(card, begins, ends, zone=zone)
    return None


def site_blocks(zone: ZoneInfo, cards: list[BlockCard]) -> SiteBlocks:
    """Return the blocks of a site."""
    longest = {
        stage: max((one.longest_before for card in cards for one in card.policy if one.stage >= stage), default=DAY)
        for stage in ReleaseStage
    }
    programs = frozenset(card.program for card in cards)
    return SiteBlocks(zone=zone, cards=tuple(cards), longest_before=longest, programs=programs)


def _keys(rows: Iterable[tuple[Any, ...]]) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for pk, therapy in rows:
        found[pk].add(therapy)
    return {pk: frozenset(keys) for pk, keys in found.items()}

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
from scheduler.calendars.hours import DAY
from scheduler.catalogue.block_cards import BlockCard, Occurrence, occurrence
from scheduler.catalogue.block_weeks import BlockAsker, WeekAccess, week_access
from scheduler.models import FamilyBlock, Program
from scheduler.models.blocks import CapacityUnit
from scheduler.release import releases
from scheduler.ticks import WEEK, midnight

MOST_KNOWN = 256
"""Weeks, each for one kind of people, of which is kept what they may use: of 200 practitioners 50 kB."""

LONGEST = DAY
"""What begins on a day is over by the end of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteBlocks:
    """The blocks of a site; occurrences are worked out when a week is first asked for."""

    zone: ZoneInfo
    cards: tuple[BlockCard, ...]
    longest_before: Mapping[ReleaseStage, timedelta]
    """How long before its start an occurrence is open to a stage at most: nobody need look farther ahead."""
    programs: frozenset[str]
    differ_by_therapy: bool
    """Whether what is given meanwhile is narrowed anywhere."""
    places: frozenset[int]
    """Resources of which some block keeps something."""
    _weeks: dict[date, tuple[Occurrence, ...]] = field(default_factory=dict, compare=False, repr=False)
    _access: dict[tuple[date, BlockAsker], WeekAccess] = field(default_factory=dict, compare=False, repr=False)

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

    def access_in(self, week: date, asker: BlockAsker, *, at: datetime) -> WeekAccess:
        """Return what of a UTC week is open to somebody: worked out anew once something of it has opened since."""
        known = self._access.get((week, asker))
        if known is None or not known.since <= at < known.until:
            if len(self._access) >= MOST_KNOWN:
                self._access.clear()
            found = self.between(midnight(week), midnight(week + WEEK))
            known = self._access[week, asker] = week_access(found, week, asker, at=at)
        return known

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


PROGRAM_THERAPIES = CompiledQuery(
    lambda: Program.therapies.through.objects.values_list("program", "therapy__key").order_by("pk")
)
BLOCK_THERAPIES = CompiledQuery(
    lambda: FamilyBlock.therapies.through.objects.values_list("familyblock", "therapy__key").order_by("pk")
)
BLOCK_PLACES = CompiledQuery(
    lambda: FamilyBlock.places.through.objects.values_list("familyblock", "place__resource").order_by("pk")
)
CARDS = CompiledQuery(lambda: FamilyBlock.objects.select_related("program").order_by("pk"))


def read_blocks(zones: Mapping[int, str]) -> dict[int, SiteBlocks]:
    """Return by site (its id, of those with a zone) the blocks there; most sites have none."""
    times = {one.id: one for one in all_blocks()}
    if not times:
        return {}
    of_programs, own = _keys(PROGRAM_THERAPIES.tuples()), _keys(BLOCK_THERAPIES.tuples())
    places: dict[int, set[int]] = defaultdict(set)
    for block, place in BLOCK_PLACES.tuples():
        places[block].add(place)
    by_site: dict[int, list[BlockCard]] = defaultdict(list)
    for row in CARDS.rows():
        if row.pk in times:  # what was entered between the two questions changes the stamp, and is read then
            therapies = own.get(row.pk) or of_programs.get(row.program_id)
            by_site[row.site_id].append(block_card(row, times[row.pk], therapies, frozenset(places[row.pk])))
    return {site: site_blocks(ZoneInfo(zones[site]), cards) for site, cards in by_site.items() if site in zones}


def block_card(
    block: FamilyBlock, times: BlockTimes, therapies: frozenset[str] | None, places: frozenset[int]
) -> BlockCard:
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
        places=places,
        times=times,
    )


def occurrence_now(block: FamilyBlock, start: datetime) -> Occurrence | None:
    """Return the occurrence of a block that begins then, by the rows as they stand; None where none does.

    For whoever holds the block locked: the catalogue of this unit may be older.
    """
    (times,) = (one for one in blocks_of([block.practitioner_id], [block.site_id]) if one.id == block.pk)
    zone = ZoneInfo(block.site.zone)
    day = start.astimezone(zone).date()
    card = block_card(block, times, None, frozenset(block.places.values_list("resource", flat=True)))
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
    differ = any(card.therapies is not None for card in cards)
    return SiteBlocks(
        zone=zone,
        cards=tuple(cards),
        longest_before=longest,
        programs=programs,
        differ_by_therapy=differ,
        places=frozenset(place for card in cards for place in card.places),
    )


def _keys(rows: Iterable[tuple[Any, ...]]) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for pk, therapy in rows:
        found[pk].add(therapy)
    return {pk: frozenset(keys) for pk, keys in found.items()}

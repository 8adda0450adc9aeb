"""When blocks take place, and under which name each occurrence stands on the week sheets."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import FilteredRelation, Q

from core.database.compiled import Arguments, CompiledQuery
from scheduler.calendars.hours import Period, Rule, periods
from scheduler.models import FamilyBlock
from scheduler.models.blocks import DecisionKind
from scheduler.release import Postponement

PREFIX = "block-"
"""How the names of blocks begin on the sheets; no audience of hours is called so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionInForce:
    """What was decided about an occurrence and not taken back; without `until` it is open to everybody."""

    id: int
    made_at: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockTimes:
    """The rule of a block, and what was decided about some of its occurrences, by their start."""

    id: int
    version: int
    practitioner: int
    site: int
    rule: Rule
    ended_at: datetime | None = None
    decisions: Mapping[datetime, tuple[DecisionInForce, ...]]

    def occurrences(self, *, zone: ZoneInfo, first_on: date, last_on: date) -> Iterator[Period]:
        """Yield when it takes place on the days [first_on, last_on] of a zone, UTC."""
        for start, end in periods([self.rule], zone=zone, first_on=first_on, last_on=last_on):
            if self.ended_at is None or start < self.ended_at:
                yield start, end

    def released_at(self, start: datetime) -> datetime | None:
        """Return when an occurrence was opened to everybody by hand; None where it was not."""
        return next((one.made_at for one in self.decisions.get(start, ()) if one.until is None), None)

    def postponed(self, start: datetime) -> list[Postponement]:
        """Return how the opening of an occurrence was put off by hand."""
        return [Postponement(one.made_at, one.until) for one in self.decisions.get(start, ()) if one.until is not None]

    def token(self, start: datetime) -> str:
        """Return the name of an occurrence on the sheets; empty where it was opened by hand, and stands for nobody.

        With each edit and each decision it is another: whoever read what was before takes nothing by it.
        """
        if self.released_at(start) is not None:
            return ""
        decided = "".join(f"-{one.id}" for one in self.decisions.get(start, ())[-1:])
        return f"{PREFIX}{self.id}-{self.version}{decided}"


COLUMNS = ("weekday", "starts", "ends", "every_weeks", "valid_from", "valid_to")
FOUND = ("pk", "version", "practitioner", "site", "ended_at", *COLUMNS)
OF_DECISION = ("standing__starts_at", "standing__pk", "standing__kind", "standing__made_at", "standing__until")

# One question for blocks and what was decided about them: it is asked wherever sheets are made or opened anew.
BLOCKS = CompiledQuery(
    lambda: (
        FamilyBlock.objects.filter(practitioner__in=Arguments("people"), site__in=Arguments("sites"))
        .annotate(standing=FilteredRelation("decisions", condition=Q(decisions__undone_at=None)))
        .order_by("pk", "standing__pk")
        .values_list(*FOUND, *OF_DECISION)
    )
)
NAMED_BLOCKS = CompiledQuery(
    lambda: (
        FamilyBlock.objects.filter(pk__in=Arguments("ids"))
        .annotate(standing=FilteredRelation("decisions", condition=Q(decisions__undone_at=None)))
        .order_by("pk", "standing__pk")
        .values_list(*FOUND, *OF_DECISION)
    )
)
KEPT_PLACES = CompiledQuery(
    lambda: (
        FamilyBlock.places.through.objects.filter(place__resource__in=Arguments("places"))
        .order_by("pk")
        .values_list("familyblock", "place__resource")
    )
)
ALL_BLOCKS = CompiledQuery(
    lambda: (
        FamilyBlock.objects.annotate(standing=FilteredRelation("decisions", condition=Q(decisions__undone_at=None)))
        .order_by("pk", "standing__pk")
        .values_list(*FOUND, *OF_DECISION)
    )
)


def blocks_of(people: list[int], sites: list[int]) -> list[BlockTimes]:
    """Return the blocks of practitioners at sites, by their ids."""
    return _understood(BLOCKS.tuples(people=people, sites=sites))


def blocks_by_id(ids: Collection[int]) -> list[BlockTimes]:
    """Return them with the decisions in force; ids of no block are left out."""
    return _understood(NAMED_BLOCKS.tuples(ids=list(ids)))


def places_of_blocks(places: Collection[int]) -> list[tuple[int, int]]:
    """Return which blocks keep which of some places, by their resources: (block, resource)."""
    return [(block, place) for block, place in KEPT_PLACES.tuples(places=list(places))] if places else []


def all_blocks() -> list[BlockTimes]:
    """Return the blocks of everybody."""
    return _understood(ALL_BLOCKS.tuples())


def _understood(rows: list[tuple[Any, ...]]) -> list[BlockTimes]:
    columns: dict[int, tuple[Any, ...]] = {}
    decisions: dict[int, dict[datetime, tuple[DecisionInForce, ...]]] = defaultdict(dict)
    for row in rows:
        pk, (starts_at, decision, kind, made_at, until) = row[0], row[len(FOUND) :]
        columns[pk] = row[: len(FOUND)]
        if decision is not None:
            one = DecisionInForce(id=decision, made_at=made_at, until=until if kind == DecisionKind.KEEP else None)
            decisions[pk][starts_at] = (*decisions[pk].get(starts_at, ()), one)
    return [
        BlockTimes(
            id=pk,
            version=version,
            practitioner=practitioner,
            site=site,
            ended_at=ended_at,
            rule=Rule(**dict(zip(COLUMNS, rule, strict=True))),
            decisions=decisions[pk],
        )
        for pk, version, practitioner, site, ended_at, *rule in columns.values()
    ]

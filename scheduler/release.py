"""When time that is kept for families opens to whom: stages, counted from its start. Pure: no database, no clock."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from scheduler.audience import WORDS, ReleaseStage
from scheduler.calendars.hours import wall_instant

SINCE_EVER = datetime(1, 1, 1, tzinfo=UTC)
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
CREATED = "created"
BEFORE = re.compile(r"-(\d{1,3})([dh])")

Opening = tuple[datetime, ...]
"""From when on the four kinds of people book, in the order of `ReleaseStage`: never the wider before the narrower."""


@dataclass(frozen=True, slots=True)
class Release:
    """From when on time is open to a stage: so long before its start, or since it was made (None)."""

    stage: ReleaseStage
    days: int = 0
    hours: int = 0
    at_once: bool = False

    def opens_at(self, start: datetime, *, zone: ZoneInfo) -> datetime:
        """Return when the stage of something that starts then begins, UTC."""
        if self.at_once:
            return SINCE_EVER
        # Days are what people count on a calendar: the same time of day a week before, whatever the clock did between.
        # Hours are hours: an hour that the clock gives or takes is counted.
        wall = start.astimezone(zone)
        day = wall_instant(wall.date() - timedelta(days=self.days), wall.time(), zone=zone) if self.days else start
        return day - timedelta(hours=self.hours)

    @property
    def longest_before(self) -> timedelta:
        """How long before a start the stage begins at most, whatever the clock does."""
        return timedelta.max if self.at_once else timedelta(days=self.days + 1, hours=self.hours)


@dataclass(frozen=True, slots=True)
class Postponement:
    """Whoever could not book yet at `made_at` cannot do so before `until`."""

    made_at: datetime
    until: datetime


def releases(policy: Iterable[object]) -> tuple[Release, ...]:
    """Return the stages that a policy names. Raises ValueError with what is wrong, in the words of the data."""
    found = tuple(_release(one) for one in policy)
    stages = [one.stage for one in found]
    if stages != sorted(set(stages)):
        raise ValueError("each stage once, from the narrowest to the widest")
    if not stages or stages[-1] is not ReleaseStage.EVERYONE:
        raise ValueError("the last stage is everyone: no time is to be lost")
    longest = [one.longest_before for one in found]
    if any(later >= earlier for earlier, later in pairwise(longest)):
        raise ValueError("each stage later than the one before it")
    return found


def _release(one: object) -> Release:
    if not isinstance(one, Mapping) or set(one) != {"at", "to"} or one["to"] not in WORDS:
        raise ValueError(f"stages such as {{at: -24h, to: everyone}}, with one of: {', '.join(WORDS)}")
    stage = ReleaseStage(WORDS.index(one["to"]))
    if one["at"] == CREATED:
        return Release(stage, at_once=True)
    before = BEFORE.fullmatch(str(one["at"]))
    if before is None or int(before[1]) == 0:
        raise ValueError(f"each stage begins “{CREATED}”, days before such as -7d, or hours before such as -24h")
    number = int(before[1])
    return Release(stage, days=number) if before[2] == "d" else Release(stage, hours=number)


def before_start(text: str) -> timedelta:
    """Return how long before a start `-12h` is, in true hours."""
    return timedelta(hours=int(text.removeprefix("-").removesuffix("h")))


def opening(
    policy: Sequence[Release], start: datetime, *, zone: ZoneInfo, postponed: Iterable[Postponement] = ()
) -> Opening:
    """Return from when on each kind of people books what starts then, however often it was put off by hand."""
    begins = {one.stage: one.opens_at(start, zone=zone) for one in policy}
    # Whoever is of a narrower stage is of all wider ones too: each may have it as soon as any of these has begun.
    found = tuple(
        min((begins[s] for s in ReleaseStage if s >= stage and s in begins), default=NEVER) for stage in ReleaseStage
    )
    for one in sorted(postponed, key=lambda one: one.made_at):
        # What had opened by then stays open: nothing is taken from whoever is about to book.
        found = tuple(at if at <= one.made_at else max(at, one.until) for at in found)
    return found


def stage_at(opens: Opening, at: datetime) -> ReleaseStage | None:
    """Return the widest stage that has begun; None where nobody may book yet."""
    return max((stage for stage in ReleaseStage if opens[stage] <= at), default=None)


def next_stage(opens: Opening, at: datetime) -> tuple[ReleaseStage, datetime] | None:
    """Return which stage begins next and when; of several at once the widest. None where all have begun."""
    ahead = [(opens[stage], stage) for stage in ReleaseStage if at < opens[stage] < NEVER]
    if not ahead:
        return None
    soonest = min(ahead)[0]
    return max(stage for begins, stage in ahead if begins == soonest), soonest

"""What of a site's blocks is open to somebody in a week: the same for all who come in alike, until a stage begins."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from scheduler.audience import ReleaseStage
from scheduler.calendars.hours import ticks_inside, ticks_touched
from scheduler.catalogue.block_cards import Occurrence
from scheduler.release import NEVER, SINCE_EVER
from scheduler.ticks import TICKS_A_WEEK


@dataclass(frozen=True, slots=True)
class BlockAsker:
    """How somebody comes into blocks: with which stage in which program (None: in each), for which therapy."""

    stages: tuple[tuple[str, ReleaseStage | None], ...]
    therapy: str
    sets_rules_aside: bool = False

    def opens_at(self, one: Occurrence) -> datetime:
        """Return from when on they may book in an occurrence."""
        if self.sets_rules_aside:
            return SINCE_EVER
        # What is not given meanwhile can be had once the time is everyone's.
        if not one.suits(self.therapy):
            return one.opens[ReleaseStage.EVERYONE]
        stage = dict(self.stages)[one.block.program]
        return SINCE_EVER if stage is None else one.opens[stage]


@dataclass(frozen=True, slots=True)
class LimitedTicks:
    """An occurrence that is open up to a limit, its `ticks` in the bytes [first, end) of a week, the `last` of them."""

    occurrence: Occurrence
    first: int
    end: int
    ticks: int
    last: int

    @classmethod
    def in_week(cls, one: Occurrence, week: date) -> "LimitedTicks":
        """Return the part of an occurrence that lies in a UTC week."""
        ticks = ticks_touched(one.period, origin=week, total=TICKS_A_WEEK)
        first = (TICKS_A_WEEK - ticks.bit_length()) // 8
        after = ((ticks & -ticks).bit_length() - 1) // 8  # whole bytes behind the last of them
        inside = ticks >> 8 * after
        return cls(one, first, TICKS_A_WEEK // 8 - after, inside, inside & -inside)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekAccess:
    """What holds in a week from `since` on, until `until`.

    `shut`: by practitioner, the ticks of the week that are kept from them; `shut_places`: by the resource of a place.
    `kept`: by practitioner, the occurrences that are not everyone's yet. `limited`: those that are open to them up to a
    limit. `opens_any`: whether any is open.
    """

    since: datetime
    until: datetime
    shut: Mapping[int, bytes]
    shut_places: Mapping[int, bytes]
    kept: Mapping[int, tuple[Occurrence, ...]]
    limited: tuple[LimitedTicks, ...]
    opens_any: bool


def week_access(found: Iterable[Occurrence], week: date, asker: BlockAsker, *, at: datetime) -> WeekAccess:
    """Return what of some occurrences of a UTC week is open to somebody at a moment, and how long that holds."""
    since, until, opens_any = SINCE_EVER, NEVER, False
    shut: dict[int, int] = defaultdict(int)
    places: dict[int, int] = defaultdict(int)
    kept: dict[int, list[Occurrence]] = defaultdict(list)
    limited: list[LimitedTicks] = []
    for one in found:
        if not one.token:
            continue  # opened to everybody by hand: it stands under no name
        opens, everyones = asker.opens_at(one), one.opens[ReleaseStage.EVERYONE]
        for moment in (opens, *one.opens):
            since, until = (max(since, moment), until) if moment <= at else (since, min(until, moment))
        if opens > at:
            ticks = ticks_inside(one.period, origin=week, total=TICKS_A_WEEK)
            shut[one.block.practitioner] |= ticks
            for place in one.block.places:
                places[place] |= ticks
        elif everyones > at and one.block.limited and not asker.sets_rules_aside:
            limited.append(LimitedTicks.in_week(one, week))
        opens_any = opens_any or opens <= at
        if everyones > at:
            kept[one.block.practitioner].append(one)
    return WeekAccess(
        since=since,
        until=until,
        shut=_sent(shut),
        shut_places=_sent(places),
        kept={who: tuple(mine) for who, mine in kept.items()},
        limited=tuple(limited),
        opens_any=opens_any,
    )


def _sent(ticks: Mapping[int, int]) -> dict[int, bytes]:
    return {one: bits.to_bytes(TICKS_A_WEEK // 8, "big") for one, bits in ticks.items()}

"""What lies between the appointments of whoever treats: free time, breaks, time away, time kept for somebody."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

Period = tuple[datetime, datetime]
SHORTEST = timedelta(minutes=5)


class GapKind(StrEnum):
    """What it is: free; no hours of theirs; away although they would work; kept for somebody who is no patient yet."""

    FREE = "free"
    BREAK = "break"
    AWAY = "away"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of a day without an appointment."""

    kind: GapKind
    start: datetime
    end: datetime


def gaps_of_day(
    working: Sequence[Period], busy: Iterable[Period], away: Iterable[Period] = (), kept: Iterable[Period] = ()
) -> list[Gap]:
    """Return what lies between `busy` periods, in order, none shorter than five minutes.

    `working`: when they work, without when they are `away`; `kept`: taken by no appointment of theirs.
    """
    seen, off, held = joined(busy), joined(away), joined(kept)
    free = _without(joined(working), joined([*seen, *held]))
    breaks = _without(_between(joined([*working, *off])), [*seen, *off])
    found = [
        *(Gap(GapKind.FREE, *one) for one in free),
        *(Gap(GapKind.BREAK, *one) for one in breaks),
        *(Gap(GapKind.AWAY, *one) for one in _without(off, seen)),
        *(Gap(GapKind.KEPT, *one) for one in _without(held, seen)),
    ]
    return sorted((one for one in found if one.end - one.start >= SHORTEST), key=lambda one: (one.start, one.end))


def joined(periods: Iterable[Period]) -> list[Period]:
    """Return periods in order, those that touch or overlap as one."""
    found: list[Period] = []
    for start, end in sorted(periods):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _between(periods: Sequence[Period]) -> list[Period]:
    """Return what lies between periods that are in order and apart."""
    return [(first[1], second[0]) for first, second in pairwise(periods)]


def _without(periods: Iterable[Period], taken: Iterable[Period]) -> Iterator[Period]:
    """Yield what is left of periods."""
    left = list(periods)
    for start, end in taken:
        parts = (((a, min(b, start)), (max(a, end), b)) for a, b in left)
        left = [part for pair in parts for part in pair if part[0] < part[1]]
    yield from left

"""How long the segments of one appointment may be: values in, values out. What is free for them the engine says."""

from collections.abc import Sequence

from scheduler.catalogue import catalogue
from scheduler.slots import Segments, minutes_taken
from scheduler.ticks import TICK_MINUTES

__all__ = [
    "CONTACT",
    "LONGEST",
    "TICK_MINUTES",
    "BeyondLimitsError",
    "Segments",
    "changing_in",
    "lasting",
    "least",
    "minutes_taken",
    "shortest",
    "usual",
    "with_lengths",
]

HANDS, NEARBY = "hands", "nearby"
CONTACT = frozenset({HANDS, NEARBY})
"""What is changed: while somebody is treated, or rests with somebody near. Getting dressed and turnover stay."""

LONGEST = 240
"""Minutes of one segment at most: more is a slip of whoever types."""


class BeyondLimitsError(ValueError):
    """A length that the rule forbids."""


def least(minutes: int, percent: int) -> int:
    """Return the shortest that a segment of so many planned minutes may be: so many percent of it, a whole minute."""
    return max(-(-minutes * percent // 100), 1)


def usual(therapy: str, visit: str, technique: str) -> Segments | None:
    """Return how a visit runs, segment by segment; None for what nobody gives now."""
    plan = catalogue().plan(therapy, visit, technique)
    return plan.segments if plan else None


def with_lengths(planned: Segments, lengths: Sequence[int], *, percent: int) -> Segments:
    """Return a plan with other lengths, one for each segment of hands or rest, in order. Raises BeyondLimitsError.

    None of them may be under so many percent of its planned length, and so the whole is not either.
    """
    changing = changing_in(planned)
    if len(changing) != len(lengths):
        raise BeyondLimitsError
    given = dict(zip(changing, lengths, strict=True))
    if any(not least(planned[n][1], percent) <= length <= LONGEST for n, length in given.items()):
        raise BeyondLimitsError
    return tuple((name, given.get(n, length), who) for n, (name, length, who) in enumerate(planned))


def changing_in(planned: Segments) -> list[int]:
    """Return which segments can be of another length, by their position."""
    return [n for n, (_name, _minutes, presence) in enumerate(planned) if presence in CONTACT]


def lasting(planned: Segments, now: Segments, minutes: int, *, percent: int) -> Segments:
    """Return segments by which the patient is there for so many minutes, near to `now`. Raises BeyondLimitsError.

    Rest gives way before hands, the longest first, each as far as it may; what is longer goes to the first of them.
    Claims lie on five minutes: what is changed does, too.
    """
    missing, left_over = divmod(minutes - minutes_taken(now), TICK_MINUTES)
    found = list(now)
    for n in sorted(changing_in(now), key=lambda n: (now[n][2] != NEARBY, -planned[n][1], n)):
        name, length, who = now[n]
        whole = _ticks(length)
        low, high = _ticks(least(planned[n][1], percent)), LONGEST // TICK_MINUTES
        step = max(missing, low - whole) if missing < 0 else min(missing, high - whole)
        missing -= step
        found[n] = (name, (whole + step) * TICK_MINUTES if step else length, who)
    if missing or left_over:
        raise BeyondLimitsError
    return tuple(found)


def shortest(planned: Segments, *, percent: int) -> int:
    """Return for how many minutes a patient is there at least, once everything is as short as it may be."""
    return minutes_taken(
        tuple((name, least(length, percent) if who in CONTACT else length, who) for name, length, who in planned)
    )


def _ticks(minutes: int) -> int:
    return -(-minutes // TICK_MINUTES)

"""Intervals of a day as a clock on the wall reads them: (when it starts, when it ends).

As an end, midnight is that which ends the day: 24:00, written 00:00 since no clock reads 24:00.
"""

from collections.abc import Iterable
from datetime import time

MIDNIGHT = time()
Interval = tuple[time, time]
"""From when to when; an interval ends on its own day."""


def ends_later(starts: time, ends: time) -> bool:
    """Whether what starts and ends then takes any time."""
    # PostgreSQL has a time 24:00 and Python has none: as an end, 00:00 stands for it.
    return ends == MIDNIGHT or ends > starts


def overlapping(first: Interval, second: Interval) -> bool:
    """Whether two intervals share time."""
    return ends_later(first[0], second[1]) and ends_later(second[0], first[1])


def end_text(ends: time) -> str:
    """Return an end, such as "17:00" or "24:00"."""
    return "24:00" if ends == MIDNIGHT else f"{ends:%H:%M}"


def outside(wanted: Interval, opened: Iterable[Interval]) -> list[Interval]:
    """Return what of an interval lies in none of those that are open, in order."""
    left = [wanted]
    for start, end in sorted(opened):
        left = [part for one in left for part in _without(one, start, end)]
    return left


def _without(one: Interval, start: time, end: time) -> list[Interval]:
    if not overlapping(one, (start, end)):
        return [one]
    before = [(one[0], start)] if start > one[0] else []
    after = [(end, one[1])] if end != MIDNIGHT and ends_later(end, one[1]) else []
    return before + after

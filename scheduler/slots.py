"""When a visit can start: arithmetic on free ticks, without database, clock or settings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from scheduler.ticks import TICK_MINUTES, erode, ticks

Run = tuple[int, int]
"""A stretch of a visit: (first tick from its start, length in ticks)."""

Segments = tuple[tuple[str, int, str], ...]
"""How a visit runs: (name, true minutes, presence) of each segment, in order."""


@dataclass(frozen=True, slots=True)
class TickPlan:
    """What a visit takes, in ticks from its start."""

    hands: tuple[Run, ...]
    nearby: tuple[Run, ...]
    patient: int
    place: int

    @property
    def contact(self) -> int:
        """Ticks until the practitioner is done with this visit."""
        return max((first + length for first, length in self.hands + self.nearby), default=0)


def tick_plan(segments: Iterable[tuple[int, str]]) -> TickPlan:
    """Return the shape of (minutes, presence) segments; presence is hands, nearby, free or none (the patient has left).

    A segment that does not fill its last tick takes it all the same.
    """
    runs: dict[str, list[Run]] = {"hands": [], "nearby": []}
    at = patient = 0
    for minutes, presence in segments:
        # Each segment by itself: hands, lane and place are claims of their own, and each claim lies on whole ticks.
        length = ticks(minutes)
        if presence in runs:
            runs[presence] = _joined(runs[presence], (at, length))
        at += length
        # Turnover and airing follow the patient's leaving: they are the place's, and no part of what anybody is told.
        if presence != "none":
            patient = at
    return TickPlan(tuple(runs["hands"]), tuple(runs["nearby"]), patient, at)


def minutes_of(visit: TickPlan) -> int:
    """Return after how many minutes the patient leaves: the length that pages, mails, calendars and the API tell."""
    # From the ticks, not from the segments' minutes: everybody is told the length that is claimed.
    return visit.patient * TICK_MINUTES


def minutes_taken(segments: Segments) -> int:
    """Return the same of segments: each takes its last tick as a whole."""
    return minutes_of(tick_plan((minutes, presence) for _name, minutes, presence in segments))


def _joined(runs: list[Run], run: Run) -> list[Run]:
    # One claim for what goes on without a gap: each row more is one more for the exclusion constraint to compare.
    if runs and sum(runs[-1]) == run[0]:
        return [*runs[:-1], (runs[-1][0], runs[-1][1] + run[1])]
    return [*runs, run]


def during(free: int, run: Run) -> int:
    """Return the starts of a visit for which something is free during `run`."""
    first, length = run
    # Moved back to the start: what is free `first` ticks later is what a visit that starts now will need.
    return erode(free, length) << first


def on_grid(starts: int, step: int) -> int:
    """Return every `step`-th start, counted from where each run of starts begins."""
    shown = starts & ~(starts >> 1)
    # Doubling: after k rounds every start that is a multiple of `step`, up to 2**k of them in a run, is shown.
    within = erode(starts, step + 1) >> step  # starts that have `step` more right before them
    while within:
        shown |= (shown >> step) & within
        within &= within >> step
        step *= 2
    return shown


def with_hands(free: int, visit: TickPlan) -> int:
    """Return the starts at which the practitioner's hands are free whenever the visit needs them."""
    # -1 is all bits: a visit that asks nothing of the practitioner is not held up by them.
    return reduce(and_, (during(free, run) for run in visit.hands), -1)


def with_lanes(free: Sequence[int], visit: TickPlan) -> int:
    """Return the starts at which one of the practitioner's lanes is free for each stretch spent nearby."""
    # Stretch by stretch: a lane stands for being within call, and another one will do once the hands were needed in
    # between.
    return reduce(and_, (reduce(or_, (during(lane, run) for lane in free), 0) for run in visit.nearby), -1)


def with_any(free: Iterable[int], length: int) -> int:
    """Return the starts at which at least one of several places or units is free for `length` ticks."""
    return reduce(or_, (erode(one, length) for one in free), 0)


def with_rooms(rooms: Mapping[int, Sequence[int]], length: int) -> int:
    """Return the starts at which all places of at least one room are free for `length` ticks."""
    # The same room throughout, so places are joined room by room: smoke fills all of it.
    return with_any((reduce(and_, places) for places in rooms.values() if places), length)

"""A day as rows of a quarter of an hour, and where a stretch of time lies on them. Values in, values out.

Rows follow one another as time does, not as a clock reads it: on the night when the clock goes back the doubled hour
has twice as many rows, and when it goes forward the hour that never was has none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

TICK = timedelta(minutes=5)
QUARTER = 3 * TICK
"""A row, of three ticks."""

HOUR = timedelta(hours=1)
TICKS_A_ROW = QUARTER // TICK


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRow:
    """A quarter of an hour from `start` (UTC) on. `full`: a clock reads a full hour; `twice`: it reads this twice."""

    start: datetime
    full: bool
    twice: bool

    @property
    def end(self) -> datetime:
        """When the next row begins."""
        return self.start + QUARTER


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a stretch begins, which row and how many ticks below its top, and how many ticks it fills."""

    row: int
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """In which of how many lanes side by side something lies, counted from 0."""

    number: int
    among: int


def time_rows(first: datetime, last: datetime, *, zone: ZoneInfo) -> list[TimeRow]:
    """Return the rows that show [first, last), from the full hour before it until the one after, by a wall clock."""
    start, end = _hour_before(first, zone), _hour_after(last, zone)
    rows = []
    while start < end:
        wall = start.astimezone(zone)
        # What a clock has read is in no gap: it is read twice where both readings are different moments.
        twice = wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()
        rows.append(TimeRow(start=start, full=wall.minute == 0, twice=twice))
        start += QUARTER
    return rows


def _hour_before(at: datetime, zone: ZoneInfo) -> datetime:
    wall = at.astimezone(zone)
    past = timedelta(minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond)
    return at.astimezone(UTC) - past


def _hour_after(at: datetime, zone: ZoneInfo) -> datetime:
    before = _hour_before(at, zone)
    return before if before == at else before + HOUR


def spot(start: datetime, end: datetime, rows: Sequence[TimeRow]) -> Spot | None:
    """Return where [start, end) lies on the rows, cut off at their ends; None where it lies outside."""
    first, last = rows[0].start, rows[-1].end
    start, end = max(start, first), min(end, last)
    if start >= end:
        return None
    begins = (start - first) // TICK
    ends = -((first - end) // TICK)  # a tick of which a part is taken is taken
    row, offset = divmod(begins, TICKS_A_ROW)
    return Spot(row=row, offset=offset, length=ends - begins)


def rows_of(one: Spot) -> range:
    """Return the rows of which a stretch takes any part."""
    return range(one.row, -(-_end(one) // TICKS_A_ROW))


def side_by_side(spots: Sequence[Spot]) -> list[Lane]:
    """Return the lane of each stretch: what overlaps lies side by side, and lanes are as wide as they can be.

    The order is that of `spots`.
    """
    order = sorted(range(len(spots)), key=lambda n: (_begin(spots[n]), -spots[n].length, n))
    lanes: dict[int, Lane] = {}
    for group in _overlapping(order, spots):
        ends: list[int] = []
        numbers = {}
        for n in group:
            free = next((lane for lane, end in enumerate(ends) if end <= _begin(spots[n])), len(ends))
            ends[free : free + 1] = [_end(spots[n])]
            numbers[n] = free
        lanes |= {n: Lane(number=number, among=len(ends)) for n, number in numbers.items()}
    return [lanes[n] for n in range(len(spots))]


def _overlapping(order: Iterable[int], spots: Sequence[Spot]) -> list[list[int]]:
    """Return the stretches in groups between which no time is shared."""
    groups: list[list[int]] = []
    until = -1
    for n in order:
        if _begin(spots[n]) >= until:
            groups.append([])
        groups[-1].append(n)
        until = max(until, _end(spots[n]))
    return groups


def _begin(one: Spot) -> int:
    return one.row * TICKS_A_ROW + one.offset


def _end(one: Spot) -> int:
    return _begin(one) + one.length

"""From wall-time rules to UTC: when something is open, to the tick. Both clock changes come out right.

A wall time names the first instant at which the clock of the zone reads it, or reads more where the clock jumps.
Neighbouring intervals thus neither overlap nor leave a gap, and one across the doubled hour lasts that hour longer.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import lcm
from zoneinfo import ZoneInfo

from scheduler.ticks import TICK_MINUTES, TICKS_A_WEEK, WEEK, mask, midnight, tick_of
from scheduler.wall_time import MIDNIGHT

Period = tuple[datetime, datetime]
"""From when until when, UTC."""

DAY = timedelta(days=1)
LOOKED_AHEAD = timedelta(weeks=260)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """An interval that recurs every n-th week on an ISO weekday; weeks are counted from that of `valid_from`.

    `valid_to` is the first day on which it no longer holds. Without `valid_from` it holds since ever, every week.
    """

    weekday: int
    starts: time
    ends: time
    every_weeks: int = 1
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the interval takes place on `day`."""
        if day.isoweekday() != self.weekday or (self.valid_to is not None and day >= self.valid_to):
            return False
        if self.valid_from is None:
            return True
        # Counted from the first week, not by its number in the year: a year of 53 weeks would turn every second week
        # round.
        return day >= self.valid_from and weeks_apart(self.valid_from, day) % self.every_weeks == 0


def weeks_apart(first: date, second: date) -> int:
    """Return how many ISO weeks lie between the weeks of two days."""
    return (monday(second) - monday(first)).days // 7


def monday(day: date) -> date:
    """Return the Monday of the ISO week of `day`."""
    return day - timedelta(days=day.weekday())


def on_grid(wall: time) -> bool:
    """Whether a wall time lies on the grid of ticks."""
    return wall.minute % TICK_MINUTES == 0 and wall.second == wall.microsecond == 0


def wall_instant(day: date, wall: time, *, zone: ZoneInfo) -> datetime:
    """Return the first UTC instant at which the clock of `zone` reads `wall`, or more, on `day`."""
    read = datetime.combine(day, wall)
    at = read.replace(tzinfo=zone).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == read:
        return at
    # In a gap, fold 1 gives the instant before the clock jumps; from there on to where it reads `wall` or more.
    before = read.replace(tzinfo=zone, fold=1).astimezone(UTC)
    # Minute by minute: gaps are an hour long, or half of one (Lord Howe), or were a whole day (Samoa, 30 December
    # 2011).
    while before.astimezone(zone).replace(tzinfo=None) < read:
        before += timedelta(minutes=1)
    return before


def end_instant(day: date, wall: time, *, zone: ZoneInfo) -> datetime:
    """Return the UTC instant at which something on `day` ends at `wall`: at midnight the day itself is over."""
    return wall_instant(*((day + DAY, MIDNIGHT) if wall == MIDNIGHT else (day, wall)), zone=zone)


def days_between(first_on: date, last_on: date) -> Iterator[date]:
    """Yield the days from `first_on` to `last_on`, both included."""
    for n in range((last_on - first_on).days + 1):
        yield first_on + DAY * n


def days_filled(
    first_on: date, last_on: date, *, zone: ZoneInfo, starts: time | None = None, ends: time | None = None
) -> Period:
    """Return the period that days of `zone` fill: the first from `starts` on, the last, included, until `ends`."""
    return (
        wall_instant(first_on, starts or MIDNIGHT, zone=zone),
        end_instant(last_on, ends or MIDNIGHT, zone=zone),
    )


def periods(rules: Iterable[Rule], *, zone: ZoneInfo, first_on: date, last_on: date) -> Iterator[Period]:
    """Yield when the rules hold on the days [first_on, last_on] of `zone`, in UTC; not what the clock swallows."""
    by_weekday: dict[int, list[Rule]] = {}
    for rule in rules:
        by_weekday.setdefault(rule.weekday, []).append(rule)
    for day in days_between(first_on, last_on):
        for rule in by_weekday.get(day.isoweekday(), ()):
            if rule.holds_on(day):
                start, end = wall_instant(day, rule.starts, zone=zone), end_instant(day, rule.ends, zone=zone)
                if start < end:
                    yield start, end


def open_weeks(
    rules: Iterable[Rule],
    *,
    zone: ZoneInfo,
    shut: Iterable[Period],
    first_week: date,
    weeks: int,
) -> list[int]:
    """Return for each of `weeks` UTC weeks from `first_week` the bits of its open ticks (tick 0 highest).

    A tick is open when a rule holds throughout it and no period of `shut` (UTC) touches it.
    """
    total = weeks * TICKS_A_WEEK
    bits = 0
    # A day more on each side: a Sunday evening in Chicago lies in the next week of UTC.
    for period in periods(rules, zone=zone, first_on=first_week - DAY, last_on=first_week + WEEK * weeks):
        # Inward for what is open and outward for what is shut: nobody is booked into a tick of which a part is not the
        # clinic's.
        bits |= ticks_inside(period, origin=first_week, total=total)
    for period in shut:
        bits &= ~ticks_touched(period, origin=first_week, total=total)
    return split(bits, weeks)


def ticks_inside(period: Period, *, origin: date, total: int) -> int:
    """Return the ticks that lie wholly in a period."""
    start, end = period
    first = tick_of(start, origin=origin)
    whole = start == midnight(origin) + timedelta(minutes=TICK_MINUTES) * first
    return mask(first if whole else first + 1, tick_of(end, origin=origin), total=total)


def ticks_touched(period: Period, *, origin: date, total: int) -> int:
    """Return the ticks of which a period takes any part."""
    start, end = period
    last = tick_of(end, origin=origin)
    whole = end == midnight(origin) + timedelta(minutes=TICK_MINUTES) * last
    return mask(tick_of(start, origin=origin), last if whole else last + 1, total=total)


def split(bits: int, weeks: int) -> list[int]:
    """Return the weeks of a stretch one by one, the first week first."""
    week = (1 << TICKS_A_WEEK) - 1
    return [bits >> TICKS_A_WEEK * (weeks - 1 - n) & week for n in range(weeks)]


def clash(first: Rule, second: Rule, *, zones: Sequence[ZoneInfo]) -> Period | None:
    """Return a period in which two rules, each in its zone of `zones`, both hold, or None.

    Exact where the zones are the same; otherwise the next five years of both are compared.
    """
    # After the least common multiple of their rhythms, rules in one zone repeat: what has not met by then never meets.
    # Two zones shift against each other by summer time, which laws change: nobody can look farther than some years.
    begins = max(r.valid_from or date.min + WEEK for r in (first, second))
    rounds = lcm(first.every_weeks, second.every_weeks) + 1
    until = begins + (WEEK * rounds if zones[0].key == zones[1].key else LOOKED_AHEAD)
    ends = min([until, *(r.valid_to for r in (first, second) if r.valid_to)])
    return _meeting(
        *(
            periods([r], zone=z, first_on=begins - DAY, last_on=ends + DAY)
            for r, z in zip((first, second), zones, strict=True)
        )
    )


def _meeting(first: Iterator[Period], second: Iterator[Period]) -> Period | None:
    a, b = next(first, None), next(second, None)
    while a and b:
        start, end = max(a[0], b[0]), min(a[1], b[1])
        if start < end:
            return start, end
        if a[1] <= b[1]:
            a = next(first, None)
        else:
            b = next(second, None)
    return None

"""The weeks of a search as one integer of ticks."""

from dataclasses import dataclass
from datetime import date, datetime

from scheduler.calendars.hours import Period
from scheduler.ticks import TICK, TICKS_A_WEEK, instant, mask, midnight, weeks_between


@dataclass(frozen=True, slots=True)
class Frame:
    """UTC weeks in a row, as one integer of ticks."""

    # In a row, so that one integer holds them: to intersect thirteen weeks costs little more than to intersect one.
    weeks: tuple[date, ...]

    @classmethod
    def around(cls, start: datetime, length: int) -> "Frame":
        """Return the weeks that `length` ticks from `start` touch."""
        return cls(tuple(weeks_between(start, start + max(length, 1) * TICK)))

    @property
    def total(self) -> int:
        """How many ticks."""
        return TICKS_A_WEEK * len(self.weeks)

    @property
    def start(self) -> datetime:
        """When the first week begins."""
        return midnight(self.weeks[0])

    @property
    def end(self) -> datetime:
        """When the last week is over."""
        return self.at(self.total)

    def at(self, tick: int) -> datetime:
        """Return the instant of a tick."""
        return instant(tick, origin=self.weeks[0])

    @property
    def period(self) -> Period:
        """When it begins and when it is over."""
        return self.start, self.end

    def between(self, start: datetime, end: datetime) -> int:
        """Return the ticks that begin in [start, end)."""
        return mask(*self.ticks(start, end), total=self.total)

    def touched(self, start: datetime, end: datetime) -> int:
        """Return the ticks of which [start, end) takes any part."""
        # Outward: whoever is on the way for a part of a tick is not there in it.
        return mask((start - self.start) // TICK, -((self.start - end) // TICK), total=self.total)

    def ticks(self, start: datetime, end: datetime) -> tuple[int, int]:
        """Return the first tick that begins at `start` or later, and the first at `end` or later."""
        first = self.start
        return -((first - start) // TICK), -((first - end) // TICK)

    def only(self, at: datetime) -> int:
        """Return the tick that begins at an instant; 0 when none does."""
        return 0 if (at - self.start) % TICK else self.between(at, at + TICK)

"""Arithmetic on ticks of five minutes. A stretch of weeks is one integer; its first tick is the highest bit."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

TICK_MINUTES = 5
TICK = timedelta(minutes=TICK_MINUTES)
# Of UTC, where each week has as many. By a clinic's clock two weeks a year are an hour longer or shorter, and bits
# would have no fixed place.
TICKS_A_WEEK = 7 * 24 * 60 // TICK_MINUTES
WEEK = timedelta(weeks=1)


def week_of(at: datetime) -> date:
    """Return the Monday of the UTC week that holds `at`."""
    day = at.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def weeks_between(start: datetime, end: datetime) -> list[date]:
    """Return the UTC Mondays of the weeks that [start, end) touches."""
    # What ends at midnight does not touch the week that begins there: a lock on that sheet would be one too many.
    first, last = week_of(start), week_of(max(start, end - TICK))
    return [first + WEEK * n for n in range((last - first).days // 7 + 1)]


@lru_cache(maxsize=1024)  # asked for each stretch of each search, of few weeks
def midnight(week: date) -> datetime:
    """Return the instant at which a UTC week begins."""
    return datetime.combine(week, time(), UTC)


def ticks(minutes: int) -> int:
    """Return how many ticks `minutes` fill, the last one counted whole."""
    return -(-minutes // TICK_MINUTES)


def tick_of(at: datetime, *, origin: date) -> int:
    """Return the tick that holds `at`, counted from the UTC Monday `origin`."""
    return (at - midnight(origin)) // TICK


def instant(tick: int, *, origin: date) -> datetime:
    """Return the UTC instant at which `tick` begins."""
    return midnight(origin) + TICK * tick


def mask(first: int, last: int, *, total: int) -> int:
    """Return the ticks [first, last) of `total`; what lies outside of them is cut off."""
    first, last = max(first, 0), min(last, total)
    return ((1 << (last - first)) - 1) << (total - last) if last > first else 0


def erode(free: int, length: int) -> int:
    """Return the ticks from which `length` ticks in a row are free."""
    # Doubling as well: `length` ticks in a row are found in log2(length) shifts of an integer of any size.
    known = 1
    while known < length:
        step = min(known, length - known)
        free &= free << step
        known += step
    return free


def counted(rows: Iterable[int]) -> list[int]:
    """Return for each tick in how many rows it is set, as digits of binary numbers: the ones, the twos, the fours."""
    digits: list[int] = []
    for row in rows:
        carried = row
        for n, digit in enumerate(digits):
            digits[n], carried = digit ^ carried, digit & carried
            if not carried:
                break
        if carried:
            digits.append(carried)
    return digits


def total(digits: Iterable[int], among: int) -> int:
    """Return the sum of what was counted for the ticks `among` all."""
    return sum((digit & among).bit_count() << n for n, digit in enumerate(digits))


def written(bits: int, *, total: int) -> str:
    """Return the ticks as a row of 0 and 1, the first on the left."""
    return format(bits, f"0{total}b")


def each(bits: int, *, total: int) -> Iterator[int]:
    """Yield the ticks that are set, in order."""
    # Found in a text: a search for the next "1" runs in C, while each shift of so long an integer copies all of it.
    row = written(bits, total=total)
    found = row.find("1")
    while found >= 0:
        yield found
        found = row.find("1", found + 1)


@dataclass(frozen=True, slots=True)
class Rows:
    """How several rows of ticks lie one below the other in one integer: what is done to it is done to each of them.

    Above each row are `gap` ticks, and then to the next full byte: what is shifted up by so many stays out of the row
    above.
    """

    length: int
    gap: int

    @property
    def width(self) -> int:
        """Bytes of a row and the gap above it."""
        return -(-(self.length + self.gap) // 8)

    def stacked(self, rows: Collection[int]) -> int:
        """Return rows as one integer, the first at the top; one row alone is itself."""
        return self.joined([row.to_bytes(self.length // 8, "big") for row in rows])

    def joined(self, rows: Collection[bytes]) -> int:
        """Return rows that are still bytes, whole ones, as one integer."""
        gap = bytes(self.width - self.length // 8)
        return int.from_bytes(gap.join(rows), "big")

    def repeated(self, row: int, times: int) -> int:
        """Return the same row so many times; of a row without end, such as -1, what fits."""
        return int.from_bytes((row & ((1 << self.length) - 1)).to_bytes(self.width, "big") * times, "big")

    def any(self, stack: int, count: int) -> int:
        """Return the ticks that are set in at least one of so many rows."""
        while count > 1:
            lower = count // 2
            below = 8 * self.width * lower
            stack, count = (stack >> below) | (stack & ((1 << below) - 1)), count - lower
        return stack

    def apart(self, stack: int, count: int) -> list[int]:
        """Return `count` integers, first row first. The inverse of stacking them."""
        width = self.width
        data = stack.to_bytes(width * count, "big")
        return [int.from_bytes(data[at : at + width], "big") for at in range(0, width * count, width)]

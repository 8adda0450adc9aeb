"""How full people's time is, and where it is free. Values in, values out: periods are UTC and half-open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Period = tuple[datetime, datetime]
LEAST = timedelta(minutes=15)
"""A shorter hole is none: nobody is treated in it."""

NO_TIME = timedelta()


class Load(StrEnum):
    """How full some time is."""

    CLOSED = "closed"
    AWAY = "away"
    FREE = "free"
    QUIET = "quiet"
    HALF = "half"
    BUSY = "busy"
    FULL = "full"


WORDS: dict[Load, str | Promise] = {
    Load.CLOSED: _("not working"),
    Load.AWAY: _("away"),
    Load.FREE: _("free"),
    Load.QUIET: _("quiet"),
    Load.HALF: _("half full"),
    Load.BUSY: _("busy"),
    Load.FULL: _("full"),
}
UP_TO = ((0.0, Load.FREE), (1 / 3, Load.QUIET), (2 / 3, Load.HALF), (0.9, Load.BUSY))


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOfTime:
    """How long somebody works, for how long of that their hands are taken, and where they are not."""

    open: timedelta
    taken: timedelta
    holes: Sequence[Period]

    @property
    def share(self) -> float:
        """How much of the time is taken, from 0 to 1."""
        return self.taken / self.open if self.open else 0.0

    @property
    def percent(self) -> int:
        """The same as a whole number of a hundred: 100 only where nothing is left."""
        return int(100 * self.share)

    @property
    def load(self) -> Load:
        """The same as a word."""
        if not self.open:
            return Load.CLOSED
        return next((load for most, load in UP_TO if self.share <= most), Load.FULL)


def load_of(opened: Iterable[Period], taken: Iterable[Period]) -> LoadOfTime:
    """Return how full open time is; what is taken beyond it counts for nothing."""
    free = total = NO_TIME
    holes: list[Period] = []
    busy = sorted(taken)
    for start, end in sorted(opened):
        total += end - start
        for hole in _left(start, end, busy):
            free += hole[1] - hole[0]
            if hole[1] - hole[0] >= LEAST:
                holes.append(hole)
    return LoadOfTime(open=total, taken=total - free, holes=holes)


def _left(start: datetime, end: datetime, busy: Sequence[Period]) -> Iterable[Period]:
    at = start
    for begins, ends in busy:
        if ends <= at or begins >= end:
            continue
        if begins > at:
            yield at, begins
        at = max(at, ends)
    if at < end:
        yield at, end


def added(loads: Iterable[LoadOfTime]) -> LoadOfTime:
    """Return the load of several people together."""
    known = list(loads)
    return LoadOfTime(
        open=sum((one.open for one in known), NO_TIME), taken=sum((one.taken for one in known), NO_TIME), holes=()
    )

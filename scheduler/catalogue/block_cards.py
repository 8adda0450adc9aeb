"""A block as a value, and what it keeps on one day."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from scheduler.calendars.block_times import BlockTimes
from scheduler.calendars.hours import Period
from scheduler.release import Opening, Release, opening


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockCard:
    """A block as searches and claims need it. Without `therapies` anything is given, without `people` anybody fits.

    `places`: resources that are kept as well. `people` and `minutes`: how many are treated in an occurrence at most, or
    for how long all of them together.
    """

    id: int
    program: str
    practitioner: int
    site: int
    therapies: frozenset[str] | None
    people: int | None
    minutes: int | None
    policy: tuple[Release, ...]
    places: frozenset[int]
    times: BlockTimes

    @property
    def limited(self) -> bool:
        """Whether so many are treated in an occurrence and no more."""
        return self.people is not None or self.minutes is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """A block on one day: until it is open to everyone, only those book in it who `opens` lets in by then.

    `token`: its name on the week sheets; empty where it was opened to everyone by hand.
    """

    block: BlockCard
    start: datetime
    end: datetime
    opens: Opening
    token: str

    @property
    def period(self) -> Period:
        """When it takes place, UTC."""
        return self.start, self.end

    def suits(self, therapy: str) -> bool:
        """Whether a therapy is given meanwhile, as long as it is not open to everyone."""
        return self.block.therapies is None or therapy in self.block.therapies


def occurrence(card: BlockCard, start: datetime, end: datetime, *, zone: ZoneInfo) -> Occurrence:
    """Return a block's occurrence with who may book in it from when on."""
    times = card.times
    released = times.released_at(start)
    opens = opening(card.policy, start, zone=zone, postponed=times.postponed(start))
    if released is not None:
        opens = tuple(min(at, released) for at in opens)
    return Occurrence(block=card, start=start, end=end, opens=opens, token=times.token(start))

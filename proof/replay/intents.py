"""What people want, drawn from the demand profile: values only."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from demo.demand import demand

BY_HOLD = 0.3
SENT_TWICE = 0.05
MOVED, CANCELLED = 0.13, 0.13  # of the bookings, so that about a tenth of all requests are of each kind
UNDONE = 0.3
BURSTS = 0.01
SAME_DAY = 0.12


class Afterwards(StrEnum):
    """What becomes of a booking."""

    STAYS = "stays"
    MOVES = "moves"
    IS_CANCELLED = "is cancelled"
    IS_UNDONE = "is cancelled and undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One person wants one visit: so many days from now, for a kind of visit given by its number in the catalogue."""

    number: int
    person: int
    days: int
    hour: int
    kind: float
    by_hold: bool
    twice: bool
    first_come: bool
    afterwards: Afterwards
    seed: int


def intents(count: int, *, seed: int) -> Iterator[Intent]:
    """Yield `count` intents; a person's visits follow each other, a burst wants the same thing at once."""
    chance = random.Random(seed)  # noqa: S311  (the same demand for the same seed is wanted)
    person = given = 0
    while given < count:
        person += 1
        burst = chance.random() < BURSTS
        times = demand().burst if burst else demand().visits.draw(chance)
        pattern = drawn(chance, person, burst=burst)
        for nth in range(min(times, count - given)):
            given += 1
            one = pattern if not nth else another(chance, pattern, nth=nth, burst=burst)
            yield replace(one, number=given)
        person += times if burst else 0


def drawn(chance: random.Random, person: int, *, burst: bool) -> Intent:
    """Draw an intent."""
    return Intent(
        number=0,
        person=person,
        days=demand().lead_days.draw(chance),
        hour=demand().hours.draw(chance),
        kind=chance.random(),
        by_hold=chance.random() < BY_HOLD,
        twice=chance.random() < SENT_TWICE,
        first_come=burst,
        afterwards=fate(chance),
        seed=chance.randrange(2**32),
    )


def another(chance: random.Random, pattern: Intent, *, nth: int, burst: bool) -> Intent:
    """Draw the same person's next visit, or, in a burst, another person who wants the very same."""
    new = drawn(chance, pattern.person + nth if burst else pattern.person, burst=burst)
    if not burst and chance.random() > SAME_DAY:
        return new
    if not burst:
        return replace(new, days=pattern.days, hour=pattern.hour)
    return replace(new, days=pattern.days, hour=pattern.hour, kind=pattern.kind, seed=pattern.seed)


def fate(chance: random.Random) -> Afterwards:
    """Draw what becomes of a booking."""
    drawn_ = chance.random()
    if drawn_ < MOVED:
        return Afterwards.MOVES
    if drawn_ < MOVED + CANCELLED:
        return Afterwards.IS_UNDONE if chance.random() < UNDONE else Afterwards.IS_CANCELLED
    return Afterwards.STAYS

"""How many times that are given back are used again, by the rules of the waiting list and the shape of real demand.

Pure: nobody books anything. Who is asked, in which order, and until when, is what the service itself asks
(`booking.waiting.matching`); how people answer is drawn by lot, by the figures of `waiting-list-simulation.yaml`.
"""

import heapq
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from booking.waiting import matching
from booking.waiting.matching import OfferRules, OpenTime, Waiting
from booking.waiting.policies import WAITING_LIST, WaitingListContent, as_offer_rules
from core.policies.content import read_content
from core.policies.yaml_text import read_yaml
from demo.demand import demand
from proof.benchmarks.rounds import Result, ratio

FIGURES = Path(__file__).parent / "waiting-list-simulation.yaml"
ZONE = ZoneInfo("America/Chicago")
BEGINS = datetime(2026, 10, 5, 13, tzinfo=UTC)
DAY, WEEKDAYS = timedelta(days=1), 5
GOAL = 0.65
SPREAD = 1.0
"""Of the logarithm of how long people take to answer: some at once, some only in the evening."""

SWEEP = timedelta(minutes=1)
SOMEBODY = UUID(int=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationFigures:
    """What is drawn: see the file. `requests`: how many appointments are booked in `days`."""

    accept_per_offer: float
    answer_minutes_median: float
    cancel_share: float
    waiting_per_opening: int
    seed: int
    requests: int
    days: int


@dataclass(slots=True)
class GivenBack:
    """A time that was given back, who waits for it, and what came of it."""

    start: datetime
    since: datetime
    waiting: list[Waiting]
    offers: int = 0
    used_at: datetime | None = None

    @property
    def a_day_ahead(self) -> bool:
        """Whether it was given back more than a day before it begins."""
        return self.start - self.since > DAY


@cache
def figures() -> SimulationFigures:
    """Return the figures that come with the project."""
    written = read_yaml(FIGURES.read_text(encoding="utf-8"))
    return SimulationFigures(**written)


def shipped_rules() -> OfferRules:
    """Return the rules that a clinic begins with."""
    assert WAITING_LIST.begins_with is not None  # noqa: S101  (tells the type checker)
    written = read_yaml(WAITING_LIST.begins_with.read_text(encoding="utf-8"))
    return as_offer_rules(read_content(WaitingListContent, written))


@dataclass(slots=True)
class WaitingListSimulation:
    """One run. Nobody is asked about two times at once, nor more often than the rules allow."""

    rules: OfferRules
    told: SimulationFigures
    chance: random.Random
    queue: list[tuple[datetime, int, GivenBack]] = field(default_factory=list)
    asked_at: dict[int, list[datetime]] = field(default_factory=dict)
    busy_until: dict[int, datetime] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    order: Iterator[int] = field(default_factory=count)

    def run(self) -> list[GivenBack]:
        """Let times be given back, one after the other, and be offered; return all of them."""
        given = list(self._given_back())
        for one in given:
            heapq.heappush(self.queue, (one.since, next(self.order), one))
        while self.queue:
            at, _number, one = heapq.heappop(self.queue)
            if one.used_at is None and at < one.start:
                self._offer(one, at=at)
        return given

    def _given_back(self) -> Iterator[GivenBack]:
        shape, people = demand(), count(1)
        for _request in range(self.told.requests):
            if self.chance.random() >= self.told.cancel_share:
                continue
            asked = BEGINS + DAY * self.chance.random() * self.told.days
            lead = shape.lead_days.draw(self.chance)
            start = _working(asked + DAY * lead, self.chance)
            if start <= asked:
                continue
            # When within its life an appointment is called off is not among the figures: alike often at any moment.
            since = asked + (start - asked) * self.chance.random()
            waiting = [
                Waiting(entry=next(people), since=since - DAY * self.chance.uniform(1, 21))
                for _one in range(self.told.waiting_per_opening)
            ]
            yield GivenBack(start=start, since=since, waiting=waiting)

    def _offer(self, one: GivenBack, *, at: datetime) -> None:
        """Ask whoever comes first, and look again when the first of them has answered, or nobody has."""
        opening = OpenTime(start=one.start, practitioner=SOMEBODY, languages=frozenset({"en"}), zone=ZONE)
        if matching.is_quiet(self.rules, at=at, zone=ZONE):
            self._again(one, at=at + timedelta(minutes=15))
            return
        able = [self._now(person) for person in one.waiting if self._free(person.entry, at=at)]
        asked = matching.asked_first(able, opening, self.rules, at=at)[: self.rules.at_once]
        if not asked:
            left = any(one.start not in person.asked_of for person in one.waiting)
            if left and one.start - at > self.rules.min_notice:
                self._again(one, at=at + timedelta(hours=1))
            return
        until = matching.answer_by(one.start, self.rules, at=at, zone=ZONE)
        self._asked(one, asked, at=at, until=until)

    def _asked(self, one: GivenBack, asked: list[Waiting], *, at: datetime, until: datetime) -> None:
        one.offers += len(asked)
        accepts, declines = list[tuple[datetime, int]](), list[datetime]()
        for person in asked:
            self.asked_at.setdefault(person.entry, []).append(at)
            self.busy_until[person.entry] = until
            one.waiting = [
                replace(other, asked_of=frozenset({one.start}), notified=other.notified + 1)
                if other.entry == person.entry
                else other
                for other in one.waiting
            ]
            answers_at = at + self._takes()
            if answers_at < until and self.chance.random() < self.told.accept_per_offer:
                accepts.append((answers_at, person.entry))
                continue
            # Whoever does not want it says so, or does not: as often the one as the other.
            declines.append(answers_at if self.chance.random() < 1 / 2 and answers_at < until else until)
        if accepts:
            one.used_at, entry = min(accepts)
            self.done.add(entry)
        else:
            self._again(one, at=max(declines) + SWEEP)

    def _takes(self) -> timedelta:
        minutes = self.chance.lognormvariate(math.log(self.told.answer_minutes_median), SPREAD)
        return timedelta(minutes=minutes)

    def _now(self, person: Waiting) -> Waiting:
        return replace(person, asked_at=tuple(self.asked_at.get(person.entry, ())))

    def _free(self, entry: int, *, at: datetime) -> bool:
        return entry not in self.done and self.busy_until.get(entry, at) <= at

    def _again(self, one: GivenBack, *, at: datetime) -> None:
        heapq.heappush(self.queue, (at, next(self.order), one))


def _working(at: datetime, chance: random.Random) -> datetime:
    """Return a time of a working day from that day on, between nine and five by the clock of the clinic."""
    day = at.astimezone(ZONE)
    while day.isoweekday() > WEEKDAYS:
        day += DAY
    return day.replace(hour=chance.randrange(9, 17), minute=chance.choice([0, 15, 30, 45]), second=0, microsecond=0)


def simulated(rules: OfferRules, *, seed: int | None = None) -> list[GivenBack]:
    """Return what became of each time that was given back more than a day ahead."""
    told = figures()
    run = WaitingListSimulation(rules=rules, told=told, chance=random.Random(told.seed if seed is None else seed))
    return [one for one in run.run() if one.a_day_ahead]


def share_used(found: list[GivenBack]) -> float:
    """Return the share of times that were used again."""
    return sum(one.used_at is not None for one in found) / len(found)


def run(*, rounds: int) -> list[Result]:
    """Simulate with the shipped rules, with as many seeds as rounds; beside it, asking one after the other."""
    rules, first = shipped_rules(), figures().seed
    several = [share_used(simulated(rules, seed=first + number)) for number in range(rounds)]
    singly = share_used(simulated(replace(rules, at_once=1)))
    shown = simulated(rules)
    took = sorted((one.used_at - one.since).total_seconds() / 3600 for one in shown if one.used_at)
    offers = sum(one.offers for one in shown) / len(shown)
    told = f"{len(shown)} times; {offers:.1f} offers each; used after {took[len(took) // 2]:.1f} h (median)"
    return [
        ratio("given back > 1 day ahead: used again", several[0], least=GOAL, told=told),
        ratio("  the least of all seeds", min(several), told=f"{rounds} seeds"),
        ratio("  asked one after the other", singly, told="at_once: 1"),
    ]

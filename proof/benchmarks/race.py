"""Many clients want one slot at the same moment."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from django.core.management.base import CommandError

from core import clock
from proof.benchmarks.bookings import deadlocks, restore, stock
from proof.benchmarks.load import Job, LoadResult, generate, share
from proof.benchmarks.rounds import Result, median_of, ratio
from proof.benchmarks.server import serving
from proof.replay.clients import run_id
from proof.replay.wire import HttpConnection

CLIENTS = 16
STATISTICS_ARRIVE = 1.5
CREATED, TAKEN = "201", "409 slot-taken"


def run(*, rounds: int, each: int = 6) -> list[Result]:
    """Measure attempts a second on one slot, against as many clients who do not want the same."""
    prepared = stock(CLIENTS * each)
    free = list(zip(prepared.slots, prepared.patients, strict=True))
    before = deadlocks()
    alone, together, winners = [], [], []
    with serving() as base_url:
        for number in range(rounds):
            restore()
            alone.append(generate(Job("take", share(free, CLIENTS), base_url, prepared.token)))
            restore()
            wanted = prepared.slots[number]
            crowd = [[(wanted, patient)] * each for patient in prepared.patients[:CLIENTS]]
            together.append(generate(Job("take", crowd, base_url, prepared.token)))
            winners.append(together[-1].statuses[CREATED])
    restore()
    return report(alone, together, winners, deadlocked=since(before))


def report(alone: list[LoadResult], together: list[LoadResult], winners: list[int], *, deadlocked: int) -> list[Result]:
    """Return winners, deadlocks, and rates."""
    ratios = [many.rate / few.rate for many, few in zip(together, alone, strict=True)]
    rates = f"{median_of(one.rate for one in together):.0f}/s of {median_of(one.rate for one in alone):.0f}/s"
    once = all(count == 1 for count in winners)
    others = sorted({status for one in together for status in one.statuses} - {CREATED})
    return [
        Result(f"{CLIENTS} clients on one slot: winners by round", str(winners), "1 each", once),
        Result("  everybody else", ", ".join(others), TAKEN, others == [TAKEN]),
        Result("  deadlocks", str(deadlocked), "0", deadlocked == 0),
        ratio("  attempts/s ÷ uncontended", median_of(ratios), least=0.5, told=rates),
    ]


def since(before: int) -> int:
    """Return how many deadlocks there were since; the server tells with some delay."""
    time.sleep(STATISTICS_ARRIVE)
    return deadlocks() - before


AHEAD = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class SlotRace:
    """A race at a running service: so many clients, each for a patient of its own, all for one slot."""

    base_url: str
    token: str
    clients: int

    def run(self) -> list[Result]:
        """Make the patients, let all post at once, and count."""
        with ThreadPoolExecutor(8) as team:
            patients = list(team.map(self.patient, range(self.clients), [run_id(0)] * self.clients))
        slot, before = self.slot(), deadlocks()
        crowd = [[(slot, patient)] for patient in patients]
        outcome = generate(Job("take", crowd, self.base_url, self.token, answers=self.answers()))
        deadlocked = since(before)
        expected = {CREATED: 1, TAKEN: self.clients - 1}
        told = ", ".join(f"{count} × {status}" for status, count in sorted(outcome.statuses.items()))
        goal = f"1 × 201, {self.clients - 1} × 409"
        return [
            Result(f"{self.clients} parallel posts for one slot", told, goal, dict(outcome.statuses) == expected),
            Result("  deadlocks", str(deadlocked), "0", deadlocked == 0),
            Result("  all answered after", f"{outcome.whole:.2f} s"),
        ]

    def patient(self, number: int, run: str) -> str:
        """Make a patient; return their id."""
        line = HttpConnection(self.base_url, self.token)
        body = {"name": f"Race {number}", "birth_date": "1970-01-01", "email": f"race.{run}.{number}@example.org"}
        answer = line.post(
            "/patients/", body | {"site": "lakeside", "another_person": True}, key=f"race-{run}-{number}"
        )
        line.close()
        return str(answer.body["id"])

    def answers(self) -> dict[str, str]:
        """Return that none of what is asked before such a visit applies to anybody."""
        line = HttpConnection(self.base_url, self.token)
        asked = line.get("/suitability/questions/", therapy="acu_manual", visit="followup", site="lakeside")
        line.close()
        return {one["id"]: "no" for page in asked.body["pages"] for one in page["questions"]}

    def slot(self) -> str:
        """Return a free slot some weeks ahead. Raises CommandError when there is none."""
        line = HttpConnection(self.base_url, self.token)
        start = clock.now() + timedelta(days=15)
        query = {"therapy": "acu_manual", "visit": "followup", "site": "lakeside", "limit": 1}
        answer = line.get("/slots/", **query, **{"from": start.isoformat(), "to": (start + AHEAD).isoformat()})
        line.close()
        if not answer.body["results"]:
            raise CommandError("Nothing is free in the next months: start the demo clinic on a new data folder.")
        return str(answer.body["results"][0]["id"])

"""The clients: each works intents off over one connection, as a booking system at a front desk would."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from proof.replay.intents import Afterwards, Intent
from proof.replay.tally import Tally
from proof.replay.wire import HttpAnswer, HttpConnection, NotThere

AGAIN = 3  # how many of the times shown are tried
LATER = (timedelta(days=1), timedelta(days=14), timedelta(days=28))
FARTHEST = 150
CREATED, OK = 201, 200
ACTS_LATER = 12


@dataclass(frozen=True, slots=True)
class WantedVisit:
    """A kind of visit that can be booked, with how often it is wanted."""

    therapy: str
    visit: str
    technique: str
    weight: float


@dataclass(slots=True)
class Work:
    """What all clients share: intents, catalogue, patients made so far, the tally."""

    base_url: str
    token: str
    intents: Iterator[Intent]
    kinds: list[WantedVisit]
    site: str
    until: float
    run: str
    tally: Tally = field(default_factory=Tally)
    patients: dict[int, str] = field(default_factory=dict)
    answers: dict[WantedVisit, dict[str, str]] = field(default_factory=dict)
    progress: Callable[[int], None] = print
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _making: dict[int, threading.Lock] = field(default_factory=dict)

    def next(self) -> Intent | None:
        """Return the next intent; None when there is none left, or no time."""
        with self._lock:
            return None if time.monotonic() > self.until else next(self.intents, None)

    def making(self, person: int) -> threading.Lock:
        """Return the lock under which a person's record is made once."""
        with self._lock:
            return self._making.setdefault(person, threading.Lock())


@dataclass(slots=True)
class Booked:
    """A booking whose story goes on."""

    body: dict[str, Any]
    intent: Intent


class Client(threading.Thread):
    """One client with its connection. What becomes of a booking happens some intents later."""

    def __init__(self, work: Work, *, number: int) -> None:
        super().__init__(name=f"client-{number}", daemon=True)
        self.work, self.line = work, HttpConnection(work.base_url, work.token)
        self.later: list[Booked] = []
        self.finished = False

    def run(self) -> None:
        """Work until nothing is left; a service that no longer answers is a fault."""
        try:
            while intent := self.work.next():
                self.deal_with(intent)
                self.work.progress(self.work.tally.step())
            while self.later:
                self.go_on(self.later.pop(0))
            self.finished = True
        except NotThere as error:
            self.work.tally.fault(f"no answer: {error}")
        finally:
            self.line.close()

    def deal_with(self, intent: Intent) -> None:
        """Book what is wanted, and sometimes go on with an earlier booking."""
        patient = self.patient(intent)
        if patient is None:
            return
        booked = self.book(intent, patient)
        if booked and intent.afterwards is not Afterwards.STAYS:
            self.later.append(Booked(booked, intent))
        if len(self.later) > ACTS_LATER:
            self.go_on(self.later.pop(0))

    def patient(self, intent: Intent) -> str | None:
        """Return the person's record, made when they first ask."""
        with self.work.making(intent.person):
            if intent.person not in self.work.patients:
                answer = self.post("patient", "/patients/", record(intent, self.work), key=self.key(intent, "patient"))
                if answer.status != CREATED:
                    return None
                self.work.patients[intent.person] = answer.body["id"]
        return self.work.patients[intent.person]

    def book(self, intent: Intent, patient: str) -> dict[str, Any] | None:
        """Look for times and take one; when somebody was quicker, the next."""
        chance = random.Random(intent.seed)  # noqa: S311  (what is wanted is drawn, no secret)
        kind = wanted_visit(self.work.kinds, intent.kind)
        for attempt, slot in enumerate(self.slots(intent, kind, chance)):
            answer = self.take(intent, slot, patient, attempt, answers=self.answers(kind))
            if answer.status == CREATED:
                self.work.tally.promise(answer)
                return dict(answer.body)
            if answer.code not in {"slot-taken", "not-open-yet", "no-suitable-place"}:
                return None
        return None

    def answers(self, kind: WantedVisit) -> dict[str, str]:
        """Return that none of what is asked before such a visit applies; asked for once."""
        if kind not in self.work.answers:
            query = {"therapy": kind.therapy, "visit": kind.visit, "site": self.work.site}
            query |= {"technique": kind.technique} if kind.technique else {}
            asked = self.work.tally.note("questions", self.line.get("/suitability/questions/", **query))
            pages = asked.body["pages"] if asked.status == OK else []
            self.work.answers[kind] = {one["id"]: "no" for page in pages for one in page["questions"]}
        return self.work.answers[kind]

    def take(self, intent: Intent, slot: str, patient: str, attempt: int, *, answers: dict[str, str]) -> HttpAnswer:
        """Book a slot at once, or hold it first; send the booking twice where the intent says so."""
        wanted: dict[str, object] = {"slot": slot, "patient": patient}
        if intent.by_hold:
            held = self.post("hold", "/holds/", wanted, key=self.key(intent, f"hold{attempt}"))
            if held.status != CREATED:
                return held
            wanted = {"hold": held.body["id"], "patient": patient}
        wanted |= {"answers": answers} if answers else {}
        kind, key = ("confirm" if intent.by_hold else "book"), self.key(intent, f"book{attempt}")
        answer = self.post(kind, "/appointments/", wanted, key=key)
        if intent.twice:
            again = self.post("repeat", "/appointments/", wanted, key=key)
            if (again.status, again.body) != (answer.status, answer.body):
                self.work.tally.fault(f"the same key was answered {answer.status} and then {again.status}")
        return answer

    def slots(self, intent: Intent, kind: WantedVisit, chance: random.Random) -> list[str]:
        """Return some of the times shown: on the day wanted, else within two weeks, else some month."""
        start = datetime.now(UTC) + timedelta(days=intent.days)  # noqa: TID251  (a client has a clock of its own)
        for window in LATER:
            found = self.search(kind, start, start + window)
            if found:
                return found[:AGAIN] if intent.first_come else chance.sample(found, min(AGAIN, len(found)))
            if window is LATER[1]:
                start += timedelta(days=chance.randrange(FARTHEST - min(intent.days, FARTHEST - 1)))
        self.work.tally.refuse("search", "nothing-free")
        return []

    def search(self, kind: WantedVisit, start: datetime, end: datetime, *, moving: str = "") -> list[str]:
        """Return slot ids."""
        query = {"therapy": kind.therapy, "visit": kind.visit, "from": start.isoformat(), "to": end.isoformat()}
        query |= {name: value for name, value in (("technique", kind.technique), ("moving", moving)) if value}
        answer = self.work.tally.note("search", self.line.get("/slots/", **query, limit=50))
        return [slot["id"] for slot in answer.body["results"]] if answer.status == OK else []

    def go_on(self, booked: Booked) -> None:
        """Move a booking, or cancel it, or cancel it and think better of it."""
        there = f"/appointments/{booked.body['id']}"
        if booked.intent.afterwards is Afterwards.MOVES:
            self.move(booked, there)
            return
        chance = random.Random(booked.intent.seed)  # noqa: S311
        reason = chance.choice(["patient", "illness", "transport", "weather", "feels_better"])
        undone = booked.intent.afterwards is Afterwards.IS_UNDONE
        body = {"reason": "patient" if undone else reason}
        if self.act("cancel", f"{there}/cancel/", body, booked) and undone:
            self.act("undo", f"{there}/undo/", {}, booked)

    def move(self, booked: Booked, there: str) -> None:
        """Move a booking to one of the times near it, its own time counting as free."""
        start = datetime.fromisoformat(booked.body["start"])
        kind = wanted_visit(self.work.kinds, booked.intent.kind)
        found = self.search(kind, start, start + timedelta(days=7), moving=booked.body["id"])
        for slot in found[-1:]:
            self.act("move", f"{there}/reschedule/", {"slot": slot}, booked)

    def act(self, kind: str, path: str, body: dict[str, Any], booked: Booked) -> bool:
        """Send a move of the life cycle; remember what was acknowledged."""
        try:
            answer = self.post(kind, path, body, key=f"{self.work.run}-{booked.body['id']}-{kind}")
        except NotThere:
            self.work.tally.doubt(booked.body["id"])
            raise
        if answer.status == OK:
            self.work.tally.promise(answer)
        return answer.status == OK

    def post(self, kind: str, path: str, body: object, *, key: str) -> HttpAnswer:
        """Send a POST and count the answer."""
        return self.work.tally.note(kind, self.line.post(path, body, key=key))

    def key(self, intent: Intent, act: str) -> str:
        """Return an idempotency key of this run."""
        return f"{self.work.run}-{intent.number}-{act}"


def record(intent: Intent, work: Work) -> dict[str, object]:
    """Return a made-up person, who is nobody of an earlier run."""
    year = 1940 + intent.seed % 65
    return {
        "name": f"Replay Person {intent.person}",
        "birth_date": f"{year}-{1 + intent.seed % 12:02}-{1 + intent.seed % 28:02}",
        "email": f"replay.{work.run}.{intent.person}@example.org",
        "site": work.site,
        "another_person": True,
    }


def wanted_visit(kinds: list[WantedVisit], share: float) -> WantedVisit:
    """Return the kind at a share of all weights: 0 is the first, nearly 1 the last."""
    left = share * sum(kind.weight for kind in kinds)
    for kind in kinds:
        left -= kind.weight
        if left < 0:
            return kind
    return kinds[-1]


def run_id(seed: int) -> str:
    """Return a name for this run that no other has."""
    return f"{seed}-{UUID(int=random.SystemRandom().getrandbits(128)).hex[:8]}"

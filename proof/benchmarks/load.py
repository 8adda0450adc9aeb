"""The load generator, a process of its own: told by a pickle on stdin what to do, it answers with JSON."""

import json
import pickle
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import django

from proof.benchmarks.statements import Transaction, replay
from proof.replay.wire import HttpConnection

ROOT = Path(__file__).parents[2]
CREATED = 201
T = TypeVar("T")


@dataclass(slots=True)
class Job:
    """What to do: `each` lists the work of one client, `answers` what everybody answers before a booking."""

    what: str
    each: list[list[Any]]
    base_url: str = ""
    token: str = ""
    database: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class LoadResult:
    """How it went: answers by status, seconds of each request, seconds in all."""

    statuses: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    whole: float = 0.0

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.seconds) / self.whole


def generate(job: Job) -> LoadResult:
    """Run a job in a process of its own."""
    command = [sys.executable, "-m", "proof.benchmarks.load"]
    done = subprocess.run(command, input=pickle.dumps(job), stdout=subprocess.PIPE, cwd=ROOT, check=True)
    told = json.loads(done.stdout)
    return LoadResult(Counter(told["statuses"]), told["seconds"], told["whole"])


def share(work: Sequence[T], clients: int) -> list[list[T]]:
    """Deal work out to clients."""
    return [list(work[n::clients]) for n in range(clients)]


def book(_: Job, line: HttpConnection, work: list[tuple[str, str]]) -> list[tuple[str, float]]:
    """Hold and confirm each (slot, patient)."""
    found = []
    for slot, patient in work:
        held = line.post("/holds/", {"slot": slot, "patient": patient}, key=str(uuid.uuid4()))
        found.append((f"hold {held.status}", held.seconds))
        if held.status == CREATED:
            wanted = {"hold": held.body["id"], "patient": patient}
            confirmed = line.post("/appointments/", wanted, key=str(uuid.uuid4()))
            found.append((f"confirm {confirmed.status}", confirmed.seconds))
    return found


def take(job: Job, line: HttpConnection, work: list[tuple[str, str]]) -> list[tuple[str, float]]:
    """Book each (slot, patient) at once."""
    found = []
    for slot, patient in work:
        wanted: dict[str, object] = {"slot": slot, "patient": patient}
        wanted |= {"answers": dict(job.answers)} if job.answers else {}
        answer = line.post("/appointments/", wanted, key=str(uuid.uuid4()))
        found.append((f"{answer.status} {'' if answer.status == CREATED else answer.code}".strip(), answer.seconds))
    return found


def pages(job: Job, _: HttpConnection, work: list[str]) -> list[tuple[str, float]]:
    """Open each page, all on one connection."""
    found = []
    line = HTTPConnection(urlsplit(job.base_url).netloc, timeout=30)
    for path in work:
        began = time.perf_counter()
        line.request("GET", path)
        answer = line.getresponse()
        answer.read()
        found.append((str(answer.status), time.perf_counter() - began))
    line.close()
    return found


def statements(job: Job, _: HttpConnection, work: list[Transaction]) -> list[tuple[str, float]]:
    """Run recorded transactions; each request that they were recorded from counts once."""
    return [("statements", seconds) for seconds in replay(job.database, work)]


WORK: dict[str, Callable[[Job, HttpConnection, list[Any]], list[tuple[str, float]]]] = {
    "book": book,
    "take": take,
    "pages": pages,
    "statements": statements,
}


def work_off(job: Job) -> LoadResult:
    """Let every client begin at the same moment; return how it went."""
    outcome, lock, finished = LoadResult(), threading.Lock(), list[int]()
    start = threading.Barrier(len(job.each) + 1)

    def client(work: list[Any]) -> None:
        line = HttpConnection(job.base_url, job.token)
        if job.base_url:
            line.get("/me/")
        start.wait()
        found = WORK[job.what](job, line, work)
        line.close()
        with lock:
            outcome.statuses.update(status for status, _ in found)
            outcome.seconds.extend(seconds for _, seconds in found)
            finished.append(len(found))

    clients = [threading.Thread(target=client, args=(work,)) for work in job.each]
    for one in clients:
        one.start()
    start.wait()
    begun = time.perf_counter()
    for one in clients:
        one.join()
    outcome.whole = time.perf_counter() - begun
    if len(finished) < len(clients):
        raise RuntimeError("Some clients stopped early: see above.")
    return outcome


if __name__ == "__main__":
    django.setup()  # recorded parameters are of Django's types
    told = work_off(pickle.loads(sys.stdin.buffer.read()))  # noqa: S301  (only what our own parent process wrote)
    print(json.dumps({"statuses": told.statuses, "seconds": told.seconds, "whole": told.whole}))

"""A whole replay: get ready, let the clients work, wait for the messages, look at everything."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from core import clock
from demo.filling import WANTED
from proof.checker import Violation, check, messages
from proof.checker.finding import rows
from proof.replay import acknowledged
from proof.replay.clients import Client, WantedVisit, Work, run_id
from proof.replay.intents import intents
from proof.replay.tally import Tally
from proof.replay.wire import HttpConnection, NotThere

OK = 200
FOLLOWUPS = 0.7
SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
KINDS = """
SELECT t.key, p.visit, p.technique FROM scheduler_visitplan p
JOIN scheduler_therapy t ON t.id = p.therapy_id AND t.active
WHERE EXISTS (SELECT FROM scheduler_offering o WHERE o.therapy_id = t.id AND p.visit = ANY(o.visits))
ORDER BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What is to be sent where, and for how long at most."""

    base_url: str
    token: str
    requests: int
    clients: int
    seed: int
    minutes: float

    def knock(self) -> None:
        """Ask who we are. Raises NotThere with a sentence for the user."""
        line = HttpConnection(self.base_url, self.token)
        try:
            answer = line.get("/me/")
        except (NotThere, ValueError) as error:
            raise NotThere(
                f"Nobody answers at {self.base_url}: start the service with python3 manage.py up."
            ) from error
        finally:
            line.close()
        if answer.status != OK:
            raise NotThere(f"The service at {self.base_url} does not know this token: is it on another database?")

    def send(self, progress: "Progress") -> tuple[Tally, str]:
        """Let the clients work everything off; return what happened, and the run's name."""
        run = run_id(self.seed)
        work = Work(
            base_url=self.base_url,
            token=self.token,
            intents=intents(self.requests, seed=self.seed),
            kinds=list(kinds()),
            site="lakeside",
            until=time.monotonic() + self.minutes * 60,
            run=run,
            progress=progress.show,
        )
        team = [Client(work, number=n) for n in range(self.clients)]
        for client in team:
            client.start()
        for client in team:
            client.join()
            if not client.finished:
                work.tally.fault(f"{client.name} stopped early")
        return work.tally, run


class Progress:
    """Says how far it is, now and then."""

    def __init__(self, total: int, say: Callable[[str], object], *, every: int = 250) -> None:
        self.total, self.say, self.every, self.begun = total, say, every, time.monotonic()
        self.lock = threading.Lock()

    def show(self, done: int) -> None:
        """Print a line for each so many."""
        if done % self.every == 0 or done == self.total:
            seconds = time.monotonic() - self.begun
            with self.lock:
                self.say(f"  {done} of {self.total} after {seconds:.0f} s")


def kinds() -> Iterator[WantedVisit]:
    """Yield what can be booked, with how often it is wanted."""
    for therapy, visit, technique in rows(KINDS):
        if therapy in WANTED:
            share = FOLLOWUPS if visit == "followup" else 1 - FOLLOWUPS
            yield WantedVisit(therapy, visit, technique, WANTED[therapy] * share)


def wait_for_messages(seconds: float) -> bool:
    """Wait until everything due by now has been said; False when that takes longer than `seconds`."""
    due, until = clock.now(), time.monotonic() + seconds
    while messages.waiting(before=due):
        if time.monotonic() > until:
            return False
        time.sleep(0.5)
    return True


def findings(tally: Tally, run: str) -> list[Violation]:
    """Look at everything, in one snapshot of the database."""
    promises = tally.promises.values()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(SNAPSHOT)
        found = list(check(at=clock.now()))
        found += acknowledged.broken(promises, unsure=tally.unsure)
        if not tally.unsure:
            found += acknowledged.unasked(run, promises)
    return found

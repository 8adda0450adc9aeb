"""The worker's signs of life, and how it comes back to a queue that was away."""

import time
from collections.abc import Callable
from typing import Any

from celery import bootsteps, signals
from celery.worker import state
from celery.worker.consumer import Consumer as CeleryConsumer
from kombu.log import get_logger

from config.heartbeat import EVERY, PATIENCE, Heartbeat
from core import progress

log = get_logger(__name__)
LONGEST_STEP = 90.0  # seconds that one step of a task may take: a mail server has ten for each of its answers
RETRY = {"interval_start": 0.5, "interval_step": 0.5, "interval_max": 2.0}  # seconds between two tries to connect


def moment_of_life(*, now: float, busy: int, threads: int, last_step: float) -> float:
    """Return the moment to sign with: now, or an earlier one when every thread has been at one step for too long.

    All are seconds of elapsed time. Threads that all hang fall silent once their step has taken 90 s.
    """
    if busy < threads:
        return now
    return min(now, last_step + LONGEST_STEP - PATIENCE)


class Heartbeats(bootsteps.StartStopStep):
    """Signs from the loop that hands out tasks: a stopped process, a loop that hangs and threads that all hang show."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, _worker: object, **_: object) -> None:
        self.heartbeat = Heartbeat.of_this_process()
        self.timer: Any = None

    def start(self, worker: Any) -> None:  # noqa: ANN401
        """Give a sign now and every two seconds."""
        if self.heartbeat:
            progress.note()
            self.timer = worker.timer.call_repeatedly(EVERY, self.give, (worker.concurrency,))

    def give(self, threads: int) -> None:
        """Give a sign."""
        if self.heartbeat:
            busy = len(state.active_requests)
            last = progress.last()
            self.heartbeat.give(moment_of_life(now=time.monotonic(), busy=busy, threads=threads, last_step=last))

    def stop(self, _worker: object) -> None:
        """Give no more signs."""
        if self.timer:
            self.timer.cancel()


class Consumer(CeleryConsumer):
    """Celery's consumer, which tries a queue that is away every two seconds at least, and gives signs meanwhile."""

    def ensure_connected(self, conn: Any) -> Any:  # noqa: ANN401
        """Return the connection once it stands."""
        heartbeat = Heartbeat.of_this_process()

        def meanwhile() -> None:
            state.maybe_shutdown()
            if heartbeat:
                heartbeat.give()

        return conn.ensure_connection(said(conn), None, callback=meanwhile, **RETRY)


def said(connection: Any) -> Callable[[Exception, float], None]:  # noqa: ANN401
    """Return what writes to the log that the queue is away."""

    def write(error: Exception, interval: float) -> None:
        log.warning("the queue %s is away (%s), tried again in %.1f s", connection.as_uri(), error, interval)

    return write


@signals.task_prerun.connect
@signals.task_postrun.connect
def note_step(**_: object) -> None:
    """Note that a task has begun or ended."""
    progress.note()

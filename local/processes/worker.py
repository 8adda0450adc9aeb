"""The worker's signs of life, its watch over the database, and how it comes back to a queue that was away."""

import time
from collections.abc import Callable
from typing import Any

from celery import bootsteps, signals
from celery.worker import state
from celery.worker.consumer import Consumer as CeleryConsumer
from kombu.log import get_logger

from core.database.hang import watch
from core.monitoring import progress
from local.processes.heartbeat import EVERY, PATIENCE, Heartbeat

log = get_logger(__name__)
RETRY = {"interval_start": 0.5, "interval_step": 0.5, "interval_max": 2.0}  # seconds between two tries to connect


def moment_of_life(*, now: float, all_busy: bool, last_step: float, oldest_step: float | None) -> float:
    """Return the moment to sign with: now, or an earlier one when a round of mail, or every thread, hangs.

    All are seconds of elapsed time. What hangs shows as silence of 30 s once its step has taken 90 s.
    """
    steps = [last_step] if all_busy else []
    if oldest_step is not None:
        steps.append(oldest_step)
    return min(now, *(step + progress.LONGEST_STEP - PATIENCE for step in steps)) if steps else now


def give_sign(heartbeat: Heartbeat, *, all_busy: bool) -> None:
    """Leave a sign of life: of now, or of an earlier moment where work hangs."""
    heartbeat.give(
        moment_of_life(
            now=time.monotonic(),
            all_busy=all_busy,
            last_step=progress.last(),
            oldest_step=progress.oldest_step(),
        )
    )


class Heartbeats(bootsteps.StartStopStep):
    """Signs from the loop that hands out tasks: a stopped process, a loop, a round or threads that all hang show."""

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
        """Note that the worker is alive, for whoever looks at its file."""
        if self.heartbeat:
            give_sign(self.heartbeat, all_busy=len(state.active_requests) >= threads)

    def stop(self, _worker: object) -> None:
        """Give no more signs."""
        if self.timer:
            self.timer.cancel()


class DatabaseWatch(bootsteps.StartStopStep):
    """Ask the database again and again, as a web process does: no task waits long for one that hangs."""

    def start(self, _worker: object) -> None:
        """Ask from now on."""
        watch.start()


class Consumer(CeleryConsumer):
    """Celery's consumer, which tries a queue that is away every two seconds at least, and gives signs meanwhile."""

    def ensure_connected(self, conn: Any) -> Any:  # noqa: ANN401
        """Return the connection once it stands."""
        heartbeat = Heartbeat.of_this_process()

        def meanwhile() -> None:
            state.maybe_shutdown()
            if heartbeat:
                give_sign(heartbeat, all_busy=False)

        return conn.ensure_connection(log_queue_away(conn), None, callback=meanwhile, **RETRY)


def log_queue_away(connection: Any) -> Callable[[Exception, float], None]:  # noqa: ANN401
    """Return a listener for tries to connect that fail: each leaves a line in the log."""

    def write(error: Exception, interval: float) -> None:
        log.warning("the queue %s is away (%s), tried again in %.1f s", connection.as_uri(), error, interval)

    return write


@signals.task_prerun.connect
@signals.task_postrun.connect
def note_step(**_: object) -> None:
    """Note that a task has begun or ended."""
    progress.note()

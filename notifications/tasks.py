"""The worker's tasks: they carry no words and no names, and running them twice is harmless."""

from threading import Event, Lock

from celery import shared_task
from celery.signals import worker_shutting_down

from core import clock
from core.monitoring import progress
from notifications.actions import dispatch as rounds
from notifications.actions import health_notices
from notifications.models import Sweep

stopping = Event()
"""Set once the worker is asked to stop: what it has not begun by then is left to the next one."""


@worker_shutting_down.connect
def hear(**_: object) -> None:
    """Note that the worker is asked to stop."""
    stopping.set()


# A lock of this process alone: rounds of other workers pick up other messages, and need not be waited for.
_round, _wanted = Lock(), Event()


@shared_task(name="notifications.tasks.dispatch")
def dispatch() -> None:
    """Say what is due: the bell that rings after a change."""
    say_what_is_due()


@shared_task(name="notifications.tasks.sweep")
def sweep() -> None:
    """Say what is due: by the clock, so that a missed bell costs time and no message."""
    Sweep.objects.count_one()
    say_what_is_due()


@shared_task(name="notifications.tasks.ask_anew")
def ask_anew() -> None:
    """Plan a notice for whoever answered health questions that have changed since."""
    health_notices.plan_notices(at=clock.now())


def say_what_is_due() -> None:
    """Run a round; where this process is in one already, let that one be followed by another.

    So a worker that is killed has one message in hand at most, however many threads it has. It is killed when its round
    does not get on any more, whatever its other threads do: no other round could begin.
    """
    _wanted.set()
    while _wanted.is_set() and _round.acquire(blocking=False):
        try:
            _wanted.clear()
            with progress.noted_each_step():
                rounds.run(now=clock.now, stopping=asked_to_stop)
        finally:
            _round.release()


def asked_to_stop() -> bool:
    """Say whether the worker is asked to stop; asked before each message, so the round gets on."""
    progress.note()
    return stopping.is_set()

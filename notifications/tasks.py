"""The worker's tasks: they carry no words and no names, and running them twice is harmless."""

from threading import Event

from celery import shared_task
from celery.signals import worker_shutting_down

from core import clock, progress
from notifications.actions import dispatch as rounds
from notifications.models import Sweep

stopping = Event()
"""Set once the worker is asked to stop: what it has not begun by then is left to the next one."""


@worker_shutting_down.connect
def hear(**_: object) -> None:
    """Note that the worker is asked to stop."""
    stopping.set()


def asked_to_stop() -> bool:
    """Say whether the worker is asked to stop, which is asked before each message: the round gets on."""
    progress.note()
    return stopping.is_set()


@shared_task(name="notifications.tasks.dispatch")
def dispatch() -> None:
    """Say what is due: the bell that rings after a change."""
    rounds.run(now=clock.now, stopping=asked_to_stop)


@shared_task(name="notifications.tasks.sweep")
def sweep() -> None:
    """Say what is due: by the clock, so that a missed bell costs time and no message."""
    Sweep.objects.count_one()
    rounds.run(now=clock.now, stopping=asked_to_stop)

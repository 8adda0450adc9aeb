"""The worker's tasks: they carry no words and no names, and running them twice is harmless."""

from threading import Event

from celery import shared_task
from celery.signals import worker_shutting_down

from core import clock
from notifications.actions import dispatch as rounds

stopping = Event()
"""Set once the worker is asked to stop: what it has not begun by then is left to the next one."""


@worker_shutting_down.connect
def hear(**_: object) -> None:
    """Note that the worker is asked to stop."""
    stopping.set()


@shared_task(name="notifications.tasks.dispatch")
def dispatch() -> None:
    """Say what is due: the bell that rings after a change."""
    rounds.run(now=clock.now, stopping=stopping.is_set)


@shared_task(name="notifications.tasks.sweep")
def sweep() -> None:
    """Say what is due: by the clock, so that a missed bell costs time and no message."""
    rounds.run(now=clock.now, stopping=stopping.is_set)

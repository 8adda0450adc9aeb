"""The worker's tasks: they carry no words and no names, and running them twice is harmless."""

from celery import shared_task

from core import clock
from notifications.actions import dispatch as rounds


@shared_task(name="notifications.tasks.dispatch")
def dispatch() -> None:
    """Say what is due: the bell that rings after a change."""
    rounds.run(now=clock.now)


@shared_task(name="notifications.tasks.sweep")
def sweep() -> None:
    """Say what is due: by the clock, so that a missed bell costs time and no message."""
    rounds.run(now=clock.now)

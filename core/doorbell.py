"""Ring a worker after commit. A missed ring costs time, never work: the sweep finds what is due."""

import logging
from functools import partial

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError
from kombu.pools import producers

log = logging.getLogger(__name__)

PATIENCE = 0.2
"""Seconds that a ring may take: whoever books waits for it."""

ONCE = {
    "socket_connect_timeout": PATIENCE,
    "socket_timeout": PATIENCE,
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
"""The bell's own connections try once; the worker's, on the same broker, keep trying."""


def ring(task: str) -> None:
    """Ask a worker, once however often, to run `task` after this transaction's commit; a dead broker is passed over."""
    bell = partial(_publish, task)
    waiting = (call for _, call, _ in transaction.get_connection().run_on_commit)
    if not any(isinstance(call, partial) and (call.func, call.args) == (bell.func, bell.args) for call in waiting):
        transaction.on_commit(bell, robust=False)


def _publish(task: str) -> None:
    broker = current_app.connection_for_write(transport_options=ONCE)
    try:
        with producers[broker].acquire(block=True, timeout=PATIENCE) as bell:
            current_app.send_task(task, producer=bell, retry=False, ignore_result=True)
    except OperationalError:
        log.warning("no broker: %s waits for the next sweep", task)

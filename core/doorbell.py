"""Ring a worker after commit. A missed ring costs time, never work: the sweep finds what is due."""

import logging
from functools import lru_cache

from celery import current_app
from django.db import transaction
from kombu import Connection
from kombu.exceptions import KombuError
from kombu.pools import producers
from redis.exceptions import RedisError

from core.broker import try_once

log = logging.getLogger(__name__)

PATIENCE = 0.2
"""Seconds that a ring may take: whoever books waits for it."""

ONCE = try_once(patience=PATIENCE)
"""The bell's own connections try once; the worker's, on the same broker, keep trying."""

UNHEARD = (KombuError, RedisError, OSError)
"""What ringing can meet. A full pool is kombu's LimitExceeded, a broker that is away or refuses its OperationalError;
what the transport meets while a connection is taken from the pool or given back comes as it is."""


def ring(task: str) -> None:
    """Ask a worker, once however often, to run `task` after this transaction's commit.

    Whatever becomes of the ring, what was committed stands, and whoever did it is not told of the bell's troubles.
    """
    bell = _Bell(task)
    if all(call != bell for _, call, _ in transaction.get_connection().run_on_commit):
        # Robust: whatever goes wrong after the commit must not make the booking look failed.
        transaction.on_commit(bell, robust=True)


class _Bell:
    """One ring. Django names it in its log, should it break in a way that nobody has foreseen."""

    def __init__(self, task: str) -> None:
        self.task, self.__qualname__ = task, f"ring {task}"

    def __call__(self) -> None:
        _publish(self.task)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Bell) and other.task == self.task

    def __hash__(self) -> int:
        return hash(self.task)


def broker() -> Connection:
    """Return the broker as the bell reaches it: the key of its pool of producers."""
    return _broker_at(current_app.conf.broker_write_url)


@lru_cache(maxsize=4)
def _broker_at(url: str) -> Connection:
    # Made once for an address: to make it, only to look up the pool, takes as long as to ring.
    return current_app.connection_for_write(url, transport_options=ONCE)


def _publish(task: str) -> None:
    try:
        # A connection of the pool, without which each booking would shake hands with the broker anew.
        with producers[broker()].acquire(block=True, timeout=PATIENCE) as bell:
            current_app.send_task(task, producer=bell, retry=False, ignore_result=True)
    except UNHEARD as error:
        log.warning("%s waits for the next sweep: %s", task, type(error).__name__)

"""One intent, one transaction: the outermost unit is tried again when the database asks for it."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction
from psycopg import errors

from core.refusals import Busy

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 4
AGAIN = (errors.SerializationFailure, errors.DeadlockDetected)
TOO_SLOW = (errors.LockNotAvailable, errors.QueryCanceled)


def unit(act: Callable[P, R]) -> Callable[P, R]:
    """Run `act` in a transaction; as the outermost one, try it again after a deadlock or serialization failure.

    Inside another unit it is a part of it: the outermost is what is tried again, and what refuses a part refuses the
    whole. Whoever catches a refusal and goes on opens a savepoint around the part. A lock or statement that takes too
    long is refused as Busy.
    """

    @wraps(act)
    def whole(*args: P.args, **kwargs: P.kwargs) -> R:
        # Marked on the connection, not the thread: what another connection does is another transaction.
        if getattr(connection, "in_unit", None) is not None:
            with transaction.atomic(savepoint=False):
                return act(*args, **kwargs)
        return _outermost(lambda: act(*args, **kwargs))

    return whole


def as_one(act: Callable[[], R]) -> R:
    """Do an edit and what a framework writes beside it (the admin's log) as one unit."""
    return unit(act)()


@contextmanager
def rehearsal(*, only: bool) -> Iterator[None]:
    """Undo what is done inside when it is a rehearsal only."""
    with transaction.atomic():
        yield
        # The same edit in every respect, locks and refusals included: what is told is what would be.
        transaction.set_rollback(only)


def one_trip(act: Callable[P, R]) -> Callable[P, R]:
    """Run `act`, which is a single message to the database and so a transaction by itself, as a unit is run.

    A message may hold several statements: each sees what was committed before it, and all stand, or none.
    """

    @wraps(act)
    def whole(*args: P.args, **kwargs: P.kwargs) -> R:
        return _tried_again(lambda: act(*args, **kwargs))

    return whole


def _outermost(work: Callable[[], R]) -> R:
    def transacted() -> R:
        with transaction.atomic(), _marked():  # what is done after the commit is no part of the unit
            return work()

    return _tried_again(transacted)


def _tried_again(work: Callable[[], R], attempt: int = 1) -> R:
    try:
        return work()
    except OperationalError as error:
        if isinstance(error.__cause__, TOO_SLOW):
            raise Busy from error
        # Within somebody else's transaction there is nothing to try again: it is broken as a whole.
        if not isinstance(error.__cause__, AGAIN) or connection.in_atomic_block:
            raise
        if attempt == ATTEMPTS:
            raise Busy from error
    # Two that met once would meet again if both waited as long.
    time.sleep(random.uniform(0.005, 0.02) * 2**attempt)  # noqa: S311  (jitter, no secret)
    return _tried_again(work, attempt + 1)


class _marked:  # noqa: N801  (reads as a word in a with statement)
    """Mark the connection as inside a unit, which remembers what was read for it."""

    def __enter__(self) -> None:
        self.before = getattr(connection, "in_unit", None)
        connection.in_unit = {}  # type: ignore[attr-defined]

    def __exit__(self, *_: object) -> None:
        connection.in_unit = self.before  # type: ignore[attr-defined]


def one_reading(read: Callable[P, R]) -> Callable[P, R]:
    """Let `read`, which writes nothing, read once what is read once in a unit."""

    @wraps(read)
    def whole(*args: P.args, **kwargs: P.kwargs) -> R:
        before = getattr(connection, "in_reading", None)
        connection.in_reading = {} if before is None else before  # type: ignore[attr-defined]
        try:
            return read(*args, **kwargs)
        finally:
            connection.in_reading = before  # type: ignore[attr-defined]

    return whole


def once_in_a_unit(name: str, read: Callable[[], R]) -> R:
    """Return what `read` gives, read once in a unit or reading however often it is asked for; else each time."""
    memory: dict[str, R] | None = getattr(connection, "in_unit", None)
    if memory is None:
        memory = getattr(connection, "in_reading", None)
    if memory is None:
        return read()
    if name not in memory:
        memory[name] = read()
    return memory[name]


def read_anew() -> None:
    """Forget what was read once in this unit: it has written what changes it, or has undone that."""
    memory: dict[str, object] | None = getattr(connection, "in_unit", None)
    if memory is not None:
        memory.clear()

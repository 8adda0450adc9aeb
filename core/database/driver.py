"""psycopg, as Django asks for a driver, with connections that give up on a database that hangs.

The server's own time-outs end what is slow. They end nothing when the server is stopped, or the way to it swallows
everything: then only this side can.
"""

import time
from collections.abc import Callable, Generator
from typing import Any, Self, TypeVar

import psycopg
from psycopg import (
    Binary,
    DatabaseError,
    DataError,
    Error,
    IntegrityError,
    InterfaceError,
    InternalError,
    NotSupportedError,
    OperationalError,
    ProgrammingError,
    Warning,  # noqa: A004  (PEP 249's name)
)
from psycopg.errors import ConnectionTimeout
from psycopg.waiting import Ready, Wait

from core.database.hang import watch

__all__ = [
    "Binary", "DataError", "DatabaseError", "Error", "IntegrityError", "InterfaceError", "InternalError",
    "NotSupportedError", "OperationalError", "ProgrammingError", "Warning", "connect",
]  # fmt: skip

R = TypeVar("R")


class DatabaseHangsError(OperationalError):
    """The database answers nothing; the connection was closed. What was sent last may still be carried out."""


class Connection(psycopg.Connection[Any]):
    """A connection whose waiting ends when the database hangs.

    `meanwhile` is done once, while the server works on what it was sent; it must not ask the database.
    """

    meanwhile: Callable[[], object] | None = None
    answered_at = 0.0
    """When it was last heard of, by the clock that only counts."""

    @classmethod
    def connect(cls, conninfo: str = "", **params: Any) -> Self:  # noqa: ANN401  (psycopg's)
        """Connect, or say at once that it is of no use now. Raises OperationalError."""
        if watch.refuses_to_connect():
            raise DatabaseHangsError("The database lets nobody in.")
        try:
            return super().connect(conninfo, **params)
        except ConnectionTimeout:
            watch.nobody_gets_in()
            raise

    def wait(self, gen: Any, *args: Any, **more: Any) -> Any:  # noqa: ANN401  (psycopg's)
        """Wait for the server's answer. Raises DatabaseHangsError, and closes, when there is no sense in waiting."""
        if self.meanwhile:
            gen, self.meanwhile = used(gen, self.meanwhile), None
        try:
            answer = super().wait(within_reason(gen), *args, **more)
        except DatabaseHangsError:
            self.close()
            raise
        self.answered_at = time.monotonic()
        return answer


class TripCursor(psycopg.Cursor[Any]):
    """A cursor that sends the statements of a text, parted by semicolons, in one trip and is answered in binary.

    The server reads and plans each once for a connection, or `anew`.
    """

    def __init__(self, connection: psycopg.Connection[Any], *, anew: bool) -> None:
        super().__init__(connection)
        self._anew, self._parts = anew, list[psycopg.Cursor[Any]]()

    def execute(self, query: Any, params: Any = None, **_: object) -> Self:  # noqa: ANN401  (psycopg's)
        """Have the statements carried out with these values, which are sent beside them."""
        with self.connection.pipeline():
            for statement in query.split(";"):
                self._parts.append(psycopg.Cursor(self.connection))
                self._parts[-1].execute(statement, params, prepare=not self._anew, binary=True)
        return self

    def answers(self) -> list[list[Any]]:
        """Return the rows of each statement."""
        return [part.fetchall() for part in self._parts]


def used(answer: Generator[Any, Any, R], act: Callable[[], object]) -> Generator[Any, Any, R]:
    """Pass on what psycopg waits for, and `act` once the server has the statement. Its answer is heard in any case."""
    try:
        wanted = next(answer)
        while wanted != Wait.R:
            wanted = answer.send((yield wanted))
    except StopIteration as done:  # it had answered by then
        value: R = done.value
        act()
        return value
    try:
        act()
    finally:
        value = yield from rest(answer, wanted)
    return value


def rest(answer: Generator[Any, Any, R], wanted: Wait) -> Generator[Any, Any, R]:
    """Pass on what psycopg still waits for."""
    try:
        while True:
            wanted = answer.send((yield wanted))
    except StopIteration as done:
        value: R = done.value
        return value


def within_reason(answer: Generator[Any, Any, R]) -> Generator[Any, Any, R]:
    """Pass on what psycopg waits for, until it has its answer, or it is time to give up."""
    began = time.monotonic()
    try:
        wanted = next(answer)
        while True:
            ready = yield wanted
            # psycopg comes by here every tenth of a second, also when nothing has arrived.
            if ready == Ready.NONE and watch.gives_up_on(waited=time.monotonic() - began):
                raise DatabaseHangsError("The database does not answer.")
            wanted = answer.send(ready)
    except StopIteration as done:
        value: R = done.value
        return value


connect = Connection.connect

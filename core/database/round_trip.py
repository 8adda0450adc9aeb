"""Fewer and shorter waits: several statements that read in one round trip, and work done while the database works."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, cast

import psycopg
from django.db import connection

if TYPE_CHECKING:
    from core.database.base import DatabaseWrapper

Understood = TypeVar("Understood")
WithArguments = tuple[str, Mapping[str, Any]]
"""A statement and its arguments."""


@dataclass(frozen=True, slots=True)
class ReadStatement(Generic[Understood]):
    """A statement that reads; `understand` makes the answer of its rows. Made, it is not sent yet.

    `anew`: how it is best carried out depends on how much is asked, so that it is planned each time.
    """

    statement: str
    arguments: Mapping[str, Any]
    understand: Callable[[list[tuple[Any, ...]]], Understood]
    anew: bool = False


def read_together(*wanted: ReadStatement[Any] | None) -> list[Any]:
    """Send statements together and return their answers in order; None is answered by None.

    The server plans them once for a connection, and answers in bytes: this is for what is asked again and again.
    """
    sent = [one for one in wanted if one]
    answers = iter(_answers(sent) if sent else ())
    return [next(answers) if one else None for one in wanted]


def _answers(sent: Sequence[ReadStatement[Any]]) -> list[Any]:
    # Two statements may call different values alike.
    text = ";".join(one.statement.replace("%(", f"%({n}_") for n, one in enumerate(sent))
    values = {f"{n}_{name}": value for n, one in enumerate(sent) for name, value in one.arguments.items()}
    cursor = cast("DatabaseWrapper", connection).trip_cursor(anew=any(one.anew for one in sent))
    cursor.execute(text, values)
    return [one.understand(rows) for one, rows in zip(sent, cursor.answers(), strict=True)]


def in_one_trip(*sent: WithArguments, beside: Callable[[], object] = lambda: None) -> tuple[Any, ...]:
    """Send statements together, which are a transaction by themselves where none is open; return the last one's row.

    Each sees what was committed before it. The server reads and plans them once for a connection: this is for what is
    sent again and again. `beside` is done while it works, and must not need the database; where it fails the statements
    are carried out all the same, and nobody hears their answer.
    """
    connection.ensure_connection()
    line = connection.connection
    cursor = psycopg.Cursor(line)
    try:
        with connection.wrap_database_errors, line.pipeline():
            for statement, arguments in sent:
                cursor = psycopg.Cursor(line)
                cursor.execute(statement, arguments, prepare=True)
            line.meanwhile = lambda: _without_the_database(beside)
    finally:
        line.meanwhile = None
    return cast("tuple[Any, ...]", cursor.fetchone())


def is_at_work() -> bool:
    """Whether the database works on what it was sent, and nothing else can be asked of it meanwhile."""
    return _refuse in connection.execute_wrappers


def _without_the_database(act: Callable[[], object]) -> None:
    with connection.execute_wrapper(_refuse):
        act()


def _refuse(*_: object) -> NoReturn:
    raise RuntimeError("The database is at work on another statement.")

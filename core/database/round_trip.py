"""Fewer and shorter waits: several statements that read in one round trip, and work done while the database works."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, NoReturn, TypeVar

from django.db import connection

Understood = TypeVar("Understood")


@dataclass(frozen=True, slots=True)
class ReadStatement(Generic[Understood]):
    """A statement that reads; `understand` makes the answer of its rows. Made, it is not sent yet."""

    statement: str
    arguments: Mapping[str, Any]
    understand: Callable[[list[tuple[Any, ...]]], Understood]


def read_together(*wanted: ReadStatement[Any] | None) -> list[Any]:
    """Send statements together and return their answers in order; None is answered by None.

    Values are put into the text on this side, as Django's own are: a statement with bound parameters goes alone.
    """
    sent = [one for one in wanted if one]
    answers = iter(_answers(sent) if sent else ())
    return [next(answers) if one else None for one in wanted]


def _answers(sent: Sequence[ReadStatement[Any]]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(";".join(cursor.mogrify(one.statement, one.arguments) for one in sent))
        answers = [sent[0].understand(cursor.fetchall())]
        for one in sent[1:]:
            cursor.nextset()
            answers.append(one.understand(cursor.fetchall()))
    return answers


@contextmanager
def meanwhile(act: Callable[[], object]) -> Iterator[None]:
    """Let `act` be done while the database works on the next statement, which it waits for: so it asks nothing there.

    Where `act` fails the statement is carried out all the same, and nobody hears its answer.
    """
    connection.ensure_connection()
    line = connection.connection
    line.meanwhile = lambda: _without_the_database(act)
    try:
        yield
    finally:
        line.meanwhile = None


def _without_the_database(act: Callable[[], object]) -> None:
    with connection.execute_wrapper(_refuse):
        act()


def _refuse(*_: object) -> NoReturn:
    raise RuntimeError("The database is at work on another statement.")

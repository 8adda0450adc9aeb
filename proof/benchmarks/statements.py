"""The statements of a request, recorded once and run again without Django: the floor under a booking."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from django.db import connection

from core.database.driver import TripCursor

RETURNS = 'RETURNING "'
LAST = "SELECT lastval()"


@dataclass(slots=True)
class Statement:
    """A statement with its parameters, and the ids that it gave out when it was recorded."""

    sql: str
    parameters: Any
    ids: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Transaction:
    """Statements of one request that were committed together, or each by itself. `ends`: the request's last."""

    whole: bool
    statements: list[Statement] = field(default_factory=list)
    ends: bool = False


@contextmanager
def recording() -> Iterator[list[Transaction]]:
    """Record what the block sends to the database, as one request."""
    found: list[Transaction] = []

    def note(execute: Callable[..., Any], sql: str, parameters: Any, many: bool, context: Any) -> Any:  # noqa: ANN401, FBT001
        whole = connection.in_atomic_block
        if not found or found[-1].whole != whole:
            found.append(Transaction(whole))
        answer = execute(sql, parameters, many, context)
        ids = given_out(sql, context["cursor"].rowcount)
        if isinstance(context["cursor"].cursor, TripCursor):  # sent again as one text, with the values in it
            sql, parameters = psycopg.ClientCursor(connection.connection).mogrify(sql, parameters), None
        found[-1].statements.append(Statement(sql, parameters, ids))
        return answer

    with connection.execute_wrapper(note):
        yield found
    found[-1].ends = True


def given_out(sql: str, count: int) -> list[int]:
    """Return the ids that an insert has just given out."""
    if not sql.startswith("INSERT") or RETURNS not in sql or not count:
        return []
    raw = connection.connection
    last = raw.execute(LAST).fetchone()[0]
    return list(range(last - count + 1, last + 1))


def replay(database: str, work: Sequence[Transaction]) -> Iterator[float]:
    """Run transactions on a connection of one's own; yield the seconds of each request."""
    with psycopg.connect(database, autocommit=True, cursor_factory=psycopg.ClientCursor) as line:
        new: dict[int, int] = {}
        begun = time.perf_counter()
        for transaction in work:
            if transaction.whole:
                with line.transaction():
                    run(line, transaction, new)
            else:
                run(line, transaction, new)
            if transaction.ends:
                yield time.perf_counter() - begun
                begun = time.perf_counter()


def run(line: psycopg.Connection[Any], transaction: Transaction, new: dict[int, int]) -> None:
    """Run the statements, with the ids given out now in the place of those given out then."""
    for statement in transaction.statements:
        cursor = line.execute(statement.sql, renamed(statement.parameters, new))
        if cursor.description:
            rows = cursor.fetchall()
            new.update(zip(statement.ids, (row[0] for row in rows), strict=False))


def renamed(value: Any, new: dict[int, int]) -> Any:  # noqa: ANN401  (parameters are of every kind)
    """Return parameters with the old ids replaced."""
    if isinstance(value, int) and not isinstance(value, bool):
        return new.get(value, value)
    if isinstance(value, list):
        return [renamed(one, new) for one in value]
    if isinstance(value, tuple):
        return tuple(renamed(one, new) for one in value)
    if isinstance(value, dict):
        return {name: renamed(one, new) for name, one in value.items()}
    return value

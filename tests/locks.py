"""Every statement of every test is looked at: one that locks rows reads one table of ours, and reads it once.

While such a statement waits, another act may commit. PostgreSQL then looks again whether the changed row still matches
the rows that it was joined with before, and leaves it out when it does not: a visit that exists is not found.
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from django.apps import apps
from django.db.backends.signals import connection_created

LOCKS = re.compile(r"\bFOR (?:NO KEY UPDATE|UPDATE|KEY SHARE|SHARE)\b")
READS = re.compile(r'\b(?:FROM|JOIN)\s+"?(\w+)"?', re.IGNORECASE)
WRITTEN_DOWN = re.compile(r"\s*CREATE FUNCTION\b")
"""Locks nothing yet, and holds several statements."""


class LockWithJoinError(AssertionError):
    """A statement locks rows of one table and reads another, or the same once more."""


def refuse_joins(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
    """Run a statement, unless it locks rows and reads more than them."""
    _look_at(str(sql))
    return execute(sql, params, many, context)


@lru_cache(maxsize=4_000)  # tests send the same statements again and again
def _look_at(statements: str) -> None:
    for text in (statements,) if WRITTEN_DOWN.match(statements) else statements.split(";"):
        _look_at_one(text)


def _look_at_one(text: str) -> None:
    if LOCKS.search(text) and not WRITTEN_DOWN.match(text):
        read = [table for table in READS.findall(text) if table in _ours()]
        if len(read) > 1:
            raise LockWithJoinError(f"Lock rows by themselves, then read: {read} in {text}")


@cache
def _ours() -> set[str]:
    return {model._meta.db_table for model in apps.get_models(include_auto_created=True)}


def watch(connection: Any, **_: Any) -> None:
    """Look at all statements of a connection from now on."""
    if refuse_joins not in connection.execute_wrappers:
        connection.execute_wrappers.append(refuse_joins)


def watch_all() -> None:
    """Look at all statements of all connections that are opened from now on."""
    connection_created.connect(watch, dispatch_uid="tests.locks")

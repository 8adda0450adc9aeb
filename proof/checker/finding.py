"""What the checker says when a promise is broken."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Violation:
    """A broken promise: its kind, and which rows break it. Ids only."""

    kind: str
    detail: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}"


def rows(query: str, arguments: Sequence[Any] = ()) -> list[Row]:
    """Read rows by plain SQL."""
    with connection.cursor() as cursor:
        cursor.execute(query, arguments)
        found: list[Row] = cursor.fetchall()
        return found


def overlapping(stretches: Iterable[tuple[int, datetime, datetime, int]]) -> list[tuple[int, int, int]]:
    """Sweep over (whose, start, end, row) and return (whose, row, row) for each start before an earlier end."""
    found, last, until, row_until = [], None, None, 0
    for whose, start, end, row in sorted(stretches):
        if whose != last:
            last, until = whose, None
        if until is not None and start < until:
            found.append((whose, row_until, row))
        if until is None or end > until:
            until, row_until = end, row
    return found

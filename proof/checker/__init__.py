"""An independent look at the database: whether what was promised is true.

It shares no code with what books: plain SQL, interval sweeps and rules written a second time. Each part returns its
findings, and no finding means that the promise holds.
"""

from collections.abc import Iterator
from datetime import datetime

from proof.checker import audiences, claims, messages, sheets, visits
from proof.checker.finding import Violation

__all__ = ["Violation", "check"]


def check(*, at: datetime) -> Iterator[Violation]:
    """Yield whatever is wrong at `at`: overlaps, claims that do not fit, hours of others, sheets, messages."""
    yield from claims.overlaps()
    yield from claims.strays(at=at)
    yield from visits.overlaps()
    yield from visits.misfits()
    yield from audiences.differences()
    yield from sheets.differences()
    yield from messages.differences(at=at)

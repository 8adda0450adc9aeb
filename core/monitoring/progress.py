"""When a worker's tasks last got a step further, so that one that hangs is told from those at work."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

LONGEST_STEP = 90.0
"""Seconds that one step may take: a mail server has ten for each of its answers, and nine of them to connect."""

_last = [0.0]
_stepping: dict[int, float] = {}  # the threads at work that note each of their steps


def note() -> None:
    """Note that a task has just got a step further: it began, ended, or did one of many things."""
    _last[0] = now = time.monotonic()
    thread = threading.get_ident()
    if thread in _stepping:
        _stepping[thread] = now


@contextmanager
def noted_each_step() -> Iterator[None]:
    """Say that this thread notes each step of what it does now: it counts as hung when one takes too long."""
    thread = threading.get_ident()
    _stepping[thread] = time.monotonic()
    try:
        yield
    finally:
        del _stepping[thread]


def last() -> float:
    """Return the moment of the last step of any task, in the seconds of `time.monotonic`."""
    return _last[0]


def oldest_step() -> float | None:
    """Return when the thread that has been longest at one step began it, of those that note each; None without one."""
    return min(_stepping.copy().values(), default=None)

"""When a worker's tasks last got on with something, so that threads that all hang are told from threads at work."""

import time

_noted = [0.0]


def note() -> None:
    """Note that a task has just got a step further: it began, ended, or did one of many things."""
    _noted[0] = time.monotonic()


def last() -> float:
    """Return the moment of the last step, in the seconds of `time.monotonic`."""
    return _noted[0]

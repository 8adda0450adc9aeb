"""What the checks of readiness last found: looked at in the background, so that whoever asks need not wait."""

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import close_old_connections
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY = 1.0  # seconds between two looks
FIRST = 2.0  # seconds to wait for the first look, before anybody asks
STALE = 6.0  # seconds after which a look says nothing about now: a check hangs


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found. Without what is `needed` nobody can book; the rest only runs late."""

    name: str
    code: str = "ok"
    needed: bool = True
    facts: dict[str, int] | None = None
    words: str = ""
    """What somebody has to do about it."""


def look() -> tuple[Finding, ...]:
    """Run every check of READINESS_CHECKS now, one after the other."""
    checks: list[Callable[[], Finding]] = [import_string(name) for name in settings.READINESS_CHECKS]
    return tuple(check() for check in checks)


class Readiness:
    """The last look at the checks. A web process starts it; where nobody did (commands, tests), each call looks."""

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None
        self._found: tuple[Finding, ...] = ()
        self._looked_at = float("-inf")
        self._looked, self._stopped = threading.Event(), threading.Event()

    def start(self) -> None:
        """Look again and again from now on, on a thread of its own; wait a moment for the first look."""
        self._thread = threading.Thread(target=self._keep_looking, name="readiness", daemon=True)
        self._thread.start()
        self._looked.wait(FIRST)

    def stop(self) -> None:
        """Look no more once the look that has begun is over."""
        self._stopped.set()

    def findings(self) -> tuple[Finding, ...]:
        """Return what was last found, at once; what hangs makes the service unready."""
        if self._thread is None:
            return look()
        if not self._thread.is_alive():  # a check failed by a fault of ours: its trace is in the log
            self.start()
        if time.monotonic() - self._looked_at <= STALE:
            return self._found
        return (*self._found, Finding(name="checks", code="late"))

    def _keep_looking(self) -> None:
        while not self._stopped.is_set():
            # A connection that broke would say "unreachable" for ever.
            close_old_connections()
            self._found = look()
            self._looked_at = time.monotonic()
            self._looked.set()
            self._stopped.wait(EVERY)


readiness = Readiness()

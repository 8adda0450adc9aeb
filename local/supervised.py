"""One program that is kept running: when it is started again after it has ended, and when it counts as hung."""

import time

from local.child import Child, ChildProgram
from local.processes.heartbeat import PATIENCE

FIRST_WAIT = 0.5  # seconds
ENOUGH_DOUBLINGS = 16  # 0.5 s doubled so often is longer than any wait allowed
STEADY = 1.0  # seconds that a program must have been ready for its start to count as a success
START_PATIENCE = 120.0  # seconds until a program must be ready
BETWEEN_CHECKS = 0.2  # seconds


def wait_before_start(failed_starts: int, longest: float) -> float:
    """Return the seconds to wait after so many failed starts in a row: 0 after none, then 0.5, 1, 2 … `longest`."""
    if failed_starts <= 0:
        return 0.0
    doubled: float = FIRST_WAIT * 2.0 ** min(failed_starts - 1, ENOUGH_DOUBLINGS)
    return min(longest, doubled)


class Supervised:
    """A program that is kept running: its child, and when to start it again after it has ended."""

    def __init__(self, program: ChildProgram, run: str = "") -> None:
        self.program = program
        self.run = run
        self.child: Child | None = None
        self.failed_starts = 0
        self.again_at = 0.0
        self.began_at = 0.0
        self.ready_at: float | None = None
        self._checked_at = 0.0

    def start(self) -> Child:
        """Start the program."""
        self.began_at, self.ready_at = time.monotonic(), None
        if self.program.lives:
            self.program.lives.forget()
        self.child = Child(self.program, self.run)
        return self.child

    def check(self) -> bool:
        """Find out, now and then, whether the child does its work; once ready it counts as ready until it ends."""
        now = time.monotonic()
        if self.child and self.ready_at is None and now - self._checked_at >= BETWEEN_CHECKS:
            self._checked_at = now
            if self.child.ready():
                self.ready_at = time.monotonic()
        return self.ready_at is not None

    def ended(self, *, at: float) -> float:
        """Note that the child has ended, or could not be started; return the seconds until the next start.

        One that was ready starts again at once: it fell to something outside. One that never was is given time.
        """
        steady = self.ready_at is not None and at - self.ready_at >= STEADY
        self.failed_starts = 0 if steady else self.failed_starts + 1
        pause = wait_before_start(self.failed_starts, self.program.longest_wait)
        self.child, self.ready_at, self.again_at = None, None, at + pause
        return pause

    def silent_for(self, *, at: float, heard_since: float) -> float | None:
        """Return the seconds without a sign of life once they are too many, else None.

        `heard_since`: since when somebody has listened without a break; what fell silent while nobody did is spared.
        """
        last = self.program.lives.last() if self.program.lives else 0.0
        silence = at - max(last, self.began_at, self.ready_at or 0.0, heard_since)
        if self.ready_at is not None and not self.program.lives:
            return None
        return silence if silence > (START_PATIENCE if self.ready_at is None else PATIENCE) else None

"""A sign of life that a process leaves in a file: its date is the time that has passed since this machine started.

The clock on the wall may be set; elapsed time only grows, and is the same for all processes of a machine. Dating a file
needs no room on the disk. The file holds the number of the process, so that one that hangs can be ended.
"""

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

FILE = "HEARTBEAT_FILE"  # the setting that tells a process where to leave its signs
EVERY = 2.0  # seconds between two signs
PATIENCE = 30.0  # seconds of silence after which a process counts as hung


@dataclass(frozen=True)
class Heartbeat:
    """Where one process leaves its signs of life."""

    path: Path

    @classmethod
    def of_this_process(cls) -> Self | None:
        """Return where this process is asked to leave its signs, or None when nobody asked."""
        return cls(Path(os.environ[FILE])) if os.environ.get(FILE) else None

    def give(self, at: float | None = None) -> None:
        """Leave a sign now (or one of the moment `at`); on a disk that refuses it, none is left."""
        moment = time.monotonic() if at is None else at
        with suppress(OSError):
            if self.holder() != os.getpid():
                self.path.write_text(str(os.getpid()))
        with suppress(OSError):  # an empty file is dated, too
            os.utime(self.path, (moment, moment))

    def forget(self) -> None:
        """Take back the signs of an earlier process."""
        with suppress(OSError):
            self.path.unlink()

    def last(self) -> float:
        """Return the moment of the last sign, 0.0 when there was none."""
        try:
            return self.path.lstat().st_mtime
        except OSError:
            return 0.0

    def holder(self) -> int | None:
        """Return the number of the process that leaves its signs here, where it could be written."""
        try:
            return int(self.path.read_text())
        except (OSError, ValueError):
            return None

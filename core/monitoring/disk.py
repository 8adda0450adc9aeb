"""How much room a disk has left for those who are not root."""

import os
from dataclasses import dataclass
from pathlib import Path

MEGABYTE = 1024 * 1024
FULL = 20  # megabytes: the database's journal grows by pieces of 16
LOW = 200  # megabytes: the time to do something about it


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """What is left on a disk."""

    megabytes: int
    files: bool = True
    """Whether it takes another file."""

    @property
    def code(self) -> str:
        """`ok`, `low`, or `full`: nothing can be saved any more."""
        if self.megabytes < FULL or not self.files:
            return "full"
        return "low" if self.megabytes < LOW else "ok"


def space_on(path: Path) -> DiskSpace:
    """Return the room on the disk that holds `path`. Raises OSError where the path is gone."""
    # What is left for those who are not root: the servers are not, and the reserve is not theirs.
    found = os.statvfs(path)
    return DiskSpace(found.f_bavail * found.f_frsize // MEGABYTE, files=not found.f_files or found.f_favail > 0)

"""Whether the last preparation still holds, so that a second start need not look at everything again."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from local.services.data_folder import PREPARED, ROOT, DataFolder

PARTS = ("config", "local", "demo", "core", "scheduler", "booking", "notifications", "requirements")
HOLDS_SECONDS = 20 * 3600  # the week sheets want a look each day


def holds(data: DataFolder, *, demo: bool) -> bool:
    """Tell whether nothing has changed since the last preparation of this folder, less than a day ago."""
    stamp = data.path / PREPARED
    if not stamp.exists() or stamp.read_text() != fingerprint(demo=demo):
        return False
    return data.touched_at() - stamp.stat().st_mtime < HOLDS_SECONDS


def note(data: DataFolder, *, demo: bool) -> None:
    """Note that this folder is prepared for the code as it stands."""
    (data.path / PREPARED).write_text(fingerprint(demo=demo))


def fingerprint(*, demo: bool) -> str:
    """Return what changes when any file of the project does: names, sizes and dates."""
    told = hashlib.sha256(f"{ROOT} {demo}".encode())
    for path in sorted(files()):
        found = path.stat()
        told.update(f"{path.relative_to(ROOT)} {found.st_size} {found.st_mtime_ns}\n".encode())
    return told.hexdigest()


def files() -> Iterator[Path]:
    """Yield the project's own files."""
    for part in PARTS:
        yield from (p for p in (ROOT / part).rglob("*") if p.is_file() and "__pycache__" not in p.parts)

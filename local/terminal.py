"""What a long-running command says: on the terminal, where nobody may be any more, and in a log of its own."""

import logging
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path

LONGEST = 1_000_000  # bytes
log = logging.getLogger("meridian.up")


def show(text: str) -> None:
    """Print a line; a terminal that has gone, or a file on a full disk, stops nobody's work."""
    with suppress(OSError, ValueError):  # ValueError: the stream was closed
        print(text, flush=True)


def say(text: str) -> None:
    """Print a line and note it."""
    show(text)
    log.info("%s", text)


class Notes(RotatingFileHandler):
    """A log of two files that drops what it has no room for."""

    def handleError(self, _record: logging.LogRecord) -> None:  # noqa: N802  (logging's own name)
        """Go on."""


def note_in(path: Path) -> None:
    """Let what is said be noted in the file `path`, with its date, as long as there is room."""
    for old in log.handlers[:]:
        log.removeHandler(old)
        old.close()
    notes = Notes(path, maxBytes=LONGEST, backupCount=1, delay=True)
    notes.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log.addHandler(notes)
    log.propagate = False
    log.setLevel(logging.INFO)

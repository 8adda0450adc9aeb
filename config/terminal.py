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


def note_in(path: Path) -> None:
    """Let what is said be noted in the file `path`, with its date, as long as there is room."""
    logging.raiseExceptions = False  # what cannot be noted is dropped
    handler = RotatingFileHandler(path, maxBytes=LONGEST, backupCount=1, delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log.handlers[:] = [handler]
    log.propagate = False
    log.setLevel(logging.INFO)

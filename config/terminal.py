"""What a long-running command says to whoever watches it. Nobody may be there any more."""

from contextlib import suppress


def say(text: str) -> None:
    """Print a line; a terminal that has gone, or a file on a full disk, stops nobody's work."""
    with suppress(OSError, ValueError):  # ValueError: the stream was closed
        print(text, flush=True)

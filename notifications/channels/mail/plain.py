"""Text for headers and plain mails."""

import re

EMPTY_LINES = re.compile(r"\n{3,}")


def plain(text: str) -> str:
    """Return `text` with ordinary spaces: headers and plain text are kept to ASCII where the language allows it."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def without_empty_lines(text: str) -> str:
    """Return `text` with one empty line where what was left out made several."""
    return EMPTY_LINES.sub("\n\n", text).strip() + "\n"

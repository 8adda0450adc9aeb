"""What is written to a log: neither the links that open a visit nor the values that PostgreSQL quotes."""

import logging
import re

LINK = re.compile(r"(/m/|/calendar/|/family/patient/|/family/(?=[\w-]{43}\b))[^/\s\"'?#]+")
DETAIL = re.compile(  # the end of the quoted values is only known by what comes after them
    r"""(?:\n|\\n)?DETAIL:.*?
    (?=\n(?:HINT|CONTEXT):|\nTraceback\ \(|\nStack\ \(|\n\n(?:The\ above|During\ handling\ of\ the\ above)|\Z)""",
    re.DOTALL | re.VERBOSE,
)


class RedactingFormatter(logging.Formatter):
    """Formats like its parent, then takes out what no log may hold, from the message and from tracebacks alike."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's lines without secrets."""
        return redact(super().format(record))


def redact(text: str) -> str:
    """Return `text` with `-` in place of each secret link, and without PostgreSQL's DETAIL, which quotes rows."""
    return LINK.sub(r"\1-", DETAIL.sub("", text))

"""Times of day as people type them."""

import re
import unicodedata
from datetime import time

from core.text.folding import fold

SIGNS = re.compile(r"[^\W_](?:[^\W_]|[\s:.])*")
"""What a time is written with: letters, digits, spaces, colons and points. What has another sign, as -3, is none."""
WRITTEN = re.compile(r"(\d{1,2})(?: ?h? ?(\d{2}))? ?(?:h|uhr)? ?(a|p|am|pm)?")
NOON, HALF_A_DAY, A_DAY, AN_HOUR = 12, 12, 24, 60
EARLIEST = 7
"""Whoever types an hour alone means one of the day: 2 is two in the afternoon, 7 is seven in the morning."""


def time_typed(text: str) -> time | None:
    """Return the time of day that somebody typed, or None when it is none.

    Taken are 2 pm, 2:30 P.M., 14:30, 14.30 Uhr, 14h30, 1430, noon; an hour alone up to 6 is one of the afternoon.
    """
    written = unicodedata.normalize("NFKC", text).strip().casefold()
    if not SIGNS.fullmatch(written):
        return None
    words = fold(re.sub(r"(?<![a-z])([ap])\. ?m\b", r"\1m", written).replace(":", " "))
    if words in {"noon", "midday"}:
        return time(NOON)
    found = WRITTEN.fullmatch(words)
    if found is None:
        return None
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if half:
        if not 1 <= hour <= HALF_A_DAY:
            return None
        hour = hour % HALF_A_DAY + (HALF_A_DAY if half.startswith("p") else 0)
    elif hour < EARLIEST and len(found[1]) == 1:
        hour += HALF_A_DAY
    return time(hour, minute) if hour < A_DAY and minute < AN_HOUR else None

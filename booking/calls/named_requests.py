"""Calls that were asked for, found by what somebody typed: the number, or the name that whoever asks gave."""

from booking.calls.calls_to_make import call_requests
from booking.models import CallRequest
from booking.patients.search_words import FEWEST_DIGITS
from core.principal import Principal
from core.text.folding import fold

MOST_READ, MOST_SHOWN = 300, 10
"""So many open ones are looked through, those before others first, and so many are shown."""


def requests_meant(typed: str, by: Principal) -> list[CallRequest]:
    """Return the open calls that somebody means by the end of a number, or by words of a name, where they call."""
    rows = call_requests(by).filter(done_at=None).order_by("-first", "due_at", "pk")
    return [one for one in rows[:MOST_READ] if is_meant(typed, name=one.name, phone=one.phone)][:MOST_SHOWN]


def is_meant(typed: str, *, name: str, phone: str) -> bool:
    """Whether what was typed is the end of a number, or begins words of a name. Pure."""
    digits = "".join(sign for sign in typed if sign.isdigit())
    if digits and not any(sign.isalpha() for sign in typed):
        return len(digits) >= FEWEST_DIGITS and phone.endswith(digits)
    words = fold(typed).split()
    return bool(words) and all(any(part.startswith(word) for part in fold(name).split()) for word in words)

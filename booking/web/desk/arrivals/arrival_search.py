"""Finding somebody among those who come today, by what they say at the desk: pure."""

from collections.abc import Iterable

from core.text.folding import fold
from core.text.names import spellings

FEWEST = 3
"""Digits of a phone number, or signs of a reference, that are enough to look for."""


def is_meant(typed: str, *, name: str, reference: str, phones: Iterable[str]) -> bool:
    """Whether what somebody typed means this person: words of the name in any order, the reference, phone digits."""
    together = fold(typed).replace(" ", "")
    if together.isdecimal():
        return len(together) >= FEWEST and any(together in _digits(phone) for phone in phones)
    if len(together) >= FEWEST and fold(reference).replace(" ", "").startswith(together):
        return True
    words = {word for spelled in spellings(name) for word in spelled.split()}
    return any(_all_begun(asked.split(), words) for asked in spellings(typed))


def _all_begun(asked: list[str], words: set[str]) -> bool:
    return bool(asked) and all(any(word.startswith(begun) for word in words) for begun in asked)


def _digits(phone: str) -> str:
    return "".join(filter(str.isdecimal, phone))

"""Settings that are no plain text, read from the environment: one that cannot be read is refused in a sentence."""

import os
from urllib.parse import urlsplit

from local.services.demo_flag import NO, YES
from local.setup_error import refuse

MOST_DIGITS = 10


def yes_or_no(name: str, *, default: bool) -> bool:
    """Return what a setting says; `default` where it says nothing."""
    word = setting(name).lower()
    if word and word not in YES | NO:
        refuse(f"{name} must be true or false.")
    return word in YES if word else default


def whole_number(name: str, *, default: int, least: int) -> int:
    """Return the number that a setting names, `least` or more; `default` where it says nothing."""
    word = setting(name)
    if word and not (word.isascii() and word.isdecimal() and len(word) <= MOST_DIGITS and int(word) >= least):
        refuse(f"{name} must be a whole number from {least} on.")
    return int(word) if word else default


def url(name: str, *schemes: str, example: str) -> str:
    """Return the address of a server that a setting names, nothing where it says nothing."""
    word = setting(name)
    try:
        parts = urlsplit(word)
        fits = parts.scheme in schemes and parts.port != 0
    except ValueError:
        fits = False
    if word and not fits:
        refuse(f"{name} is no address of such a server: write it like {example}.")
    return word


def setting(name: str) -> str:
    """Return what a setting says, without the space around it."""
    return os.environ.get(name, "").strip()

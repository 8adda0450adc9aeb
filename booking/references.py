"""Short references that people read aloud: no letters or digits that look alike."""

import secrets
import unicodedata

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # pragma: allowlist secret
# Three groups of three are read aloud in one breath.
LENGTH = 9


def new_reference() -> str:
    """Return a reference such as "K7M-4QZ-92D" (44 bits, a name and not a secret)."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{letters[:3]}-{letters[3:6]}-{letters[6:]}"


def as_written(text: str) -> str:
    """Return the reference that somebody typed in any case and grouping, as it is kept; empty when it is none.

    One that stands among other words ("Your reference: K7M-4QZ-92D") is taken when it is not parted by spaces.
    """
    # A word of nine letters, "reference" itself, may be of the alphabet as well.
    likely = [word for word in text.split() if not word.strip(".,:;").isalpha()]
    return next((found for one in (text, *likely) if (found := _as_stored(one))), "")


def _as_stored(text: str) -> str:
    letters = "".join(letter for letter in unicodedata.normalize("NFKC", text).upper() if letter.isalnum())
    if len(letters) != LENGTH or not set(letters) <= set(ALPHABET):
        return ""
    return f"{letters[:3]}-{letters[3:6]}-{letters[6:]}"

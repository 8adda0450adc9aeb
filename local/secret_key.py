"""What signs sessions and links must be long and made by chance: whoever guesses it can sign in as anybody."""

import zlib
from itertools import pairwise

MAKE_ONE = 'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
LEAVE_IT = (
    f"set it to the output of {MAKE_ONE}, and SECRET_KEY_FALLBACKS to the key that you have used until now, "
    "for three days: mailed links go on."
)
SHORTEST = 50
FEWEST_SIGNS = 10
LEAST_BYTES = 42
"""What fifty random digits and letters are still long when compressed; words and repetitions are shorter."""

MOST_IN_A_ROW = 1 / 2
"""Which part of the signs may follow each other in the alphabet or on a keyboard; of chance less than 0.4 do."""

MOST_OF_WORDS = 1 / 3
"""Which part of the signs may begin one of the most frequent pairs of letters in words; chance stays below."""

ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm")
IN_A_ROW = frozenset(pair for row in ROWS for way in (row, row[::-1]) for pair in map("".join, pairwise(way)))
FREQUENT = (
    "alanarasatcechcoctdedueaecedeneresethahehihoicinioisitkeldlelimendnengntofonorouprrarerirosasesisttethtitourve"
)
IN_WORDS = frozenset(map("".join, zip(FREQUENT[::2], FREQUENT[1::2], strict=True)))

KNOWN = ("django-insecure", "changeme", "change-me", "change_me", "secret", "your-", "your_", "example", "replace")


def refusal(key: str) -> str:
    """Return the sentence that refuses a key which others could guess, or nothing."""
    weak = weakness(key)
    return f"SECRET_KEY {weak}: {LEAVE_IT}" if weak else ""


def weakness(key: str) -> str:
    """Return in words why others could guess the key, or nothing."""
    if len(key) < SHORTEST:
        return f"is too short (it needs {SHORTEST} signs)"
    if key.lower().startswith(KNOWN):
        return "is a known example"
    if len(set(key)) < FEWEST_SIGNS or len(zlib.compress(key.encode(), 9)) < LEAST_BYTES:
        return "repeats itself"
    if share(key, IN_A_ROW) > MOST_IN_A_ROW:
        return "follows the alphabet or a keyboard"
    if share(key, IN_WORDS) > MOST_OF_WORDS:
        return "is made of words"
    return ""


def share(key: str, known: frozenset[str]) -> float:
    """Return which part of the key's signs begins one of the `known` pairs."""
    return sum(first + second in known for first, second in pairwise(key.lower())) / len(key)

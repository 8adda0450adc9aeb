"""What signs sessions and links must be long and made by chance: whoever guesses it can sign in as anybody."""

import zlib

MAKE_ONE = 'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
LEAVE_IT = (
    f"set it to the output of {MAKE_ONE}, and SECRET_KEY_FALLBACKS to the key that you have used until now, "
    "for three days: mailed links go on."
)
SHORTEST = 50
FEWEST_SIGNS = 10
LEAST_BYTES = 42
"""What fifty random digits and letters are still long when compressed; words and repetitions are shorter."""

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
    return ""

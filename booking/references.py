"""Short references that people read aloud: no letters or digits that look alike."""

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # pragma: allowlist secret


def new_reference() -> str:
    """Return a reference such as "K7M-4QZ-92D" (44 bits, a name and not a secret)."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(9))
    return f"{letters[:3]}-{letters[3:6]}-{letters[6:]}"

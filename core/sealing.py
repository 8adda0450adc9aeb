"""Seals what people said before it is written where only the service itself reads it again.

Whoever reads the table, a backup or the log of the database learns nothing; whoever has SECRET_KEY can open it.
"""

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


def seal(text: str, *, purpose: str) -> str:
    """Return `text` sealed; it opens for the same purpose only."""
    # By the present key alone; those before it only open, until nothing is left that they sealed.
    return _seals(purpose, keys()).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str | None:
    """Return what was sealed, or None for what this service has not sealed, or sealed with a key that is gone."""
    try:
        return _seals(purpose, keys()).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def digest(text: str, *, purpose: str) -> str:
    """Return what tells `text` from others (64 hex digits), and cannot be tried out without the secret key."""
    return digests(text, purpose=purpose)[0]


def digests(text: str, *, purpose: str) -> tuple[str, ...]:
    """Return the digest of now, which is the one to write down, and those that were written by the keys before."""
    salt = f"core.sealing.{purpose}"
    return tuple(salted_hmac(salt, text, secret=key, algorithm="sha256").hexdigest() for key in keys())


def keys() -> tuple[str, ...]:
    """Return the secret keys that count: the present one, then those before it."""
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


# Deriving keys costs more than sealing a short text; the secrets are arguments, so a new key is a new entry.
@lru_cache(maxsize=16)
def _seals(purpose: str, secret_keys: tuple[str, ...]) -> MultiFernet:
    salt = f"core.sealing.{purpose}"
    derived = (salted_hmac(salt, "key", secret=key, algorithm="sha256").digest() for key in secret_keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])

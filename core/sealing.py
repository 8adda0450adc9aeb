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
    return _seals(purpose, _secrets()).encrypt(text.encode()).decode()


def unseal(sealed: str, *, purpose: str) -> str | None:
    """Return what was sealed, or None for what this service has not sealed, or sealed with a key that is gone."""
    try:
        return _seals(purpose, _secrets()).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def digest(text: str, *, purpose: str) -> str:
    """Return what tells `text` from others (64 hex digits), and cannot be tried out without the secret key."""
    return salted_hmac(f"core.sealing.{purpose}", text, algorithm="sha256").hexdigest()


def _secrets() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=16)
def _seals(purpose: str, secrets: tuple[str, ...]) -> MultiFernet:
    salt = f"core.sealing.{purpose}"
    keys = (salted_hmac(salt, "key", secret=secret, algorithm="sha256").digest() for secret in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])

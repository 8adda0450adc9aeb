"""The link of an entry of the waiting list: made again from the row's id and the server's key, never stored."""

import base64
import hashlib
from uuid import UUID

from django.utils.crypto import salted_hmac

from core.sealing import keys

LONGEST = 64
"""What is longer is no link of ours: nobody makes the server work by it."""


def token_of(entry: UUID, address: str, key: str | None = None) -> str:
    """Return the secret in a mail's link: good for the address alone to which it is mailed."""
    mac = salted_hmac("booking.waiting-list", f"{entry}:{address}", secret=key, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def token_again(entry: UUID, address: str, digest: str) -> str:
    """Return the token that was given out, by the key of then; nothing when that key is gone, or the address."""
    tokens = (token_of(entry, address, key) for key in keys())
    return next((token for token in tokens if digest_of(token) == digest), "")


def digest_of(token: str) -> str:
    """Return what is stored of a token; of what cannot be one, that of no token."""
    known = token if token.isascii() and len(token) <= LONGEST else ""
    return hashlib.sha256(known.encode()).hexdigest()

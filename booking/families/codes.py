"""The codes and links of family links: made again from the row's id and the server's key, never stored.

A code is eight signs of Crockford's base 32 (40 bits): no I, L, O or U stands in it, and whoever types one is
understood all the same.
"""

import base64
import hashlib
import unicodedata
from enum import StrEnum
from uuid import UUID

from django.utils.crypto import salted_hmac

from core.sealing import digests, keys

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # pragma: allowlist secret
LENGTH = 8

LOOK_ALIKES = str.maketrans("OILUАВЕКМНОРСТХУ", "011VABEKMH0PCTXY")  # noqa: RUF001  (Cyrillic letters are meant)
"""What a sign is taken for that people type in its place, on a Cyrillic keyboard too."""

LONGEST = 64
"""What is longer is no code and no link of ours: nobody makes the server work by it."""


class LinkPurpose(StrEnum):
    """What a mail's link is for: to take an invitation up, to come back as who did, or to look as the patient."""

    INVITATION = "invitation"
    WAY_BACK = "way-back"
    PATIENT = "patient"


def code_of(link: UUID, key: str | None = None) -> str:
    """Return the code of a family link (its public id), by the server's key or one before it."""
    mac = salted_hmac("booking.family.code", str(link), secret=key, algorithm="sha256").digest()
    bits = int.from_bytes(mac[:5], "big")
    return "".join(ALPHABET[bits >> (5 * place) & 31] for place in range(LENGTH))


def token_of(link: UUID, purpose: LinkPurpose, key: str | None = None, *, address: str = "") -> str:
    """Return the secret in a mail's link. `address`: the one that it is good for alone, if it is."""
    named = f"{link}:{address}" if address else str(link)
    mac = salted_hmac(f"booking.family.{purpose}", named, secret=key, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(mac).decode().rstrip("=")


def code_again(link: UUID, digest: str) -> str:
    """Return the code that was given out, by the key of then; nothing when that key is gone."""
    codes = (code_of(link, key) for key in keys())
    return next((code for code in codes if digest in code_digests(code)), "")


def token_again(link: UUID, purpose: LinkPurpose, digest: str, *, address: str = "") -> str:
    """Return the token that was given out, by the key of then; nothing when that key is gone."""
    tokens = (token_of(link, purpose, key, address=address) for key in keys())
    return next((token for token in tokens if token_digest(token) == digest), "")


def code_digests(code: str) -> tuple[str, ...]:
    """Return what is stored of a code, by the present key and those before: too short to be hashed without one."""
    return digests(code, purpose="family-code")


def token_digest(token: str) -> str:
    """Return what is stored of a token; of what cannot be one, that of no token."""
    known = token if token.isascii() and len(token) <= LONGEST else ""
    return hashlib.sha256(known.encode()).hexdigest()


def in_groups(code: str) -> str:
    """Return a code as it is shown and read aloud: two groups of four."""
    return f"{code[:4]}-{code[4:]}"


def as_given_out(typed: str) -> str:
    """Return the code that somebody typed: in any case, script of digits and grouping; empty when it cannot be one."""
    signs = "".join(_plain(sign) for sign in unicodedata.normalize("NFKC", typed[:LONGEST]) if sign.isalnum())
    code = signs.upper().translate(LOOK_ALIKES)
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else ""


def _plain(sign: str) -> str:
    digit = unicodedata.decimal(sign, None)
    return sign if digit is None else str(digit)

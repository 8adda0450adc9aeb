"""A table between its preview and the press that imports it: it goes along in the page, sealed.

It stands nowhere else: nothing of people is written down that nobody imports, and no preview has to be tidied away.
"""

import base64
import zlib

from core.principal import Principal
from core.sealing import seal, unseal

PURPOSE = "a table on its way in"
LARGEST_UNPACKED = 1_000_000


def carried(content: bytes, kind: str, *, by: Principal) -> str:
    """Return a table sealed for whoever sent it, and for what they sent it as."""
    return seal(base64.b85encode(zlib.compress(content, 6)).decode(), purpose=_purpose(kind, by))


def opened_table(sealed: str, kind: str, *, by: Principal) -> bytes | None:
    """Return a table that goes along; None for what was not sealed for them and this."""
    text = unseal(sealed, purpose=_purpose(kind, by)) if sealed else None
    if text is None:
        return None
    return zlib.decompressobj().decompress(base64.b85decode(text), LARGEST_UNPACKED)


def _purpose(kind: str, by: Principal) -> str:
    return f"{PURPOSE}: {kind} of {by.key}"

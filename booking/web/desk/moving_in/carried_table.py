"""A table between its preview and the press that imports it: it goes along in the page, sealed.

It stands nowhere else: nothing of people is written down that nobody imports, and no preview has to be tidied away.
"""

from booking.moving_in.packed_table import pack, unpack
from core.principal import Principal
from core.sealing import seal, unseal

PURPOSE = "a table on its way in"


def carried(content: bytes, kind: str, *, by: Principal) -> str:
    """Return a table sealed for whoever sent it, and for what they sent it as."""
    return seal(pack(content), purpose=_purpose(kind, by))


def opened_table(sealed: str, kind: str, *, by: Principal) -> bytes | None:
    """Return a table that goes along; None for what was not sealed for them and this."""
    text = unseal(sealed, purpose=_purpose(kind, by)) if sealed else None
    return None if text is None else unpack(text)


def _purpose(kind: str, by: Principal) -> str:
    return f"{PURPOSE}: {kind} of {by.key}"

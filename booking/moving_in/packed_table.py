"""A file as text, pressed together: it is sealed so, to go along in a page or to wait in a row."""

import base64
import zlib

LARGEST_UNPACKED = 1_000_000


def pack(content: bytes) -> str:
    """Return a file as text."""
    return base64.b85encode(zlib.compress(content, 6)).decode()


def unpack(packed: str) -> bytes:
    """Return the file in a text, as far as it may be long."""
    return zlib.decompressobj().decompress(base64.b85decode(packed), LARGEST_UNPACKED)

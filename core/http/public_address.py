"""Reading an address of the public internet that somebody typed: over https alone, and of no machine of our own.

Whoever types an address could name one behind our walls. So the name is looked up once, every address that it has must
be a public one, and it is that address that is called, whatever the name would lead to a moment later.
"""

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.refusals import Refusal

PORT = 443
LARGEST = 1_000_000
SECONDS, MOST_REDIRECTS = 15, 3
MOVED = frozenset({301, 302, 303, 307, 308})
A_PIECE = 65_536

Lookup = Callable[[str, int], list[str]]


class Unread(Refusal):
    """An address could not be read; the detail says why, to whoever typed it."""

    code = "address-unread"
    title = _("This address cannot be read.")

    def __init__(self, why: str | Promise) -> None:
        """Say `why`, and what to do about it, whichever it is."""
        super().__init__(f"{why} {_('Copy the address anew from the calendar, or bring its .ics file.')}")


def look_up(host: str, port: int) -> list[str]:
    """Return the addresses of a machine."""
    return sorted({str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})


def is_public(address: str) -> bool:
    """Whether an address is one of the public internet."""
    found = ipaddress.ip_address(address.partition("%")[0])
    inside = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    return found.is_global and not found.is_multicast and (inside is None or inside.is_global)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How addresses are reached. Another one is for tests, which have a server on this machine."""

    look_up: Lookup = look_up
    allowed: Callable[[str], bool] = is_public
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    port: int = PORT


def read_public(url: str, *, reach: Reach | None = None) -> bytes:
    """Return what stands at an address, a megabyte at most, within fifteen seconds. Raises Unread."""
    reach, ends = reach or Reach(), time.monotonic() + SECONDS
    for _turn in range(MOST_REDIRECTS + 1):
        try:
            found = _asked(url, reach, ends)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Unread(_("Nobody answers there, or not by https.")) from error
        if isinstance(found, bytes):
            return found
        url = urljoin(url, found)
    raise Unread(_("It leads from one address to the next without an end."))


def _asked(url: str, reach: Reach, ends: float) -> bytes | str:
    """Return what an address answers, or the one that it leads to."""
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.username or (parts.port or PORT) != PORT:
        raise Unread(_("Give an address that begins with https://, without a name or port in it."))
    connection = _Pinned(parts.hostname, _address(parts.hostname, reach), reach, ends)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers={"Accept": "text/calendar", "User-Agent": "Meridian"})
        answer = connection.getresponse()
        if answer.status in MOVED and (leads := answer.getheader("Location")):
            return leads
        if answer.status != http.client.OK:
            raise Unread(_("It answers with %(status)d: the address may have changed.") % {"status": answer.status})
        return _body(answer, ends)
    finally:
        connection.close()


def _address(host: str, reach: Reach) -> str:
    addresses = reach.look_up(host, reach.port)
    if not addresses or not all(reach.allowed(one) for one in addresses):
        raise Unread(_("This address is not one of the public internet."))
    return addresses[0]


def _body(answer: http.client.HTTPResponse, ends: float) -> bytes:
    pieces, size = [], 0
    while piece := answer.read1(A_PIECE):
        size += len(piece)
        if size > LARGEST:
            raise Unread(_("There is more than a megabyte."))
        if time.monotonic() > ends:
            raise Unread(_("It takes longer than fifteen seconds."))
        pieces.append(piece)
    return b"".join(pieces)


class _Pinned(http.client.HTTPSConnection):
    """A connection to one address, which shows a certificate for the name that was looked up."""

    def __init__(self, host: str, address: str, reach: Reach, ends: float) -> None:
        super().__init__(host, reach.port, context=reach.context, timeout=max(0.1, ends - time.monotonic()))
        self._address, self._reach = address, reach

    def connect(self) -> None:
        """Connect to the address that was judged, not to what the name leads to by now."""
        plain = socket.create_connection((self._address, self._reach.port), self.timeout)
        self.sock = self._reach.context.wrap_socket(plain, server_hostname=self.host)

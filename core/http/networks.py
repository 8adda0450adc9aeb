"""From which network somebody comes, told apart but not told: a keyed hash, never the address itself."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from django.http import HttpRequest
from django.utils.crypto import salted_hmac

# Providers give a household one IPv4 address out of such a block, and up to a /56 of IPv6.
BITS_OF_IPV4, BITS_OF_IPV6 = 24, 56
"""What one household or office shares: nobody gets more quota by changing the rest."""


def network_of(request: HttpRequest) -> str:
    """Return the keyed hash (64 hex digits) of the visitor's network, or nothing when the server was not told."""
    # The visitor's own, not a proxy's: core.http.request_headers has seen to that.
    found = _parsed(request.META.get("REMOTE_ADDR", ""))
    return salted_hmac("booking.network", _network(found), algorithm="sha256").hexdigest() if found else ""


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    # The same machine by both kinds of address is one visitor (RFC 4291, 2.5.5.2).
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _network(found: IPv4Address | IPv6Address) -> str:
    if isinstance(found, IPv4Address):
        return str(IPv4Network((int(found), BITS_OF_IPV4), strict=False))
    return str(IPv6Network((int(found), BITS_OF_IPV6), strict=False))

"""Where a map shows an address, as mails and pages link to it."""

from urllib.parse import quote

from django.conf import settings


def map_link(address: str) -> str:
    """Return where a map shows an address; empty where there is none, or where the clinic wants no map."""
    return f"{settings.MAP_LINK}{quote(address, safe='')}" if address and settings.MAP_LINK else ""

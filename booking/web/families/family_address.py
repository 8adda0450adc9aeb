"""Where members of a family type their code, as it is written on paper and read aloud."""

from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse


def family_address() -> str:
    """Return the address without its scheme: people type it by hand."""
    found = urlsplit(settings.PUBLIC_URL)
    return f"{found.netloc}{reverse('family-code')}".rstrip("/")

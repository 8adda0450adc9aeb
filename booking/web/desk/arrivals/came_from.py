"""Where a page about one who comes leads back to: the list at the door, or the day of whoever treats."""

from django.http import HttpRequest
from django.urls import reverse

from booking.models import Appointment
from booking.web.desk.shell import Desk

FROM, MY_DAY = "from", "my-day"
"""Of an address: the page on which somebody pressed."""


def from_my_day(url: str) -> str:
    """Return the address of a page as My day leads to it; nothing for none."""
    return f"{url}&{FROM}={MY_DAY}" if url else ""


def as_they_came(request: HttpRequest, url: str) -> str:
    """Return the address of the next page about them, which leads back to the same."""
    return from_my_day(url) if request.GET.get(FROM) == MY_DAY else url


def back_to(request: HttpRequest, desk: Desk, visit: Appointment | None = None) -> str:
    """Return where somebody came from; where `visit` stands there, if it is named."""
    mine = request.GET.get(FROM) == MY_DAY
    page, part = ("desk-my-day", "c") if mine else ("desk-arrivals", "v")
    return reverse(page) + desk.where + (f"#{part}-{visit.public_id}" if visit else "")

"""What the foot of every page says of a clinic's sites: the hospital's name, phones, and when they are answered.

Read once a minute by each process: the start page asks the database nothing, and a site changes a few times a year.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import Error, connection

from core.database.round_trip import is_at_work
from core.models import Site

FRESH_SECONDS = 60
COLUMNS = ("key", "name", "hospital", "phone", "phone_hours")

_read: dict[str, tuple[float, "tuple[SiteOnPages, ...]"]] = {}
"""By connection: when they were read, by the clock that nobody sets, and what was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteOnPages:
    """One site in use; texts by language."""

    key: str
    name: Mapping[str, str]
    hospital: str
    phone: str
    phone_hours: Mapping[str, str]


def sites_on_pages() -> tuple[SiteOnPages, ...]:
    """Return the sites in use, as they were a minute ago at most.

    Where the database does not answer, or is at work on another statement, they are as known last.
    """
    at, known = _read.get(connection.alias, (None, ()))
    if at is not None and (time.monotonic() - at < FRESH_SECONDS or is_at_work()):
        return known
    try:
        found = tuple(SiteOnPages(**row) for row in Site.objects.filter(active=True).values(*COLUMNS))
    except Error:  # a page that says what went wrong has a foot as well
        return known
    _read[connection.alias] = (time.monotonic(), found)
    return found


def read_anew() -> None:
    """Let the next page read them again."""
    _read.clear()

"""The catalogue as values, read once and cached in the process until somebody changes it."""

from django.db import connection

from core.database.transactions import once_in_a_unit
from scheduler.catalogue.rows import read
from scheduler.catalogue.values import Bay, BookingTerms, Catalogue, Offer, Plan, PractitionerCard, SiteCard, Unit

__all__ = [
    "Bay",
    "BookingTerms",
    "Catalogue",
    "Offer",
    "Plan",
    "PractitionerCard",
    "SiteCard",
    "Unit",
    "catalogue",
]

_cached: dict[str, Catalogue] = {}


def catalogue() -> Catalogue:
    """Return the catalogue as it is now, or as this unit first found it: one small query, more after a change."""
    return once_in_a_unit("catalogue", _current)


def _current() -> Catalogue:
    # The stamp changes in the transaction of the edit: what is cached is never older than what this one can read.
    with connection.cursor() as cursor:
        cursor.execute("SELECT stamp FROM scheduler_cataloguestamp")
        (stamp,) = cursor.fetchone()
    cached = _cached.get(connection.alias)
    if cached is None or cached.stamp != stamp:
        cached = _cached[connection.alias] = read(stamp)
    return cached

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

STATES_CACHED = 4
"""So many states of the catalogue are cached: a rehearsal, or an act that fails, leads back to the one before."""

_cached: dict[str, tuple[Catalogue, ...]] = {}
"""By connection, the one that was asked for last at the front."""


def catalogue() -> Catalogue:
    """Return the catalogue as it is now, or as this unit first found it: one small query, more after a change."""
    return once_in_a_unit("catalogue", _current)


def _current() -> Catalogue:
    # The stamp changes in the transaction of the edit: what is cached is never older than what this one can read.
    with connection.cursor() as cursor:
        cursor.execute("SELECT stamp FROM scheduler_cataloguestamp")
        (stamp,) = cursor.fetchone()
    cached = _cached.get(connection.alias, ())
    if cached and cached[0].stamp == stamp:
        return cached[0]
    found = next((one for one in cached if one.stamp == stamp), None) or read(stamp)
    others = [one for one in cached if one.stamp != stamp]
    _cached[connection.alias] = (found, *others[: STATES_CACHED - 1])
    return found

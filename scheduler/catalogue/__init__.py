"""The catalogue as values, read once and kept in the process until somebody changes it."""

from django.db import connection

from core.database.transactions import once_in_a_unit
from scheduler.catalogue.rows import read
from scheduler.catalogue.values import Bay, BookingTerms, Catalogue, Offer, Plan, PractitionerCard, SiteCard, Unit

__all__ = ["Bay", "BookingTerms", "Catalogue", "Offer", "Plan", "PractitionerCard", "SiteCard", "Unit", "catalogue"]

_kept: dict[str, Catalogue] = {}


def catalogue() -> Catalogue:
    """Return the catalogue as it is now, or as this unit first found it: one small query, more after a change."""
    return once_in_a_unit("catalogue", _as_it_is)


def _as_it_is() -> Catalogue:
    with connection.cursor() as cursor:
        cursor.execute("SELECT stamp FROM scheduler_cataloguestamp")
        (stamp,) = cursor.fetchone()
    kept = _kept.get(connection.alias)
    if kept is None or kept.stamp != stamp:
        kept = _kept[connection.alias] = read(stamp)
    return kept

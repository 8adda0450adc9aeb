"""What practitioners and therapies are called, by their numbers, also those that are out of use: for reports."""

from collections.abc import Collection

from core.text.languages import localized
from scheduler.models import Practitioner, Therapy


def practitioners_by_id(ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Return the public id and the name of practitioners, by name."""
    rows = Practitioner.objects.filter(pk__in=ids).order_by("name", "pk")
    return {row.pk: (str(row.public_id), str(row)) for row in rows}


def therapies_by_id(ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Return the key and the name of therapies, in their order."""
    return {row.pk: (row.key, localized(row.name) or row.key) for row in Therapy.objects.filter(pk__in=ids)}

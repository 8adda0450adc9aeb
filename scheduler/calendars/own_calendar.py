"""Whose calendar somebody who signs in keeps, and what those are called who treat."""

from collections.abc import Collection
from uuid import UUID

from core.models import Site
from scheduler.models import Practitioner


def practitioner_of(user_id: int | None) -> Practitioner | None:
    """Return the practitioner whose account this is, None for everybody else."""
    return Practitioner.objects.filter(user=user_id, active=True).first() if user_id else None


def first_site_of(practitioner: Practitioner) -> Site | None:
    """Return the first of the sites where somebody treats."""
    return Site.objects.filter(offerings__practitioner=practitioner, active=True).order_by("key").first()


def practitioner_names(ids: Collection[UUID]) -> dict[UUID, str]:
    """Return what those who treat are called, also who has left since, in one query at most."""
    rows = Practitioner.objects.filter(public_id__in=ids) if ids else Practitioner.objects.none()
    return dict(rows.values_list("public_id", "name"))

"""Which allocations need an entry of the catalogue, or what it has lost: those that an edit may leave without cover."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db.models import Model, Q

from core.database.transactions import rehearsal
from core.models import Site
from scheduler.models import Claim, Device, Offering, Place, Practitioner, Therapy
from scheduler.sheets.edit_impact import ahead
from scheduler.sheets.uncovered_claims import uncovered_allocations


def allocations_needing(entry: Model, before: Mapping[str, Any], *, at: datetime) -> set[UUID]:
    """Return the allocations ahead that need what an entry has lost; `before`: its fields as they were."""
    harmed = [LOSSES[name](entry, was) for name, was in before.items() if name in LOSSES]
    harmed = [loss for loss in harmed if loss is not None]
    if not harmed or type(entry) not in NEEDS:
        return set()
    rows = ahead(at).filter(NEEDS[type(entry)](entry))
    found = (rows.filter(loss).values_list("allocation", flat=True) for loss in harmed)
    return {allocation for each in found for allocation in each}


def allocations_losing(entry: Model, before: Mapping[str, Any], *, at: datetime) -> set[UUID]:
    """Return the allocations ahead that an edit of an entry, which is written, leaves without cover.

    `before`: its fields as they were. Those that were without cover before as well are on the list of calls already.
    """
    needing = allocations_needing(entry, before, at=at)
    left = uncovered_allocations(needing, at=at) if needing else frozenset[UUID]()
    if not left:
        return set()
    with rehearsal(only=True):
        was = {name: value for name, value in before.items() if name in LOSSES}
        type(entry)._default_manager.filter(pk=entry.pk).update(**was)
        known = uncovered_allocations(left, at=at)
    return set(left - known)


def _lost(entry: object, name: str, was: Collection[str]) -> list[str]:
    return sorted(set(was) - set(getattr(entry, name)))


def _out_of_use(entry: object, was: Any) -> Q | None:  # noqa: ANN401  (as the field has it)
    return Q() if was and not getattr(entry, "active", True) else None


def _fewer_lanes(entry: object, was: Any) -> Q | None:  # noqa: ANN401
    left: int = getattr(entry, "lanes", was)
    return Q(resource__lane__gt=left) if left < was else None


def _fewer_features(entry: object, was: Any) -> Q | None:  # noqa: ANN401
    lost = _lost(entry, "features", was)
    return Q(plan__place_features__overlap=lost) if lost else None


def _fewer_visits(entry: object, was: Any) -> Q | None:  # noqa: ANN401
    lost = _lost(entry, "visits", was)
    return Q(plan__visit__in=lost) if lost else None


LOSSES: Mapping[str, Callable[[object, Any], Q | None]] = MappingProxyType(
    {"active": _out_of_use, "lanes": _fewer_lanes, "features": _fewer_features, "visits": _fewer_visits}
)
"""By field: which of the claims that need the entry need what it has lost; None when nothing is lost."""


def _at(site: Site) -> Q:
    return Q(resource__place__room__site=site) | Q(resource__sites=site, plan__place_features=[])


def _offered(offering: Offering) -> Q:
    # By allocation: claims on a practitioner do not say where, those on the place beside them do.
    there = Claim.objects.filter(_at(offering.site)).values("allocation")
    return Q(plan__therapy=offering.therapy_id, resource__practitioner=offering.practitioner_id, allocation__in=there)


NEEDS: Mapping[type[Model], Callable[[Any], Q]] = MappingProxyType(
    {
        Practitioner: lambda entry: Q(resource__practitioner=entry),
        Place: lambda entry: Q(resource__place=entry),
        Device: lambda entry: Q(resource__device=entry),
        Therapy: lambda entry: Q(plan__therapy=entry),
        Site: _at,
        Offering: _offered,
    }
)
"""Which claims need an entry."""

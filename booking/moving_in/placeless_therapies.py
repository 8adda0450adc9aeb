"""What can be given nowhere at a site, since no place there has what it needs."""

from collections.abc import Sequence
from dataclasses import dataclass

from scheduler import public as scheduler


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacelessTherapy:
    """A therapy in use for which no place has what it needs one of. `given_at`: the sites where somebody gives it."""

    name: str
    needs: Sequence[str]
    given_at: frozenset[int]


def placeless(site: int) -> list[PlacelessTherapy]:
    """Return the therapies in use that can be given at none of the places of a site (its id)."""
    known = {frozenset(one.features) for one in scheduler.places_in_detail(site) if one.active}
    found = []
    for one in scheduler.therapies_in_detail():
        plans = [visit for visit in one.visits if visit.features]
        lacking = [visit for visit in plans if not any(place & set(visit.features) for place in known)]
        if one.active and plans and len(lacking) == len(plans):
            needs = sorted({name for visit in lacking for name in visit.features})
            given_at = frozenset(site for site, _name in one.given_by)
            found.append(PlacelessTherapy(name=one.name, needs=needs, given_at=given_at))
    return found

"""How far a site is set up: what of the catalogue and the calendars is there, as numbers."""

from dataclasses import dataclass
from datetime import date

from scheduler.models import Offering, OpeningHours, Place, Resource, Therapy, WorkingHours


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupCounts:
    """What is there at a site, in use. `given`: therapies that somebody offers there; `in_use`: of all there are."""

    opening_hours: int
    places: int
    practitioners: int
    given: int
    in_use: int
    working_hours: int


def setup_counts(site: int, *, on: date) -> SetupCounts:
    """Return what is there at a site (its id) on a day, or will be."""
    people = Resource.objects.filter(practitioner__active=True, sites=site)
    given = Offering.objects.filter(site=site, practitioner__active=True, therapy__active=True)
    hours = WorkingHours.objects.filter(site=site, practitioner__active=True)
    return SetupCounts(
        opening_hours=OpeningHours.objects.filter(site=site).exclude(valid_to__lte=on).count(),
        places=Place.objects.filter(room__site=site, active=True).count(),
        practitioners=people.values("practitioner").distinct().count(),
        given=given.values("therapy").distinct().count(),
        in_use=Therapy.objects.filter(active=True).count(),
        working_hours=hours.exclude(valid_to__lte=on).count(),
    )

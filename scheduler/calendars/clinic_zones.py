"""In which zone the times of people are told who may work at several sites: that of their first."""

from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from core.models import Site
from scheduler.models import Practitioner


def zone_of(practitioner: Practitioner) -> ZoneInfo:
    """Return the zone in which a person's absences are told."""
    return ZoneInfo(zones_of(Practitioner.objects.filter(pk=practitioner.pk)).get(practitioner.pk, "UTC"))


def zones_of(practitioners: QuerySet[Practitioner]) -> dict[int, str]:
    """Return the names of the zones in which people's absences are told, by their ids."""
    # Backwards: in the dict the last one stays, which is the site with the smallest id.
    sites = Site.objects.filter(resources__practitioner__in=practitioners.values("pk")).order_by("-pk")
    return dict(sites.values_list("resources__practitioner", "zone"))

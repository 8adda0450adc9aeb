"""Who is away, and what of a stretch of time no absence says yet."""

from collections.abc import Collection
from datetime import UTC, datetime

from django.db.models import QuerySet

from core.database.compiled import Argument, CompiledQuery
from core.models import Site
from scheduler.calendars.hours import Period
from scheduler.models import Absence, BusyCalendar, Practitioner

UNTIL_FURTHER_NOTICE = datetime(2099, 12, 31, tzinfo=UTC)
"""Until then somebody is away of whom nobody knows yet when they are back."""


def colleagues(sites: Collection[int]) -> list[Practitioner]:
    """Return who works at any of these sites (ids), by name."""
    rows = Practitioner.objects.filter(active=True, resources__sites__in=sites)
    return list(rows.distinct().order_by("name", "pk"))


def sites_of(practitioner: Practitioner) -> frozenset[int]:
    """Return the sites (ids) where somebody works, whether or not they offer something yet."""
    return frozenset(Site.objects.filter(resources__practitioner=practitioner).values_list("pk", flat=True))


def failing_calendars(site: int) -> list[BusyCalendar]:
    """Return the busy calendars of those who treat at a site (its id) that could not be read the last time."""
    return FAILING.rows(site=site)


def _failing() -> QuerySet[BusyCalendar]:
    here = Practitioner.objects.filter(resources__sites=Argument("site"), active=True)
    rows = BusyCalendar.objects.exclude(problem="").filter(practitioner__in=here.values("pk"))
    return rows.select_related("practitioner")


FAILING = CompiledQuery(_failing)


def busy_calendars_of(people: Collection[Practitioner]) -> list[BusyCalendar]:
    """Return the calendars elsewhere of some people, those first that could not be read."""
    rows = BusyCalendar.objects.filter(practitioner__in=people).select_related("practitioner")
    return sorted(rows, key=lambda one: (not one.problem, one.practitioner.name, one.pk))


def absences_during(practitioners: Collection[int], start: datetime, end: datetime) -> list[Absence]:
    """Return the absences of people (ids) that touch a stretch, with whose they are, the earliest first."""
    rows = Absence.objects.filter(practitioner__in=practitioners, period__overlap=(start, end))
    return list(rows.select_related("practitioner").order_by("period", "pk"))


def not_yet_away(practitioner: Practitioner, start: datetime, end: datetime) -> list[Period]:
    """Return what of a stretch no absence of somebody covers: each has a reason of its own, and stays as it is."""
    found, since = list[Period](), start
    for absence in absences_during([practitioner.pk], start, end):
        if since < absence.period.lower:
            found.append((since, absence.period.lower))
        since = max(since, absence.period.upper)
    return [*found, (since, end)] if since < end else found


def absences_named(ids: Collection[str]) -> list[Absence]:
    """Return absences by their public ids, those that are there still, with whose they are."""
    return list(Absence.objects.filter(public_id__in=list(ids)).select_related("practitioner").order_by("period"))

"""Rooms and places that cannot be used from a day on: closed in one step, and open again. Appointments stay."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from core.database.transactions import unit
from core.models import Site
from core.principal import Principal
from core.refusals import refuse_invalid
from scheduler.actions import sheets
from scheduler.actions.calendar_edits import delete, impact_of_lost_time, lock
from scheduler.calendars.checks import YEARS, far_away
from scheduler.calendars.hours import DAY, monday
from scheduler.models import Claim, Place, PlaceClosure

LONGEST_NAME = 120
A_DAY = timedelta(days=1)


@unit
def close_places(
    site: Site,
    places: Collection[UUID],
    *,
    first_on: date,
    last_on: date | None,
    name: str,
    by: Principal,
    at: datetime,
) -> list[UUID]:
    """Close places of a site from a day on, until a day or further notice; return the closures. Raises Invalid.

    Where one is closed for longer already, nothing is written about it.
    """
    lock(site)
    found = list(Place.objects.filter(public_id__in=places, room__site=site).select_related("resource").order_by("pk"))
    refuse_invalid(
        [
            ("places", _("Choose at least one place."), not found or len(found) != len(set(places))),
            ("first_on", far_away(), first_on.year not in YEARS),
            ("last_on", _("The last day cannot be before the first day."), last_on is not None and last_on < first_on),
            ("name", _("Please give it a name."), not name.strip()),
            ("name", _("Please use at most 120 letters."), len(name) > LONGEST_NAME),
        ]
    )
    closed = [one for one in found if not _is_closed(one, first_on, last_on)]
    rows = PlaceClosure.objects.bulk_create(
        PlaceClosure(place=one, first_on=first_on, last_on=last_on, name=name.strip()) for one in closed
    )
    if rows:
        _reopen(rows, by=by, at=at)
    return [one.public_id for one in rows]


def _is_closed(place: Place, first_on: date, last_on: date | None) -> bool:
    """Whether one closure of a place has all of these days in it."""
    there = PlaceClosure.objects.filter(place=place, first_on__lte=first_on)
    return any(one.last_on is None or (last_on is not None and last_on <= one.last_on) for one in there)


@unit
def open_places(site: Site, closures: Iterable[UUID], *, since: date, by: Principal, at: datetime) -> None:
    """Let closures of places of a site end before a day: those that begin later are taken away."""
    lock(site)
    found = PlaceClosure.objects.filter(public_id__in=list(closures), place__room__site=site)
    rows = list(found.select_related("place__resource").order_by("pk"))
    for row in rows:
        if row.first_on >= since:
            delete(row)
        else:
            PlaceClosure.objects.filter(pk=row.pk).update(last_on=since - A_DAY)
    if rows:
        _reopen(rows, by=by, at=at)


def _reopen(rows: Sequence[PlaceClosure], *, by: Principal, at: datetime) -> None:
    """Open anew what the days of closures touch, and log what that leaves without cover."""
    ends = [one.last_on for one in rows if one.last_on is not None]
    lost = sheets.reopen(
        practitioners=[],
        places=[one.place.resource.pk for one in rows],
        first=monday(min(one.first_on for one in rows) - DAY),
        last=monday(max(ends) + DAY) if len(ends) == len(rows) else None,
    )
    impact_of_lost_time(rows[0], lost, by=by, at=at)


def allocations_in(places: Collection[UUID], start: datetime, end: datetime) -> set[UUID]:
    """Return the allocations that have one of these places in [start, end), be it that its room is full of smoke."""
    rows = Claim.objects.filter(resource__place__public_id__in=places, retired_at=None, period__overlap=(start, end))
    return set(rows.order_by().values_list("allocation", flat=True).distinct())


def closed_places(site: Site, *, since: date) -> list[PlaceClosure]:
    """Return which places of a site are closed on a day or later, the soonest first, with their rooms."""
    rows = PlaceClosure.objects.filter(place__room__site=site).exclude(last_on__lt=since)
    return list(rows.select_related("place__room").order_by("first_on", "place__room__key", "place__key", "pk"))


def places_of(site: Site) -> list[Place]:
    """Return the places of a site that are in use, room by room."""
    rows = Place.objects.filter(room__site=site, active=True, resource__isnull=False).select_related("room")
    return list(rows.order_by("room__key", "key"))

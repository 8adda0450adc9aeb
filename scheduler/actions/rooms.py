"""Rooms, their places, and devices: what is added can be taken at once, for as far ahead as anything can."""

from collections.abc import Collection, Mapping
from datetime import datetime

from core.database.transactions import rehearsal
from core.models import Site
from core.principal import Principal
from core.updates import write
from scheduler.actions import catalogue, sheets
from scheduler.actions.calendar_edits import impact_on_visits, lock
from scheduler.actions.setup_ledger import added
from scheduler.catalogue.checks import check_device, check_features, check_minutes, check_place, check_room
from scheduler.models import Device, Place, Room
from scheduler.sheets.edit_impact import Impact


@added
def add_room(
    site: Site,
    *,
    key: str,
    name: Mapping[str, str],
    suite: str,
    by: Principal,
    at: datetime,
    dry_run: bool = False,
) -> Impact[Room]:
    """Add a room to a site. Raises Missing, Invalid."""
    with rehearsal(only=dry_run):
        lock(site)
        check_room(site, key)
        return impact_on_visits(Room.objects.create(site=site, key=key, name=dict(name), suite=suite), (), by=by, at=at)


@added
def add_place(
    room: Room,
    *,
    key: str,
    name: Mapping[str, str],
    features: Collection[str],
    active: bool = True,
    by: Principal,
    at: datetime,
    dry_run: bool = False,
) -> Impact[Place]:
    """Add a place to a room; one that is not `active` can be taken once it is. Raises Missing, Invalid."""
    with rehearsal(only=dry_run):
        lock(room.site)
        check_place(room, key)
        check_features(features)
        # Sheets are laid out at once: what is added is on sale with the next search, not with the next night's task.
        place = catalogue.add_place(room, key=key, features=list(features), name=dict(name))
        if not active:
            write(place, active=False)
        sheets.lay_out([place.resource.pk], at=at)
        return impact_on_visits(place, (), by=by, at=at)


@added
def add_device(
    site: Site,
    *,
    pool: str,
    number: int,
    reprocess_minutes: int | None = None,
    active: bool = True,
    by: Principal,
    at: datetime,
    dry_run: bool = False,
) -> Impact[Device]:
    """Add a unit to a pool of a site; what its pool needs for reprocessing holds unless it is said.

    One that is not `active` can be taken once it is. Raises Missing, Invalid.
    """
    with rehearsal(only=dry_run):
        lock(site)
        check_device(site, pool, number)
        check_minutes({"reprocess_minutes": reprocess_minutes})
        device = catalogue.add_device(site, pool=pool, number=number, reprocess_minutes=reprocess_minutes)
        if not active:
            write(device, active=False)
        sheets.lay_out([device.resource.pk], at=at)
        return impact_on_visits(device, (), by=by, at=at)

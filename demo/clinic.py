"""Open the demo clinic: sites, rooms, devices, practitioners with their hours and what they offer."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from core.models import Site
from core.principal import Principal
from demo.definition import WEEKDAYS, definition
from scheduler.actions import calendars, catalogue, holidays
from scheduler.audience import EVERYONE
from scheduler.models import Closure, Offering, Practitioner, Room, Therapy, VisitPlan
from scheduler.models.practitioners import Gender

DEMO = Principal.system("demo")
SOON = timedelta(hours=4)
"""A holiday that begins within so long is as one of today."""

HOURS_HOLD_SINCE = timedelta(weeks=24)
"""Longer than since the last weeks of the quarter that ended last."""
TEXT_FIELDS = (
    "key", "name", "zone", "street", "floor", "city", "state", "postal_code", "phone", "directions", "parking",
    "arrive_early_minutes", "hospital", "phone_hours", "privacy_notice", "accessibility_note",
)  # fmt: skip


def open_sites(*, at: datetime) -> dict[str, Site]:
    """Make the sites with everything that stands in them; return them by key."""
    sites = {data["key"]: open_site(data) for data in definition()["sites"]}
    for site in sites.values():
        close_on_holidays(site, at=at)
    return sites


def close_on_holidays(site: Site, *, at: datetime) -> None:
    """Confirm the great holidays of the next year; the others stay suggestions.

    So does one on which the demo is opened, and one that begins a few hours later: a clinic that is closed shows
    nothing of its day. "To do" asks whether the site is open then.
    """
    holidays.suggest_year(site, at=at)
    soon = {moment.astimezone(site.tz).date() for moment in (at, at + SOON)}
    for closure in Closure.objects.filter(site=site, confirmed=False).exclude(first_on__in=soon):
        if closure.name.startswith(tuple(definition()["closed"])):
            calendars.confirm_closure(closure, by=DEMO, at=at)


def open_site(data: Mapping[str, Any]) -> Site:
    """Make one site: opening hours, rooms with their bays, devices."""
    site = Site.objects.create(**{field: data[field] for field in TEXT_FIELDS})
    for day, intervals in data["opening"].items():
        for opens, closes in intervals:
            weekdays = [WEEKDAYS[day]]
            catalogue.open_site(
                site, weekdays=weekdays, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes)
            )
    for room in data["rooms"]:
        add_room(site, room)
    for pool, count in data["devices"].items():
        for number in range(1, count + 1):
            catalogue.add_device(site, pool=pool, number=number)
    return site


def add_room(site: Site, data: Mapping[str, Any]) -> None:
    """Make a room and its bays, which are named after it where there are several."""
    room = Room.objects.create(site=site, key=data["key"], name=data["name"], suite=data["suite"])
    for key, features in data["bays"].items():
        label = data["name"]["en"]
        name = {"en": f"{label}, {key.removeprefix('r').upper()}" if len(data["bays"]) > 1 else label}
        catalogue.add_place(room, key=key, features=features, name=name)


def add_practitioners(sites: Mapping[str, Site], *, at: datetime) -> dict[str, Practitioner]:
    """Make the practitioners; return them by key. Their hours hold since some months before `at`."""
    visits = visits_by_therapy()
    return {data["key"]: add_practitioner(data, sites, visits, at=at) for data in definition()["practitioners"]}


def add_practitioner(
    data: Mapping[str, Any], sites: Mapping[str, Site], visits: Mapping[str, list[str]], *, at: datetime
) -> Practitioner:
    """Make one practitioner, with hours and offerings."""
    practitioner = catalogue.add_practitioner(
        data["name"],
        sites=[sites[key] for key in data["offers"]],
        nucc=data["nucc"],
        credentials=data["credentials"],
        lanes=data["lanes"],
        languages=data["languages"],
        gender=Gender(data["gender"]),
    )
    for hours in data["hours"]:
        add_hours(practitioner, sites[hours["site"]], hours, at=at)
    therapies = {therapy.key: therapy for therapy in Therapy.objects.filter(key__in=visits)}
    Offering.objects.bulk_create(
        Offering(practitioner=practitioner, site=sites[site], therapy=therapies[key], visits=visits[key])
        for site, keys in data["offers"].items()
        for key in keys
    )
    return practitioner


def add_hours(practitioner: Practitioner, site: Site, hours: Mapping[str, Any], *, at: datetime) -> None:
    """Add weekly hours: each interval on each day."""
    since = at.astimezone(site.tz).date() - HOURS_HOLD_SINCE
    for day in hours["days"]:
        for starts, ends in hours["times"]:
            shift = calendars.Shift(
                site=site,
                weekday=WEEKDAYS[day],
                starts=time.fromisoformat(starts),
                ends=time.fromisoformat(ends),
                every_weeks=hours.get("every_weeks", 1),
                valid_from=since - timedelta(days=since.weekday()),
                audience=hours.get("audience", EVERYONE),
            )
            calendars.add_hours(practitioner, shift, by=DEMO, at=at)


def visits_by_therapy() -> dict[str, list[str]]:
    """Return which visits each active therapy has a plan for."""
    found: dict[str, list[str]] = {}
    plans = VisitPlan.objects.filter(therapy__active=True).order_by("therapy__key", "visit")
    for key, visit in plans.values_list("therapy__key", "visit").distinct():
        found.setdefault(key, []).append(visit)
    return found

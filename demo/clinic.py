"""Open the demo clinic: sites, rooms, devices, practitioners with their hours and what they offer."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from core.models import Site
from core.principal import Principal
from demo.definition import WEEKDAYS, definition
from scheduler.actions import calendars, catalogue, holidays
from scheduler.models import Closure, Offering, Practitioner, Room, Therapy, VisitPlan
from scheduler.models.practitioners import Gender

DEMO = Principal.system("demo")
HOURS_HOLD_SINCE = timedelta(weeks=8)
TEXT_FIELDS = (
    "key", "name", "zone", "street", "floor", "city", "state", "postal_code", "phone", "directions", "parking",
    "arrive_early_minutes",
)  # fmt: skip


def open_sites(*, at: datetime) -> dict[str, Site]:
    """Make the sites with everything that stands in them; return them by key."""
    sites = {told["key"]: open_site(told) for told in definition()["sites"]}
    for site in sites.values():
        close_on_holidays(site, at=at)
    return sites


def close_on_holidays(site: Site, *, at: datetime) -> None:
    """Confirm the great holidays of the next year; the others stay suggestions."""
    holidays.suggest_year(site, at=at)
    for closure in Closure.objects.filter(site=site, confirmed=False):
        if closure.name.startswith(tuple(definition()["closed"])):
            calendars.confirm_closure(closure, by=DEMO, at=at)


def open_site(told: Mapping[str, Any]) -> Site:
    """Make one site: opening hours, rooms with their bays, devices."""
    site = Site.objects.create(**{field: told[field] for field in TEXT_FIELDS})
    for day, intervals in told["opening"].items():
        for opens, closes in intervals:
            weekdays = [WEEKDAYS[day]]
            catalogue.open_site(
                site, weekdays=weekdays, opens=time.fromisoformat(opens), closes=time.fromisoformat(closes)
            )
    for room in told["rooms"]:
        furnish(site, room)
    for pool, count in told["devices"].items():
        for number in range(1, count + 1):
            catalogue.add_device(site, pool=pool, number=number)
    return site


def furnish(site: Site, told: Mapping[str, Any]) -> None:
    """Make a room and its bays, which are named after it where there are several."""
    room = Room.objects.create(site=site, key=told["key"], name=told["name"], suite=told["suite"])
    for key, features in told["bays"].items():
        label = told["name"]["en"]
        name = {"en": f"{label}, {key.removeprefix('r').upper()}" if len(told["bays"]) > 1 else label}
        catalogue.add_place(room, key=key, features=features, name=name)


def hire(sites: Mapping[str, Site], *, at: datetime) -> dict[str, Practitioner]:
    """Make the practitioners; return them by key. Their hours hold since eight weeks before `at`."""
    visits = visits_by_therapy()
    return {told["key"]: hire_one(told, sites, visits, at=at) for told in definition()["practitioners"]}


def hire_one(
    told: Mapping[str, Any], sites: Mapping[str, Site], visits: Mapping[str, list[str]], *, at: datetime
) -> Practitioner:
    """Make one practitioner, with hours and offerings."""
    practitioner = catalogue.add_practitioner(
        told["name"],
        sites=[sites[key] for key in told["offers"]],
        nucc=told["nucc"],
        credentials=told["credentials"],
        lanes=told["lanes"],
        languages=told["languages"],
        gender=Gender(told["gender"]),
    )
    for hours in told["hours"]:
        work(practitioner, sites[hours["site"]], hours, at=at)
    therapies = {therapy.key: therapy for therapy in Therapy.objects.filter(key__in=visits)}
    Offering.objects.bulk_create(
        Offering(practitioner=practitioner, site=sites[site], therapy=therapies[key], visits=visits[key])
        for site, keys in told["offers"].items()
        for key in keys
    )
    return practitioner


def work(practitioner: Practitioner, site: Site, hours: Mapping[str, Any], *, at: datetime) -> None:
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
            )
            calendars.add_hours(practitioner, shift, by=DEMO, at=at)


def visits_by_therapy() -> dict[str, list[str]]:
    """Return which visits each active therapy has a plan for."""
    found: dict[str, list[str]] = {}
    plans = VisitPlan.objects.filter(therapy__active=True).order_by("therapy__key", "visit")
    for key, visit in plans.values_list("therapy__key", "visit").distinct():
        found.setdefault(key, []).append(visit)
    return found

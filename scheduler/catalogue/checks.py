"""What can stand in the catalogue: each check refuses with the field that is wrong."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, time
from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext as _

from core.models import Site, User
from core.refusals import Invalid, refuse_invalid
from core.text import clean, formulas, phone_numbers
from scheduler.calendars.checks import SUNDAY
from scheduler.calendars.hours import on_grid
from scheduler.catalogue.families import families
from scheduler.catalogue.fixture_files import fixture
from scheduler.catalogue.plan_import import Facilities
from scheduler.intervals_in_words import interval_in_words
from scheduler.models import (
    Device,
    Offering,
    OpeningHours,
    Place,
    Practitioner,
    Resource,
    Room,
    Therapy,
    TravelTime,
    VisitPlan,
)
from scheduler.models.travel import LONGEST
from scheduler.wall_time import ends_later, overlapping

MOST_LANES = 6
LAST_NUMBER = 999


def facilities() -> Facilities:
    """Return the rooms and pools of the fixtures."""
    return Facilities(rooms=fixture("rooms"), places=fixture("places"))


def features() -> frozenset[str]:
    """Return what a place can have: what the fixtures name, and what visits ask for."""
    asked = (name for names in VisitPlan.objects.values_list("place_features", flat=True) for name in names)
    return facilities().known_features() | frozenset(asked)


def pools() -> list[str]:
    """Return the pools whose units are counted."""
    return [str(pool["key"]) for pool in fixture("rooms")["equipment_pools"]]


def professions() -> dict[str, str]:
    """Return the names of professions by their NUCC code."""
    return {code: name for code, name in fixture("codes")["nucc"].items() if code != "system"}


MOST = {"arrive_early_minutes": 120, "reprocess_minutes": 240}


def check_minutes(data: Mapping[str, Any]) -> None:
    """Refuse minutes beyond what anybody means."""
    typed = {name: data[name] for name in MOST if data.get(name) is not None}
    said = {name: _("Give a number from 0 to %(most)d.") % {"most": MOST[name]} for name in typed}
    refuse_invalid([(name, said[name], not 0 <= minutes <= MOST[name]) for name, minutes in typed.items()])


def check_site(data: Mapping[str, Any]) -> None:
    """Refuse a site whose key is taken or whose zone there is not."""
    refuse_invalid(
        [
            ("key", _("There is a site with this key already."), Site.objects.filter(key=data["key"]).exists()),
            ("zone", _("Give an IANA time zone, such as America/Chicago."), data["zone"] not in available_timezones()),
            ("name", _("The English text is missing."), not data["name"].get("en")),
        ]
    )


def phone_of_site(typed: str, zone: str) -> str:
    """Return a site's phone number as its callers read it, and refuse what is none."""
    country = phone_numbers.country_of(zone)
    try:
        return phone_numbers.readable(phone_numbers.normal(typed, country, extension=True), country)
    except (phone_numbers.NoNumber, clean.UnusableText) as error:
        raise Invalid(str(error), pointer="/phone") from error


def check_room(site: Site, key: str) -> None:
    """Refuse a room whose key is taken at its site."""
    taken = Room.objects.filter(site=site, key=key).exists()
    refuse_invalid([("key", _("There is a room with this key at this site already."), taken)])


def check_place(room: Room, key: str) -> None:
    """Refuse a place whose key is taken in its room."""
    taken = Place.objects.filter(room=room, key=key).exists()
    refuse_invalid([("key", _("There is a place with this key in this room already."), taken)])


def check_family(key: str) -> None:
    """Refuse a family that is not described."""
    known = [family.key for family in families()]
    said = _("Choose one of: %(known)s.") % {"known": ", ".join(known)}
    refuse_invalid([("family", said, key not in known)])


def check_features(wanted: Collection[str]) -> None:
    """Refuse features that nobody knows."""
    known = features()
    unknown = sorted(set(wanted) - known)
    said = _("Nobody knows %(unknown)s. A place can have: %(known)s.") % {
        "unknown": ", ".join(unknown),
        "known": ", ".join(sorted(known)),
    }
    refuse_invalid([("features", said, bool(unknown))])


def check_device(site: Site, pool: str, number: int) -> None:
    """Refuse a device of a pool that there is not, or with a number that is taken."""
    known = pools()
    taken = Device.objects.filter(site=site, pool=pool, number=number).exists()
    refuse_invalid(
        [
            ("pool", _("Choose one of: %(known)s.") % {"known": ", ".join(known)}, pool not in known),
            ("number", _("Give a number from 1 to 999."), not 1 <= number <= LAST_NUMBER),
            ("number", _("There is a device with this number already."), taken),
        ]
    )


def check_opening(
    site: Site, weekdays: Iterable[int], opens: time, closes: time, *, on: date, instead_of: OpeningHours | None = None
) -> None:
    """Refuse opening hours that cannot be, or that overlap others of the site which hold on a day or later."""
    days, on_five, later = set(weekdays), _("Please give a time on full five minutes."), ends_later(opens, closes)
    others = OpeningHours.objects.filter(site=site, weekday__in=days)
    others = others.exclude(pk__in=[instead_of.pk] if instead_of else []).exclude(valid_to__lte=on)
    if instead_of and instead_of.valid_to:
        others = others.exclude(valid_from__gte=instead_of.valid_to)
    if instead_of and instead_of.valid_from:
        others = others.exclude(valid_to__lte=instead_of.valid_from)
    met = [o for o in others if overlapping((opens, closes), (o.opens, o.closes))]
    named = ", ".join(f"{o.get_weekday_display()} {interval_in_words(o.opens, o.closes)}" for o in met)
    refuse_invalid(
        [
            (
                "weekday",
                _("A weekday is a number from 1 (Monday) to 7 (Sunday)."),
                not days or any(not 1 <= day <= SUNDAY for day in days),
            ),
            ("opens", on_five, not on_grid(opens)),
            ("closes", on_five, not on_grid(closes)),
            ("closes", _("The site must close later than it opens."), not later),
            ("opens", _("These hours overlap: %(hours)s.") % {"hours": named}, bool(named) and later),
        ]
    )


def check_travel(minutes: int, *, site: Site | None = None, other_site: Site | None = None) -> None:
    """Refuse minutes between sites that cannot be, or that are there already for these two."""
    pair = {one.pk for one in (site, other_site) if one is not None}
    there = site != other_site and TravelTime.objects.filter(site__in=pair, other_site__in=pair).exists()
    refuse_invalid(
        [
            ("minutes", _("Give a number from 1 to %(most)d.") % {"most": LONGEST}, not 1 <= minutes <= LONGEST),
            ("other_site", _("Choose two different sites."), site is not None and site == other_site),
            ("other_site", _("There is a travel time between these sites already: change that one."), there),
        ]
    )


def check_practitioner(data: Mapping[str, Any], *, sites: Collection[Site], instead_of: Practitioner | None) -> None:
    """Refuse a practitioner without a name or a site, with lanes that cannot be, or with another's account."""
    # Also guarded by the column, which is unique: here it is said beside the field.
    user: User | None = data.get("user")
    others = Practitioner.objects.exclude(pk__in=[instead_of.pk] if instead_of else [])
    refuse_invalid(
        [
            ("name", _("Please give a name."), not str(data["name"]).strip()),
            ("name", formulas.no_name(), formulas.begins_formula(str(data["name"]))),
            ("nucc", _("Choose one of the professions."), data["nucc"] not in professions()),
            ("lanes", _("Give a number from 1 to 6."), not 1 <= data["lanes"] <= MOST_LANES),
            ("sites", _("Choose at least one site."), not sites),
            (
                "user",
                _("This account is another practitioner’s."),
                user is not None and others.filter(user=user).exists(),
            ),
        ]
    )


def check_offering(practitioner: Practitioner, site: Site, therapies: Collection[Therapy]) -> None:
    """Refuse what somebody offers where they do not work, or offers already."""
    works = Resource.objects.filter(practitioner=practitioner, sites=site).exists()
    there = Offering.objects.filter(practitioner=practitioner, site=site, therapy__in=therapies)
    named = ", ".join(offering.therapy.name.get("en", "") for offering in there.select_related("therapy"))
    refuse_invalid(
        [
            ("site", _("This person does not work at this site."), not works),
            ("therapy", _("Choose at least one therapy."), not therapies),
            ("therapy", _("This is offered already: %(therapies)s.") % {"therapies": named}, bool(named)),
        ]
    )


def check_visits(therapies: Collection[Therapy], visits: Collection[str]) -> None:
    """Refuse visits that a therapy has no plan for."""
    planned = set(VisitPlan.objects.filter(therapy__in=therapies).values_list("therapy", "visit"))
    unplanned = [t.name.get("en", t.key) for t in therapies if not any((t.pk, visit) in planned for visit in visits)]
    said = _("There are no such appointments of %(therapies)s.") % {"therapies": ", ".join(unplanned)}
    refuse_invalid(
        [
            ("visits", _("Choose first appointments, follow-up appointments, or both."), not visits),
            ("visits", said, bool(visits and unplanned)),
        ]
    )

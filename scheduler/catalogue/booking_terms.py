"""On what terms people book: by themselves or through staff, how soon and how far ahead."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from core.models import EVERY_AUDIENCE, Policy
from scheduler.business_days import BusinessDays
from scheduler.catalogue import BookingTerms, catalogue
from scheduler.catalogue.programs import ProgramCard
from scheduler.errors import UnknownSlot
from scheduler.models import Therapy


def booking_terms(therapy: str) -> BookingTerms:
    """Return the terms of a therapy by its key. Raises UnknownSlot: only slots ask."""
    found = catalogue().booking_terms.get(therapy)
    if found is None:
        raise UnknownSlot
    return found


def self_bookable(therapy: str, site: int, *, at: datetime) -> bool:
    """Whether patients book a therapy at a site (its id) themselves; never what is not there."""
    return catalogue().self_bookable(therapy, site, at=at)


def self_bookable_anywhere(therapy: str, sites: Iterable[int], *, at: datetime) -> bool:
    """Whether patients book a therapy themselves at one of some sites (ids)."""
    known = catalogue()
    return any(known.self_bookable(therapy, site, at=at) for site in sites)


def business_days(site: int) -> BusinessDays:
    """Return the days on which a site (its id) opens."""
    return catalogue().business_days[site]


def programs() -> tuple[ProgramCard, ...]:
    """Return the programs in use, by key."""
    return catalogue().programs


def programs_at(site: int) -> tuple[ProgramCard, ...]:
    """Return the programs that a site (its id) has, by key."""
    return tuple(one for one in catalogue().programs if one.is_at(site))


def needs_place(therapy: str, visit: str, technique: str) -> bool:
    """Whether people come for a visit like this: a call needs no place, what nobody knows any more needs one."""
    plan = catalogue().plan(therapy, visit, technique)
    return plan is None or bool(plan.features)


def has_place(therapy: str, visit: str, technique: str, site: int, needs: frozenset[str], *, at: datetime) -> bool:
    """Whether a site (its id) has a place for such a visit that has all of these features, free or not."""
    known = catalogue()
    plan = known.plan(therapy, visit, technique)
    return plan is None or not plan.features or bool(known.suitable(plan, site, needs, at=at))


def lacking(therapy: str, visit: str, technique: str, site: int, *, at: datetime) -> tuple[str, ...]:
    """Return what a site (its id) has none of, without which a visit is given nowhere there: features or devices."""
    known = catalogue()
    plan = known.plan(therapy, visit, technique)
    if plan is None:
        return ()
    plan = plan.at(at)
    places = () if not plan.features or known.suitable(plan, site, at=at) else tuple(sorted(plan.features))
    return *places, *(pool for pool in plan.pools if not known.units.get((site, pool)))


def kind_left(therapy: str, visit: str, technique: str, site: int, needs: frozenset[str], *, at: datetime) -> str:
    """Return the kind of place that rules keep from a visit and that alone a site (its id) has for it; else empty."""
    known = catalogue()
    plan = known.plan(therapy, visit, technique)
    return known.kind_left(plan, site, needs, at=at) if plan else ""


def place_has(place: int | None, needs: frozenset[str]) -> bool:
    """Whether a place (its id) has all of these features; a visit without a place lacks nothing."""
    if place is None or not needs:
        return True
    return any(bay.id == place and bay.has(needs) for bays in catalogue().bays.values() for bay in bays)


def known_therapies() -> Collection[str]:
    """Return the keys of all therapies, those out of use as well."""
    return catalogue().booking_terms.keys()


def all_booking_terms() -> Mapping[str, BookingTerms]:
    """Return the terms of all therapies by key, those out of use as well."""
    return catalogue().booking_terms


def techniques() -> Mapping[str, Collection[str]]:
    """Return the techniques of all therapies by key, those out of use as well."""
    return {key: terms.techniques for key, terms in catalogue().booking_terms.items()}


def therapy_names() -> dict[str, Mapping[str, str]]:
    """Return the names of all therapies by key, those out of use as well; texts by language."""
    return dict(Therapy.objects.values_list("key", "name"))


def policy(key: str, site: int, *, at: datetime) -> Policy:
    """Return the policy `key` in force at a site (its id) at `at`. Raises LookupError when none is."""
    return catalogue().policy(key, site, at=at)


def policy_if_any(key: str, site: int, *, at: datetime, audience: str = EVERY_AUDIENCE) -> Policy | None:
    """Return the policy `key` in force at a site (its id) at `at` for an audience, None where none is."""
    return catalogue().policy_if_any(key, site, at=at, audience=audience)


def policies_for(key: str, site: int, *, at: datetime, programs: Collection[str]) -> list[Policy]:
    """Return by which policies in force at a site (its id) somebody of these programs is bound."""
    return catalogue().policies_for(key, site, at=at, programs=programs)


def policies_in_force(kinds: Iterable[tuple[str, str]], site: int, *, at: datetime) -> list[Policy]:
    """Return the policies in force at a site (its id) at `at`, of each key and audience the one that holds there."""
    known = catalogue()
    found = (known.policy_if_any(key, site, at=at, audience=audience) for key, audience in kinds)
    return [one for one in found if one is not None]


def policy_since(policy: Policy, site: int, *, at: datetime) -> datetime | None:
    """Return when it was settled by `at` that a policy holds at a site (its id), None where nobody noted it."""
    return catalogue().policy_since(policy, site, at=at)

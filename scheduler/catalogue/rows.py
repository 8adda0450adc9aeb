"""Reads the catalogue from its rows."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from uuid import UUID

from django.db.models import F, Q

from core.database.compiled import CompiledQuery
from core.models import Policy, Site
from scheduler.audience import EVERYONE
from scheduler.business_days import MONDAY_TO_FRIDAY, BusinessDays
from scheduler.calendars import closed_times
from scheduler.catalogue.blocks import read_blocks
from scheduler.catalogue.families import known_family
from scheduler.catalogue.programs import read_programs
from scheduler.catalogue.values import Bay, BookingTerms, Catalogue, Offer, Plan, PractitionerCard, SiteCard, Unit
from scheduler.models import (
    Closure,
    Offering,
    OpeningHours,
    Place,
    Practitioner,
    Resource,
    Segment,
    Therapy,
    TravelTime,
    VisitPlan,
    WorkingHours,
)
from scheduler.models.resources import ResourceKind
from scheduler.slots import tick_plan
from scheduler.ticks import ticks
from scheduler.wall_time import MIDNIGHT

SITES = CompiledQuery(Site.objects.all)
POLICIES = CompiledQuery(Policy.objects.published)


def read(stamp: UUID) -> Catalogue:
    """Return the catalogue as the rows have it. `stamp` says which state of it."""
    bays, sites, policies = _bays(), SITES.rows(), tuple(POLICIES.rows())
    zones = {site.pk: site.zone for site in sites if site.active}
    return Catalogue(
        stamp=stamp,
        sites={s.pk: _site_card(s) for s in sites if s.active},
        business_days=_business_days(sites),
        booking_terms=_booking_terms(),
        plans=_plans(),
        offers=_offers(),
        bays=bays,
        # Of the places in use alone: a wing that stands empty does not spread a clinic over suites.
        suites={site: frozenset(bay.suite for bay in found) for site, found in bays.items()},
        rooms=_rooms(),
        units=_units(),
        travel=_travel(),
        policies=policies,
        audiences=_audiences(),
        blocks=read_blocks(zones),
        programs=read_programs(),
        closed=closed_times.read(stamp, policies, zones).by_site,
    )


def _site_card(site: Site) -> SiteCard:
    return SiteCard(
        id=site.pk,
        key=site.key,
        public_id=site.public_id,
        name=site.name,
        zone=site.zone,
        address=site.address,
        phone=site.phone,
        state=site.state,
    )


OPENING = CompiledQuery(
    lambda: OpeningHours.objects.order_by("opens").values_list("site", "weekday", "closes", "valid_from", "valid_to")
)
OpeningRow = tuple[int, time, date | None, date | None]
"""An ISO weekday, when a site closes on it, from which day on that holds, and until which."""

CLOSURES = CompiledQuery(lambda: Closure.objects.filter(confirmed=True, therapy=None))


def _business_days(sites: Iterable[Site]) -> dict[int, BusinessDays]:
    opening = defaultdict[int, list[OpeningRow]](list)
    for site, *row in OPENING.tuples():
        opening[site].append((row[0], row[1], row[2], row[3]))
    closed = defaultdict[int, set[tuple[date, date]]](set)
    for closure in CLOSURES.rows():
        first, last = closure.whole_days
        if first <= last:
            closed[closure.site_id].add((first, last))
    return {
        site.pk: BusinessDays(
            zone_name=site.zone,
            closes=_closes(opening[site.pk], date.min) if opening[site.pk] else MONDAY_TO_FRIDAY,
            closed=frozenset(closed[site.pk]),
            later=tuple((day, _closes(opening[site.pk], day)) for day in _changes(opening[site.pk])),
        )
        for site in sites
    }


def _changes(rows: Iterable[OpeningRow]) -> list[date]:
    """Return the days from which on a site opens otherwise than before."""
    return sorted({day for _weekday, _closes, *days in rows for day in days if day is not None})


def _closes(rows: Iterable[OpeningRow], on: date) -> dict[int, time]:
    """Return when a site closes by ISO weekday, as that holds on a day."""
    closes: dict[int, time] = {}
    for weekday, ends, since, until in rows:
        if (since or date.min) <= on < (until or date.max):
            before = closes.get(weekday, ends)
            # Midnight as an end is the latest of all.
            closes[weekday] = MIDNIGHT if MIDNIGHT in (before, ends) else max(before, ends)
    return closes


def _practitioner_card(p: Practitioner) -> PractitionerCard:
    return PractitionerCard(
        id=p.pk,
        public_id=p.public_id,
        name=p.name,
        credentials=p.credentials,
        languages=tuple(p.languages),
        gender=p.gender,
        user_id=p.user_id,
    )


THERAPIES = CompiledQuery(
    lambda: Therapy.objects.values_list(
        "key", "pk", "family", "active", "self_bookable", "techniques", "skin_penetrating", "warms_skin"
    )
)


def _booking_terms() -> dict[str, BookingTerms]:
    return {
        key: BookingTerms(
            therapy_id=pk,
            family=known_family(family),
            active=active,
            self_bookable=own,
            techniques=frozenset(ways),
            needs_rules=pierces or warms,
        )
        for key, pk, family, active, own, ways, pierces, warms in THERAPIES.tuples()
    }


SEGMENTS = CompiledQuery(
    lambda: Segment.objects.order_by("plan_id", "position").values_list("plan_id", "name", "minutes", "presence")
)
PLANS = CompiledQuery(
    lambda: (
        VisitPlan.objects.filter(therapy__active=True, withdrawn_at=None)
        .select_related("therapy")
        .order_by(F("valid_from").desc(nulls_last=True), "-version")
    )
)


def _plans() -> dict[tuple[str, str, str], Plan]:
    segments = defaultdict[int, list[tuple[str, int, str]]](list)
    for plan, *segment in SEGMENTS.tuples():
        segments[plan].append(tuple(segment))
    later = defaultdict[tuple[str, str, str], list[tuple[datetime, Plan]]](list)
    found = dict[tuple[str, str, str], Plan]()
    for row in PLANS.rows():
        key = (row.therapy.key, row.visit, row.technique)
        if row.valid_from is not None:
            later[key].append((row.valid_from, _plan(row, segments[row.pk])))
        else:
            found[key] = replace(_plan(row, segments[row.pk]), later=tuple(later[key]))
    return found


def _plan(row: VisitPlan, segments: Sequence[tuple[str, int, str]]) -> Plan:
    return Plan(
        id=row.pk,
        therapy=row.therapy.key,
        therapy_id=row.therapy_id,
        visit=row.visit,
        technique=row.technique,
        segments=tuple(segments),
        tick_plan=tick_plan((minutes, presence) for _name, minutes, presence in segments),
        features=frozenset(row.place_features),
        pools=tuple(row.device_pools),
        fills_room=row.fills_room,
    )


CLAIMED_THROUGH = CompiledQuery(
    # A lane that was given up keeps its row for the claims that name it.
    lambda: (
        Resource.objects.filter(Q(lane=None) | Q(lane__lte=F("practitioner__lanes")), practitioner__isnull=False)
        .order_by("lane")
        .values_list("practitioner_id", "kind", "pk")
    )
)
PRACTITIONERS = CompiledQuery(lambda: Practitioner.objects.filter(active=True))
OFFERINGS = CompiledQuery(
    lambda: (
        Offering.objects.filter(practitioner__active=True, therapy__active=True, site__active=True)
        .order_by("practitioner__name", "pk")
        .values_list("practitioner_id", "site_id", "therapy__key", "visits")
    )
)


def _offers() -> dict[tuple[str, str], tuple[Offer, ...]]:
    hands: dict[int, int] = {}
    lanes: dict[int, list[int]] = defaultdict(list)
    for practitioner, kind, pk in CLAIMED_THROUGH.tuples():
        if kind == ResourceKind.HANDS:
            hands[practitioner] = pk
        else:
            lanes[practitioner].append(pk)
    cards = {p.pk: _practitioner_card(p) for p in PRACTITIONERS.rows() if p.pk in hands}
    offers = [
        Offer(
            practitioner=cards[practitioner],
            hands=hands[practitioner],
            lanes=tuple(lanes[practitioner]),
            site=site,
            therapy=therapy,
            visits=frozenset(visits),
        )
        for practitioner, site, therapy, visits in OFFERINGS.tuples()
        if practitioner in cards
    ]
    found: dict[tuple[str, str], list[Offer]] = defaultdict(list)
    for offer in offers:
        for visit in offer.visits:
            found[offer.therapy, visit].append(offer)
    return {what: tuple(those) for what, those in found.items()}


PLACES = CompiledQuery(
    lambda: Place.objects.filter(active=True, resource__isnull=False).select_related("room", "resource")
)


def _bays() -> dict[int, tuple[Bay, ...]]:
    bays: dict[int, list[Bay]] = defaultdict(list)
    for p in PLACES.rows():
        bay = Bay(
            id=p.pk,
            resource=p.resource.pk,
            room=p.room_id,
            suite=p.room.suite,
            site=p.room.site_id,
            features=frozenset(p.features),
        )
        bays[bay.site].append(bay)
    # The least capable first, so that the special ones stay free for those who need them.
    return {site: tuple(sorted(found, key=lambda b: (len(b.features), b.id))) for site, found in bays.items()}


PLACES_OF_ROOMS = CompiledQuery(
    lambda: Resource.objects.filter(place__isnull=False).values_list("pk", "place__room").order_by("pk")
)


def _rooms() -> dict[int, tuple[int, ...]]:
    rooms: dict[int, list[int]] = defaultdict(list)
    for resource, room in PLACES_OF_ROOMS.tuples():
        rooms[room].append(resource)
    return {room: tuple(found) for room, found in rooms.items()}


DEVICES = CompiledQuery(
    lambda: Resource.objects.filter(device__active=True).select_related("device").order_by("device__number")
)


def _units() -> dict[tuple[int, str], tuple[Unit, ...]]:
    units: dict[tuple[int, str], list[Unit]] = defaultdict(list)
    for r in DEVICES.rows():
        d = r.device
        if d is not None:
            unit = Unit(resource=r.pk, site=d.site_id, pool=d.pool, reprocess=ticks(d.reprocess_minutes))
            units[d.site_id, d.pool].append(unit)
    return {where: tuple(found) for where, found in units.items()}


AUDIENCES = CompiledQuery(
    lambda: WorkingHours.objects.exclude(audience=EVERYONE).order_by().values_list("site", "audience").distinct()
)


def _audiences() -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for site, audience in AUDIENCES.tuples():
        found[site].add(audience)
    return {site: frozenset(audiences) for site, audiences in found.items()}


TRAVEL = CompiledQuery(lambda: TravelTime.objects.values_list("site", "other_site", "minutes"))


def _travel() -> dict[int, dict[int, int]]:
    travel: dict[int, dict[int, int]] = defaultdict(dict)
    for site, other, minutes in TRAVEL.tuples():
        travel[site][other] = travel[other][site] = ticks(minutes)
    return dict(travel)

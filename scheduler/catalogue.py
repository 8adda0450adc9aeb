"""The catalogue as values, read once and kept in the process until somebody changes it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from core.models import Policy, Site
from core.policies import BookingPolicy, read_booking
from core.transactions import once_in_a_unit
from scheduler.errors import UnknownSlot
from scheduler.models import Offering, Place, Practitioner, Resource, Therapy, VisitPlan
from scheduler.models.resources import Kind
from scheduler.slots import Shape, shape
from scheduler.ticks import ticks


@dataclass(frozen=True, slots=True, kw_only=True)
class PractitionerCard:
    """A practitioner as others see them; `user_id` is for deciding rights and is never shown."""

    id: int
    public_id: UUID
    name: str
    credentials: str
    languages: tuple[str, ...]
    gender: str
    user_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCard:
    """A site as others see it; `name` by language."""

    id: int
    key: str
    public_id: UUID
    name: Mapping[str, str]
    zone: str
    address: str
    phone: str

    @property
    def tz(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bay:
    """A place with what choosing among places needs: fewer features are used up first."""

    id: int
    resource: int
    room: int
    suite: str
    site: int
    features: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A device; it is back in the pool `reprocess` ticks after the patient has left."""

    resource: int
    site: int
    pool: str
    reprocess: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a kind of visit runs. Minutes are true minutes; the shape is in ticks."""

    therapy: str
    therapy_id: int
    visit: str
    technique: str
    shape: Shape
    minutes: int
    features: frozenset[str]
    pools: tuple[str, ...]
    fills_room: bool

    def suits(self, bay: Bay) -> bool:
        """Whether the bay has one of the features that the visit needs."""
        return not self.features.isdisjoint(bay.features)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Whether a therapy is offered at all, and whether patients book it themselves."""

    therapy_id: int
    active: bool
    self_bookable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A practitioner offers a therapy at a site, for these visits."""

    practitioner: PractitionerCard
    hands: int
    lanes: tuple[int, ...]
    site: int
    therapy: str
    visits: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Everything that changes seldom."""

    stamp: UUID
    sites: Mapping[int, SiteCard]
    terms: Mapping[str, Terms]
    plans: Mapping[tuple[str, str, str], Plan]
    offers: tuple[Offer, ...]
    bays: Mapping[int, tuple[Bay, ...]]
    suites: Mapping[int, frozenset[str]]
    rooms: Mapping[int, tuple[int, ...]]
    units: Mapping[tuple[int, str], tuple[Unit, ...]]
    policies: tuple[Policy, ...]

    def plan(self, therapy: str, visit: str, technique: str) -> Plan | None:
        """Return the plan of a visit: the technique's own, or the therapy's where the technique has none."""
        return self.plans.get((therapy, visit, technique)) or self.plans.get((therapy, visit, ""))

    def offers_of(self, therapy: str, visit: str) -> list[Offer]:
        """Return who offers a visit, and where."""
        return [o for o in self.offers if o.therapy == therapy and visit in o.visits]

    def spread(self, site: int) -> bool:
        """Whether the places of a site lie in more than one suite."""
        return len(self.suites.get(site, ())) > 1

    def filled_by(self, bay: Bay, plan: Plan) -> tuple[int, ...]:
        """Return the place resources that a visit in `bay` takes: the whole room's where smoke fills it."""
        return self.rooms[bay.room] if plan.fills_room else (bay.resource,)

    def site_by_key(self, key: str) -> SiteCard:
        """Return a site's card. Raises UnknownSlot: only slot ids ask."""
        for card in self.sites.values():
            if card.key == key:
                return card
        raise UnknownSlot

    def booking_policy(self, site: int, *, at: datetime) -> BookingPolicy:
        """Return the booking policy in force at a site: its own before the one for all."""
        live = [p for p in self.policies if at in p.effective and p.site_id in (site, None)]
        if not live:
            raise LookupError("No booking policy is in force: run `manage.py load_catalogue`.")
        return read_booking(max(live, key=lambda p: p.site_id is not None))


_kept: dict[str, Catalogue] = {}


def catalogue() -> Catalogue:
    """Return the catalogue as it is now, or as this unit first found it: one small query, more after a change."""
    return once_in_a_unit("catalogue", _as_it_is)


def _as_it_is() -> Catalogue:
    with connection.cursor() as cursor:
        cursor.execute("SELECT stamp FROM scheduler_cataloguestamp")
        row = cursor.fetchone()
    stamp: UUID = row[0]
    kept = _kept.get(connection.alias)
    if kept is None or kept.stamp != stamp:
        kept = _kept[connection.alias] = _read(stamp)
    return kept


def _read(stamp: UUID) -> Catalogue:
    bays = _bays()
    return Catalogue(
        stamp=stamp,
        sites={s.pk: site_card(s) for s in Site.objects.filter(active=True)},
        terms=_terms(),
        plans=_plans(),
        offers=_offers(),
        bays=bays,
        suites={site: frozenset(bay.suite for bay in found) for site, found in bays.items()},
        rooms=_rooms(),
        units=_units(),
        policies=tuple(Policy.objects.filter(key="booking")),
    )


def site_card(site: Site) -> SiteCard:
    """Return a site's card."""
    return SiteCard(
        id=site.pk,
        key=site.key,
        public_id=site.public_id,
        name=site.name,
        zone=site.zone,
        address=site.address,
        phone=site.phone,
    )


def practitioner_card(p: Practitioner) -> PractitionerCard:
    """Return a practitioner's card."""
    return PractitionerCard(
        id=p.pk,
        public_id=p.public_id,
        name=p.name,
        credentials=p.credentials,
        languages=tuple(p.languages),
        gender=p.gender,
        user_id=p.user_id,
    )


def _terms() -> dict[str, Terms]:
    rows = Therapy.objects.values_list("key", "pk", "active", "self_bookable")
    return {key: Terms(therapy_id=pk, active=active, self_bookable=own) for key, pk, active, own in rows}


def _plans() -> dict[tuple[str, str, str], Plan]:
    rows = VisitPlan.objects.filter(therapy__active=True).select_related("therapy").prefetch_related("segments")
    return {(p.therapy.key, p.visit, p.technique): _plan(p) for p in rows}


def _plan(p: VisitPlan) -> Plan:
    segments = [(s.minutes, s.presence) for s in p.segments.all()]
    return Plan(
        therapy=p.therapy.key,
        therapy_id=p.therapy_id,
        visit=p.visit,
        technique=p.technique,
        shape=shape(segments),
        minutes=sum(minutes for minutes, presence in segments if presence != "none"),
        features=frozenset(p.place_features),
        pools=tuple(p.device_pools),
        fills_room=p.fills_room,
    )


def _offers() -> tuple[Offer, ...]:
    hands: dict[int, int] = {}
    lanes: dict[int, list[int]] = defaultdict(list)
    for r in Resource.objects.filter(practitioner__isnull=False).order_by("lane"):
        if r.kind == Kind.HANDS:
            hands[r.practitioner_id or 0] = r.pk
        else:
            lanes[r.practitioner_id or 0].append(r.pk)
    rows = Offering.objects.filter(practitioner__active=True, therapy__active=True, site__active=True)
    return tuple(
        Offer(
            practitioner=practitioner_card(o.practitioner),
            hands=hands[o.practitioner_id],
            lanes=tuple(lanes[o.practitioner_id]),
            site=o.site_id,
            therapy=o.therapy.key,
            visits=frozenset(o.visits),
        )
        for o in rows.select_related("practitioner", "therapy").order_by("practitioner__name", "pk")
        if o.practitioner_id in hands
    )


def _bays() -> dict[int, tuple[Bay, ...]]:
    bays: dict[int, list[Bay]] = defaultdict(list)
    for p in Place.objects.filter(active=True, resource__isnull=False).select_related("room", "resource"):
        bay = Bay(
            id=p.pk,
            resource=p.resource.pk,
            room=p.room_id,
            suite=p.room.suite,
            site=p.room.site_id,
            features=frozenset(p.features),
        )
        bays[bay.site].append(bay)
    return {site: tuple(sorted(found, key=lambda b: (len(b.features), b.id))) for site, found in bays.items()}


def _rooms() -> dict[int, tuple[int, ...]]:
    rooms: dict[int, list[int]] = defaultdict(list)
    for resource, room in Resource.objects.filter(place__isnull=False).values_list("pk", "place__room").order_by("pk"):
        rooms[room].append(resource)
    return {room: tuple(found) for room, found in rooms.items()}


def _units() -> dict[tuple[int, str], tuple[Unit, ...]]:
    units: dict[tuple[int, str], list[Unit]] = defaultdict(list)
    for r in Resource.objects.filter(device__active=True).select_related("device").order_by("device__number"):
        d = r.device
        if d is not None:
            unit = Unit(resource=r.pk, site=d.site_id, pool=d.pool, reprocess=ticks(d.reprocess_minutes))
            units[d.site_id, d.pool].append(unit)
    return {where: tuple(found) for where, found in units.items()}

"""The catalogue as those see it who set it up: how each kind of visit runs, who gives what, what a place has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Prefetch

from scheduler.models import Offering, Place, Practitioner, Segment, Therapy, VisitPlan, WorkingHours
from scheduler.models.catalogue import Presence
from scheduler.slots import minutes_taken, tick_plan
from scheduler.ticks import TICK

A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class PlannedSegment:
    """A stretch of a visit. `presence`: hands, nearby, free, or none once the patient has left."""

    name: str
    minutes: int
    presence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedVisit:
    """How one kind of visit runs. `valid_from`: for which starts alone, None since ever."""

    visit: str
    technique: str
    segments: Sequence[PlannedSegment]
    features: Sequence[str]
    devices: Sequence[str]
    fills_room: bool
    id: int = 0
    valid_from: datetime | None = None

    @property
    def patient_minutes(self) -> int:
        """How long the patient is there, as everybody is told it: in whole ticks."""
        return minutes_taken(tuple((one.name, one.minutes, one.presence) for one in self.segments))

    @property
    def hands_minutes(self) -> int:
        """How long it takes somebody's hands."""
        return sum(one.minutes for one in self.segments if one.presence == Presence.HANDS)

    @property
    def place_minutes(self) -> int:
        """How long it takes the place, turnover and airing included: in whole ticks, as it is claimed."""
        return tick_plan((one.minutes, one.presence) for one in self.segments).place * (TICK // A_MINUTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TherapyInDetail:
    """A therapy with its visits, and who gives it where, as (site id, name)."""

    id: int
    key: str
    name: str
    summary: str
    active: bool
    self_bookable: bool
    visits: Sequence[PlannedVisit]
    given_by: Sequence[tuple[int, str]]


def therapies_in_detail(*, key: str = "") -> list[TherapyInDetail]:
    """Return the therapies of the catalogue, those out of use last; the one of `key` alone where it is given."""
    plans = VisitPlan.objects.filter(withdrawn_at=None).order_by("visit", "technique", "version")
    plans = plans.prefetch_related(Prefetch("segments", Segment.objects.order_by("position")))
    offers = Offering.objects.filter(practitioner__active=True).select_related("practitioner")
    rows = Therapy.objects.prefetch_related(Prefetch("plans", plans), Prefetch("offerings", offers))
    rows = rows.filter(key=key) if key else rows
    return [_in_detail(one) for one in rows.order_by("-active", "position", "key")]


def _in_detail(row: Therapy) -> TherapyInDetail:
    return TherapyInDetail(
        id=row.pk,
        key=row.key,
        name=str(row),
        summary=row.summary.get("en", ""),
        active=row.active,
        self_bookable=row.self_bookable,
        visits=[_planned(plan) for plan in row.plans.all()],
        given_by=sorted({(one.site_id, one.practitioner.name) for one in row.offerings.all()}),
    )


def _planned(plan: VisitPlan) -> PlannedVisit:
    return PlannedVisit(
        visit=plan.visit,
        technique=plan.technique,
        id=plan.pk,
        valid_from=plan.valid_from,
        segments=[PlannedSegment(one.name, one.minutes, one.presence) for one in plan.segments.all()],
        features=plan.place_features,
        devices=plan.device_pools,
        fills_room=plan.fills_room,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PractitionerInDetail:
    """Somebody who treats, with what they give where. `gives`: ids of sites, the therapy, and the offer's public id.

    `last_on`: the last day on which they work anywhere, None where no end is said.
    """

    id: UUID
    name: str
    profession: str
    languages: Sequence[str]
    lanes: int
    active: bool
    signs_in: bool
    sites: Sequence[int]
    gives: Sequence[tuple[int, str, UUID]]
    last_on: date | None = None


def practitioners_in_detail(sites: frozenset[int], *, names: dict[str, str], on: date) -> list[PractitionerInDetail]:
    """Return who works at any of these sites (ids), those out of use last. `names`: of professions by their code."""
    offers = Offering.objects.filter(therapy__active=True).select_related("therapy")
    rows = Practitioner.objects.filter(resources__sites__in=sites).distinct()
    hours = Prefetch("working_hours", WorkingHours.objects.exclude(valid_to__lte=on))
    found = rows.prefetch_related(Prefetch("offerings", offers), hours, "resources__sites").order_by(
        "-active", "name", "pk"
    )
    return [_person(one, names) for one in found]


def _person(row: Practitioner, names: dict[str, str]) -> PractitionerInDetail:
    ends = [one.valid_to for one in row.working_hours.all()]
    last = max((end for end in ends if end), default=None) if None not in ends else None
    where = {site.pk for resource in row.resources.all() for site in resource.sites.all()}
    return PractitionerInDetail(
        id=row.public_id,
        name=str(row),
        profession=names.get(row.nucc, row.nucc),
        languages=row.languages,
        lanes=row.lanes,
        active=row.active,
        signs_in=row.user_id is not None,
        sites=sorted(where),
        gives=sorted((one.site_id, str(one.therapy), one.public_id) for one in row.offerings.all()),
        last_on=last - timedelta(days=1) if last else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceInDetail:
    """A place with its room and what is there, in words."""

    id: UUID
    name: str
    room: str
    room_id: UUID
    suite: str
    features: Sequence[str]
    active: bool

    @property
    def in_words(self) -> str:
        """What is there."""
        return ", ".join(one.replace("_", " ") for one in self.features)


def places_in_detail(site: int) -> list[PlaceInDetail]:
    """Return the places of a site (its id), room by room, those out of use last."""
    rows = Place.objects.filter(room__site=site).select_related("room").order_by("-active", "room__key", "key")
    return [
        PlaceInDetail(
            id=one.public_id,
            name=str(one),
            room=str(one.room),
            room_id=one.room.public_id,
            suite=one.room.suite,
            features=one.features,
            active=one.active,
        )
        for one in rows
    ]

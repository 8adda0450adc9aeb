"""The catalogue: loading what ships with the project, and adding who and what can be taken."""

from collections.abc import Collection, Iterable, Sequence
from datetime import time
from typing import Any

from core.database.transactions import unit
from core.models import Site, User
from core.policies.actions import policies
from scheduler.catalogue.checks import facilities
from scheduler.catalogue.fixture_files import fixture
from scheduler.catalogue.plan_import import ImportedPlan, Row, codes, imported_plans, pierces_skin
from scheduler.models import (
    Device,
    OpeningHours,
    Place,
    Practitioner,
    Program,
    Resource,
    Room,
    Segment,
    Therapy,
    VisitPlan,
)
from scheduler.models.catalogue import VisitType
from scheduler.models.practitioners import Gender
from scheduler.models.resources import ResourceKind

PROGRAM_FIELDS = ("key", "name", "families", "referral_required")


@unit
def load(*, overwrite: bool = False) -> int:
    """Load therapies with their plans, programs, and policies; return how many rows are new.

    What is there stays as it is, since a site may have changed it; `overwrite` sets therapies and plans back.
    """
    entries: list[Row] = fixture("therapies")["therapies"]
    there = {t.key: t for t in Therapy.objects.all()}
    new = [(n, e) for n, e in enumerate(entries) if overwrite or e["key"] not in there]
    written = Therapy.objects.bulk_create(
        [_therapy(e, position=n) for n, e in new],
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=[
            "name", "summary", "bring_and_wear", "family", "techniques", "skin_penetrating", "warms_skin",
            "self_bookable", "active",
            "codes", "course", "position",
        ],
    )  # fmt: skip
    _plan(written, {e["key"]: e for _, e in new})
    return len(written) + _load_programs() + policies.load_first()


def _therapy(entry: Row, *, position: int) -> Therapy:
    words = fixture("wording")[entry["key"]]
    planned = any(True for _ in imported_plans(entry, facilities()))
    return Therapy(
        key=entry["key"],
        name={"en": entry["label"]},
        summary=words["summary"],
        bring_and_wear=words["bring_and_wear"],
        family=entry["family"],
        techniques=entry.get("techniques", []),
        skin_penetrating=pierces_skin(entry),
        warms_skin=entry.get("warms_skin", False),
        self_bookable=entry["self_bookable"],
        active=planned and entry.get("active_default", True),
        codes=codes(entry),
        course=entry.get("course", {}),
        position=position,
    )


def _load_programs() -> int:
    there = set(Program.objects.values_list("key", flat=True))
    new: list[Row] = [entry for entry in fixture("programs")["programs"] if entry["key"] not in there]
    for entry in new:
        program = Program.objects.create(**{field: entry[field] for field in PROGRAM_FIELDS})
        program.therapies.set(Therapy.objects.filter(key__in=entry.get("therapies", [])))
    return len(new)


def _plan(therapies: Sequence[Therapy], entries: dict[str, Row]) -> None:
    planned_rows = [
        (VisitPlan(therapy=t, **_plan_fields(b)), b)
        for t in therapies
        for b in imported_plans(entries[t.key], facilities())
    ]
    plans = VisitPlan.objects.bulk_create(
        [plan for plan, _ in planned_rows],
        update_conflicts=True,  # a plan keeps its id: claims name it
        unique_fields=["therapy", "visit", "technique", "version"],
        update_fields=["place_features", "device_pools", "fills_room"],
    )
    there = VisitPlan.objects.filter(therapy__in=therapies, version=0)
    # Claims name plans without a constraint: a plan that goes leaves them claims without a plan, which any therapy
    # covers.
    there.exclude(pk__in=[plan.pk for plan in plans]).delete()
    Segment.objects.filter(plan__in=plans).delete()
    Segment.objects.bulk_create(
        Segment(plan=plan, position=n, name=step.name, minutes=step.minutes, presence=step.presence)
        for plan, imported in planned_rows
        for n, step in enumerate(imported.steps)
    )


def _plan_fields(imported: ImportedPlan) -> dict[str, Any]:
    return {
        "visit": imported.visit,
        "technique": imported.technique,
        "place_features": list(imported.features),
        "device_pools": list(imported.pools),
        "fills_room": imported.fills_room,
    }


@unit
def add_practitioner(
    name: str,
    *,
    sites: Sequence[Site],
    nucc: str,
    lanes: int = 3,
    credentials: str = "",
    languages: Sequence[str] = ("en",),
    gender: Gender = Gender.UNKNOWN,
    user: User | None = None,
) -> Practitioner:
    """Add a practitioner who works at `sites`, with hands and lanes to take."""
    practitioner = Practitioner.objects.create(
        name=name,
        nucc=nucc,
        lanes=lanes,
        credentials=credentials,
        languages=list(languages),
        gender=gender,
        user=user,
    )
    # None are the hands: to the constraint a resource like any other.
    lane_numbers: list[int | None] = [None, *range(1, lanes + 1)]
    resources = Resource.objects.bulk_create(
        Resource(kind=ResourceKind.HANDS if lane is None else ResourceKind.LANE, practitioner=practitioner, lane=lane)
        for lane in lane_numbers
    )
    _serve(resources, sites)
    return practitioner


@unit
def add_place(room: Room, *, key: str, features: Sequence[str], name: dict[str, str] | None = None) -> Place:
    """Add a place to a room, to be taken like any other."""
    place = Place.objects.create(room=room, key=key, features=list(features), name=name or {"en": key})
    _serve([Resource.objects.create(kind=ResourceKind.PLACE, place=place)], [room.site])
    return place


@unit
def add_device(site: Site, *, pool: str, number: int, reprocess_minutes: int | None = None) -> Device:
    """Add a unit to a pool of a site; what its pool needs for reprocessing holds unless it is said."""
    minutes = facilities().reprocess_minutes(pool) if reprocess_minutes is None else reprocess_minutes
    device = Device.objects.create(site=site, pool=pool, number=number, reprocess_minutes=minutes)
    _serve([Resource.objects.create(kind=ResourceKind.DEVICE, device=device)], [site])
    return device


def planned(therapy: Therapy, visits: Collection[str]) -> list[str]:
    """Return kinds of visit in the order of `VisitType`, without those that have no plan."""
    there = set(VisitPlan.objects.filter(therapy=therapy).values_list("visit", flat=True))
    return [visit for visit in VisitType.values if visit in visits and visit in there]


@unit
def open_site(site: Site, *, weekdays: Iterable[int], opens: time, closes: time) -> None:
    """Say when a site's places and devices can be used, on ISO weekdays, in the site's wall time."""
    OpeningHours.objects.bulk_create(
        OpeningHours(site=site, weekday=weekday, opens=opens, closes=closes) for weekday in weekdays
    )


def _serve(resources: Iterable[Resource], sites: Iterable[Site]) -> None:
    serving = Resource.sites.through
    serving.objects.bulk_create(serving(resource=r, site=s) for s in sites for r in resources)

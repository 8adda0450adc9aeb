"""What an edit leaves without cover: of the live claims that it touches, those without cover now."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from scheduler.calendars.hours import ticks_touched
from scheduler.models import Claim
from scheduler.sheets.sheet_rows import SheetRow
from scheduler.sheets.uncovered_claims import uncovered_allocations
from scheduler.ticks import TICKS_A_WEEK, WEEK, midnight, weeks_between

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncovered:
    """An allocation that stands without cover, with the whole of its time.

    Times are UTC; `zone` is the clinic's.
    """

    allocation: UUID
    start: datetime
    end: datetime
    practitioner: UUID | None
    practitioner_name: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditWarning:
    """Something about an edit that was saved all the same: a code, and what to know in words."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact(Generic[Row]):
    """The row that was edited, and what it leaves without cover, earliest first. Nothing is cancelled by it."""

    row: Row
    uncovered: tuple[Uncovered, ...] = ()
    warnings: tuple[EditWarning, ...] = ()


def uncovered(touched: Collection[UUID], *, at: datetime) -> tuple[Uncovered, ...]:
    """Return those of the allocations that an edit has touched which stand, after `at`, without cover."""
    left = uncovered_allocations(touched, at=at) if touched else frozenset()
    if not left:
        return ()
    found: dict[UUID, list[Claim]] = defaultdict(list)
    rows = live(at).filter(allocation__in=left).prefetch_related("resource__sites")
    for claim in rows.select_related("resource__practitioner", "resource__place__room__site").order_by("pk"):
        found[claim.allocation].append(claim)
    told = (_told(claims, zone=_zone(claims)) for claims in found.values())
    return tuple(sorted(told, key=lambda one: (one.start, one.allocation)))


def live(at: datetime) -> QuerySet[Claim]:
    """Return the claims that count at `at`, past ones too: visits and what is kept for a while."""
    return Claim.objects.filter(Q(expires_at=None) | Q(expires_at__gt=at), retired_at=None)


def ahead(at: datetime) -> QuerySet[Claim]:
    """Return the claims that count and end after `at`."""
    return live(at).filter(period__endswith__gt=at)


def allocations_needing_time(lost: Sequence[SheetRow], *, at: datetime) -> set[UUID]:
    """Return the allocations that need time which sheets lost (`open` holds the lost ticks)."""
    if not lost:
        return set()
    index: dict[tuple[int, date], list[SheetRow]] = defaultdict(list)
    for page in lost:
        index[page.resource, page.week].append(page)
    stretch = (midnight(min(p.week for p in lost)), midnight(max(p.week for p in lost) + WEEK))
    near = ahead(at).filter(resource__in={p.resource for p in lost}, period__overlap=stretch)
    return {claim.allocation for claim in near if _loses(claim, index)}


def _loses(claim: Claim, lost: Mapping[tuple[int, date], Sequence[SheetRow]]) -> bool:
    """Whether a claim needs a lost tick, wherever."""
    period = (claim.period.lower, claim.period.upper)
    return any(
        ticks_touched(period, origin=week, total=TICKS_A_WEEK) & page.open
        for week in weeks_between(*period)
        for page in lost.get((claim.resource_id, week), ())
    )


def _zone(claims: Iterable[Claim]) -> str:
    """Return the zone of where an allocation takes place; where it needs no place, of where its people work."""
    bays = [c.resource.place for c in claims if c.resource.place]
    if bays:
        return bays[0].room.site.zone
    return min((site for c in claims for site in c.resource.sites.all()), key=lambda site: site.pk).zone


def _told(claims: Sequence[Claim], *, zone: str) -> Uncovered:
    person = next((c.resource.practitioner for c in claims if c.resource.practitioner), None)
    return Uncovered(
        allocation=claims[0].allocation,
        start=min(c.period.lower for c in claims),
        end=max(c.period.upper for c in claims),
        practitioner=person.public_id if person else None,
        practitioner_name=str(person) if person else "",
        zone=zone,
    )

"""What an edit of a calendar leaves without cover: live claims on time that is no longer open."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import Model, Q

from core.models import Site
from scheduler.hours import ticks_touched
from scheduler.layout import Page
from scheduler.models import Claim
from scheduler.ticks import TICKS_A_WEEK, WEEK, midnight, weeks_between

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncovered:
    """An allocation whose claims stand on time that is no longer open, with the whole of its time.

    Times are UTC; `zone` is the clinic's.
    """

    allocation: UUID
    start: datetime
    end: datetime
    practitioner: UUID | None
    practitioner_name: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact(Generic[Row]):
    """The row that was edited, and what it leaves without cover, earliest first. Nothing is cancelled by it."""

    row: Row
    uncovered: tuple[Uncovered, ...] = ()


def uncovered(lost: Sequence[Page], *, at: datetime) -> tuple[Uncovered, ...]:
    """Return the allocations that end after `at` and need time that sheets lost (`open` holds the lost ticks)."""
    if not lost:
        return ()
    index: dict[tuple[int, date], list[Page]] = defaultdict(list)
    for page in lost:
        index[page.resource, page.week].append(page)
    left = [claims for claims in _near(lost, at=at) if any(_loses(c, index, site=_site(claims)) for c in claims)]
    zones = dict(Site.objects.filter(pk__in={page.site for page in lost}).values_list("pk", "zone")) if left else {}
    told = [_told(claims, zone=zones[_site(claims) or lost[0].site]) for claims in left]
    return tuple(sorted(told, key=lambda one: (one.start, one.allocation)))


def _near(lost: Sequence[Page], *, at: datetime) -> Iterable[list[Claim]]:
    """Return the claims, by allocation, of everything that has to do with these sheets."""
    stretch = (midnight(min(p.week for p in lost)), midnight(max(p.week for p in lost) + WEEK))
    live = Claim.objects.filter(Q(expires_at=None) | Q(expires_at__gt=at), retired_at=None)
    near = live.filter(resource__in={p.resource for p in lost}, period__overlap=stretch, period__endswith__gt=at)
    found: dict[UUID, list[Claim]] = defaultdict(list)
    rows = live.filter(allocation__in=near.values("allocation"))
    for claim in rows.select_related("resource__practitioner", "resource__place__room").order_by("pk"):
        found[claim.allocation].append(claim)
    return found.values()


def _site(claims: Iterable[Claim]) -> int | None:
    """Return where an allocation takes place; None when it needs no place."""
    return next((c.resource.place.room.site_id for c in claims if c.resource.place), None)


def _loses(claim: Claim, lost: Mapping[tuple[int, date], Sequence[Page]], *, site: int | None) -> bool:
    """Whether a claim needs a lost tick."""
    period = (claim.period.lower, claim.period.upper)
    return any(
        ticks_touched(period, origin=week, total=TICKS_A_WEEK) & page.open
        for week in weeks_between(*period)
        for page in lost.get((claim.resource_id, week), ())
        if site in (None, page.site)
    )


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

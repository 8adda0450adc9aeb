"""What an edit leaves without cover: of the live claims that it touches, those without cover now."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.models import Site
from core.text.languages import when_in_words
from scheduler.calendars.hours import ticks_touched
from scheduler.models import Claim
from scheduler.sheets.sheet_rows import LostTicks
from scheduler.sheets.uncovered_claims import uncovered_allocations
from scheduler.ticks import TICKS_A_WEEK, WEEK, midnight, weeks_between

Row = TypeVar("Row", bound=Model)
STAYS = "appointments-stay"
NAMED = 10
"""How many appointments an edit names."""


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
    # The judge is asked about what the edit touched alone: what was without cover before is on the list of calls
    # already.
    return _allocations(uncovered_allocations(touched, at=at) if touched else frozenset(), at=at)


def _allocations(left: Collection[UUID], *, at: datetime) -> tuple[Uncovered, ...]:
    """Return allocations with the whole of their time, earliest first."""
    if not left:
        return ()
    found: dict[UUID, list[Claim]] = defaultdict(list)
    rows = live(at).filter(allocation__in=left).prefetch_related("resource__sites")
    for claim in rows.select_related("resource__practitioner", "resource__place__room__site").order_by("pk"):
        found[claim.allocation].append(claim)
    without_cover = (_uncovered(claims, zone=_zone(claims)) for claims in found.values())
    return tuple(sorted(without_cover, key=lambda one: (one.start, one.allocation)))


def live(at: datetime) -> QuerySet[Claim]:
    """Return the claims that count at `at`, past ones too: visits and what is kept for a while."""
    return Claim.objects.filter(Q(expires_at=None) | Q(expires_at__gt=at), retired_at=None)


def ahead(at: datetime) -> QuerySet[Claim]:
    """Return the claims that count and end after `at`."""
    return live(at).filter(period__endswith__gt=at)


def allocations_needing_time(lost: Iterable[LostTicks], *, at: datetime) -> set[UUID]:
    """Return the allocations that need time which sheets lost."""
    return _needing(((one.resource, one.week, one.lost) for one in lost), at=at)


def allocations_of_therapy(
    therapy: int, site: Site, start: datetime | None, end: datetime | None, *, at: datetime
) -> set[UUID]:
    """Return the allocations of a therapy (its id) that may be in [start, end) at a site, or without a place."""
    rows = ahead(at).filter(plan__therapy=therapy, period__overlap=DateTimeTZRange(start, end))
    elsewhere = rows.filter(resource__place__isnull=False).exclude(resource__place__room__site=site)
    found = rows.exclude(allocation__in=elsewhere.values("allocation")).order_by()
    return set(found.values_list("allocation", flat=True).distinct())


def open_to_fewer(lost: Iterable[LostTicks], *, at: datetime) -> tuple[EditWarning, ...]:
    """Return a warning that names the allocations in time that is open to fewer now: they stay."""
    staying = _allocations(_needing(((one.resource, one.week, one.narrowed) for one in lost), at=at), at=at)
    if not staying:
        return ()
    said = ngettext(
        "%(count)d appointment or kept time was booked in these hours before they were for fewer people: %(visits)s. "
        "It stays as it is.",
        "%(count)d appointments or kept times were booked in these hours before they were for fewer people: "
        "%(visits)s. They stay as they are.",
        len(staying),
    )
    detail = said % {"count": len(staying), "visits": named(staying)}
    return (EditWarning(code=STAYS, detail=detail),)


def _needing(bits: Iterable[tuple[int, date, int]], *, at: datetime) -> set[UUID]:
    """Return the allocations that need any of these ticks, by resource and week, on whichever site's sheet."""
    index: dict[tuple[int, date], int] = defaultdict(int)
    for resource, week, ticks in bits:
        if ticks:
            index[resource, week] |= ticks
    if not index:
        return set()
    weeks = [week for _, week in index]
    # From the first week to the last, for the index; which of these claims need a lost tick, bits tell.
    stretch = (midnight(min(weeks)), midnight(max(weeks) + WEEK))
    near = ahead(at).filter(resource__in={resource for resource, _ in index}, period__overlap=stretch)
    return {claim.allocation for claim in near if _needs(claim, index)}


def _needs(claim: Claim, ticks: Mapping[tuple[int, date], int]) -> bool:
    """Whether a claim needs one of the ticks."""
    period = (claim.period.lower, claim.period.upper)
    return any(
        ticks_touched(period, origin=week, total=TICKS_A_WEEK) & ticks.get((claim.resource_id, week), 0)
        for week in weeks_between(*period)
    )


def named(visits: Sequence[Uncovered]) -> str:
    """Return when allocations are and whose they are, the first ten of them."""
    found = [_named(one) for one in sorted(visits, key=lambda one: one.start)]
    more = [_("and %(count)d more") % {"count": len(found) - NAMED}] if len(found) > NAMED else []
    return "; ".join([*found[:NAMED], *more])


def _named(one: Uncovered) -> str:
    when = when_in_words(one.start, ZoneInfo(one.zone))
    return f"{when} ({one.practitioner_name})" if one.practitioner_name else when


def _zone(claims: Iterable[Claim]) -> str:
    """Return the zone of where an allocation takes place; where it needs no place, of where its people work."""
    bays = [c.resource.place for c in claims if c.resource.place]
    if bays:
        return bays[0].room.site.zone
    return min((site for c in claims for site in c.resource.sites.all()), key=lambda site: site.pk).zone


def _uncovered(claims: Sequence[Claim], *, zone: str) -> Uncovered:
    person = next((c.resource.practitioner for c in claims if c.resource.practitioner), None)
    return Uncovered(
        allocation=claims[0].allocation,
        start=min(c.period.lower for c in claims),
        end=max(c.period.upper for c in claims),
        practitioner=person.public_id if person else None,
        practitioner_name=str(person) if person else "",
        zone=zone,
    )

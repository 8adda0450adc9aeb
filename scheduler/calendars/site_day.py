"""A stretch of a site's calendar as a board shows it: who works and which places there are, when each is open or taken.

One query for each table that is read, however many people, places and claims there are.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Prefetch, Q

from core.models import Site
from core.text.languages import localized
from scheduler.calendars.hours import Period, Rule, days_filled, periods
from scheduler.calendars.shifts import rule
from scheduler.models import (
    Absence,
    Claim,
    Closure,
    OpeningHours,
    Place,
    PlaceClosure,
    Practitioner,
    Resource,
    WorkingHours,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPeriod:
    """A stretch of time with what it is called."""

    start: datetime
    end: datetime
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingPerson:
    """A practitioner on these days: when they work here while it is open, and when they are away although they would.

    `beyond`: when they work although the site is closed by its hours, so that nothing can be booked that needs a room.
    """

    id: int
    public_id: UUID
    user_id: int | None
    name: str
    open: Sequence[Period]
    away: Sequence[Period]
    beyond: Sequence[Period] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenPlace:
    """A place of the site, in the order of its rooms. It is open when the site is, but while it is `closed` itself.

    `first_on`: since when it is closed, None where it is open; `last_on`: until when, None until further notice.
    """

    id: int
    public_id: UUID
    name: str
    room: int
    open: Sequence[Period]
    closed: Sequence[NamedPeriod] = ()
    first_on: date | None = None
    last_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedTime:
    """One stretch that is taken: of hands, of a lane of somebody nearby, or of a place (`kind`).

    `live`: it stands; else it was given back. `smoke`: a place is aired afterwards, beside its turnover.
    """

    allocation: UUID
    kind: str
    practitioner: int | None
    place: int | None
    start: datetime
    end: datetime
    live: bool
    smoke: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteDay:
    """What a board knows of a site's time. `open`: when the site is; `closed`: when it is shut, and why."""

    people: Sequence[WorkingPerson]
    places: Sequence[OpenPlace]
    open: Sequence[Period]
    closed: Sequence[NamedPeriod]
    claims: Sequence[ClaimedTime]


def site_day(
    site: Site,
    first_on: date,
    last_on: date,
    *,
    at: datetime,
    allocations: Collection[UUID] = (),
    practitioners: Collection[int] = (),
) -> SiteDay:
    """Return the days [first_on, last_on] of a site's clock.

    `allocations`: whose claims are read although they were given back; `practitioners`: who is shown although they do
    not work here any more.
    """
    span = days_filled(first_on, last_on, zone=site.tz)
    closed = _closed(site, first_on, last_on)
    shut = [(one.start, one.end) for one in closed]
    opening = OpeningHours.objects.filter(site=site)
    rules = [
        Rule(weekday=o.weekday, starts=o.opens, ends=o.closes, valid_from=o.valid_from, valid_to=o.valid_to)
        for o in opening
    ]
    open_now = without(periods(rules, zone=site.tz, first_on=first_on, last_on=last_on), shut)
    return SiteDay(
        people=_people(site, first_on, last_on, open_now, shut, also=practitioners),
        places=_places(site, open_now, first_on, last_on),
        open=open_now,
        closed=closed,
        claims=_claims(site, span, allocations, at=at),
    )


def without(opened: Iterable[Period], shut: Iterable[Period]) -> list[Period]:
    """Return what is left of some periods without those of `shut`, joined and in order."""
    left = _joined(opened)
    for start, end in shut:
        parts = (((s, min(e, start)), (max(s, end), e)) for s, e in left)
        left = [part for pair in parts for part in pair if part[0] < part[1]]
    return left


def _joined(found: Iterable[Period]) -> list[Period]:
    joined: list[Period] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _closed(site: Site, first_on: date, last_on: date) -> list[NamedPeriod]:
    rows = Closure.objects.filter(site=site, therapy=None, confirmed=True, first_on__lte=last_on)
    span = days_filled(first_on, last_on, zone=site.tz)
    found = []
    for row in rows.exclude(last_on__lt=first_on):
        start, end = days_filled(row.first_on, row.last_on or last_on, zone=site.tz, starts=row.starts, ends=row.ends)
        found.append(NamedPeriod(start=max(start, span[0]), end=min(end, span[1]), name=row.name))
    return [one for one in found if one.start < one.end]


def _people(
    site: Site,
    first_on: date,
    last_on: date,
    opened: Sequence[Period],
    shut: Sequence[Period],
    *,
    also: Collection[int],
) -> list[WorkingPerson]:
    span = days_filled(first_on, last_on, zone=site.tz)
    here = Resource.objects.filter(sites=site, practitioner__active=True).values("practitioner")
    rows = list(Practitioner.objects.filter(Q(pk__in=here) | Q(pk__in=list(also))))
    rules: Mapping[int, list[Rule]] = defaultdict(list)
    for hours in WorkingHours.objects.filter(practitioner__in=rows, site=site):
        rules[hours.practitioner_id].append(rule(hours))
    away: Mapping[int, list[Period]] = defaultdict(list)
    for absence in Absence.objects.filter(practitioner__in=rows, period__overlap=span):
        away[absence.practitioner_id].append(
            (max(absence.period.lower, span[0]), min(absence.period.upper or span[1], span[1]))
        )
    found = []
    for row in rows:
        working = _joined(periods(rules[row.pk], zone=site.tz, first_on=first_on, last_on=last_on))
        there = without(working, [*shut, *away[row.pk]])
        found.append(
            WorkingPerson(
                id=row.pk,
                public_id=row.public_id,
                user_id=row.user_id,
                name=str(row),
                open=_shared(there, opened),
                away=_shared(away[row.pk], working),
                beyond=without(there, opened),
            )
        )
    return found


def _shared(first: Iterable[Period], second: Sequence[Period]) -> list[Period]:
    """Return the time that lies in both."""
    pairs = ((max(a, c), min(b, d)) for a, b in first for c, d in second)
    return sorted((start, end) for start, end in pairs if start < end)


def _places(site: Site, opened: Sequence[Period], first_on: date, last_on: date) -> list[OpenPlace]:
    rows = Place.objects.filter(room__site=site, active=True).select_related("room__site").order_by("room__key", "key")
    shut = PlaceClosure.objects.filter(first_on__lte=last_on).exclude(last_on__lt=first_on).order_by("first_on", "pk")
    return [_place(one, opened, first_on, last_on) for one in rows.prefetch_related(Prefetch("closures", shut))]


def _place(row: Place, opened: Sequence[Period], first_on: date, last_on: date) -> OpenPlace:
    zone, shut = row.room.site.tz, list(row.closures.all())
    ends = [one.last_on for one in shut]
    closed = []
    for one in shut:
        start, end = days_filled(max(one.first_on, first_on), min(one.last_on or last_on, last_on), zone=zone)
        closed.append(NamedPeriod(start=start, end=end, name=one.name))
    return OpenPlace(
        id=row.pk,
        public_id=row.public_id,
        name=localized(row.name) or row.key,
        room=row.room_id,
        open=without(opened, [(one.start, one.end) for one in closed]),
        closed=closed,
        first_on=min((one.first_on for one in shut), default=None),
        last_on=None if None in ends else max((end for end in ends if end), default=None),
    )


def _claims(site: Site, span: Period, allocations: Collection[UUID], *, at: datetime) -> list[ClaimedTime]:
    """Return what is taken, and what these allocations had taken before they gave it back."""
    resources = Resource.objects.filter(sites=site, device=None)
    here = Claim.objects.filter(resource__in=resources, period__overlap=span)
    live = Q(retired_at=None) & (Q(expires_at=None) | Q(expires_at__gt=at))
    rows = here.filter(live | Q(allocation__in=list(allocations)))
    columns = ("allocation", "resource__kind", "resource__practitioner_id", "resource__place_id", "plan__fills_room")
    return [
        ClaimedTime(
            allocation=allocation,
            kind=kind,
            practitioner=practitioner,
            place=place,
            start=period.lower,
            end=period.upper,
            live=retired is None and (expires is None or expires > at),
            smoke=bool(smoke),
        )
        for allocation, kind, practitioner, place, smoke, period, expires, retired in rows.values_list(
            *columns, "period", "expires_at", "retired_at"
        )
    ]

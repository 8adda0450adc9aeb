"""What a board reads of days at a site: who comes, what is kept or taken, who works; one query for each table."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from booking import queries
from booking.actions.as_seen import marks_of
from booking.models import Appointment, Hold, Seat
from booking.models.holds import HoldState
from booking.screening.queries import screenings
from booking.screening.rights import sees_outcome
from booking.screening.state import ScreeningState
from booking.status import OCCUPYING, Status
from booking.subjects import PROGRAM_FACTS
from booking.web.desk.arrivals.arrival_rows import WAITING_AT_DOOR
from core.models import Site
from core.principal import Principal
from core.rights import Action, Subject, acting, may
from core.roles import Role
from scheduler import public as scheduler
from scheduler.public import BlockOccurrence, ClaimedTime, SiteDay

ON_THE_BOARD = sorted(OCCUPYING | {Status.NOSHOW, Status.FULFILLED})
Period = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardReading:
    """Days of a site as they stand.

    `claims`: by allocation; `uncovered`: the visits whose time is not open any more; `marks`: as which each is seen;
    `stay_away`: those whose patients must not come in, as far as whoever looks may know it.

    `whole`: they see the calendar of the whole site, and else their own alone. `called_off`: what takes no time.
    """

    site: Site
    first_on: date
    last_on: date
    by: Principal
    at: datetime
    whole: bool
    visits: Sequence[Appointment]
    called_off: Sequence[Appointment]
    seats: Sequence[Seat]
    holds: Sequence[Hold]
    time: SiteDay
    claims: Mapping[UUID, Sequence[ClaimedTime]]
    blocks: Sequence[BlockOccurrence]
    uncovered: frozenset[int]
    stay_away: frozenset[int]
    marks: Mapping[int, str]


def read(site: Site, first_on: date, last_on: date, *, by: Principal, at: datetime) -> BoardReading:
    """Return the days [first_on, last_on] of a site, as far as somebody may see its calendar."""
    span = day_span(site, first_on, last_on)
    found, seats = list(_visits(site, span, by=by)), list(_seats(site, span, at=at))
    visits = [one for one in found if takes_room(one, at=at)]
    time = _time(site, first_on, last_on, visits, seats, at=at)
    return BoardReading(
        site=site,
        first_on=first_on,
        last_on=last_on,
        by=by,
        at=at,
        whole=sees_all(by, site),
        visits=visits,
        called_off=[one for one in found if not takes_room(one, at=at)],
        seats=seats,
        holds=list(_holds(site, span, by=by, at=at)),
        time=time,
        claims=_by_allocation(time.claims),
        marks=marks_of(visits),
        blocks=scheduler.block_occurrences(site.pk, *span, at=at),
        uncovered=queries.lacks_cover([one for one in visits if one.status in OCCUPYING], at=at),
        stay_away=who_must_stay_away(visits, by=by, at=at),
    )


def who_must_stay_away(visits: Sequence[Appointment], *, by: Principal, at: datetime) -> frozenset[int]:
    """Return of which visits, by id, the patients must not come in by their answers, to whoever sees that of them."""
    waited_for = [one for one in visits if one.status in WAITING_AT_DOOR and sees_outcome(by, one)]
    found = screenings(waited_for, at=at) if waited_for else {}
    return frozenset(pk for pk, one in found.items() if one.state is ScreeningState.STAY_AWAY)


def _time(
    site: Site, first_on: date, last_on: date, visits: list[Appointment], seats: list[Seat], *, at: datetime
) -> SiteDay:
    treating = {one.practitioner_id for one in visits} | {one.practitioner_id for one in seats}
    allocations = {one.allocation for one in visits}
    return scheduler.site_day(site, first_on, last_on, at=at, allocations=allocations, practitioners=treating)


def _by_allocation(claims: Sequence[ClaimedTime]) -> dict[UUID, list[ClaimedTime]]:
    found: dict[UUID, list[ClaimedTime]] = defaultdict(list)
    for claim in claims:
        found[claim.allocation].append(claim)
    return found


def day_span(site: Site, first_on: date, last_on: date) -> Period:
    """Return from when until when days of a site's clock last."""
    return scheduler.days_filled(first_on, last_on, zone=site.tz)


def sees_all(by: Principal, site: Site) -> bool:
    """Whether somebody sees the calendar of the whole site, and not their own alone."""
    return may(by, Action.SEE_CALENDAR, Subject(sites=frozenset({site.pk})))


def takes_room(visit: Appointment, *, at: datetime) -> bool:
    """Whether a visit stands on a board: it took place, is to, or its time is still kept for an undo."""
    kept = visit.status == Status.CANCELLED and visit.undo_until is not None and visit.undo_until > at
    return kept or visit.status in ON_THE_BOARD


def _visits(site: Site, span: Period, *, by: Principal) -> QuerySet[Appointment]:
    rows = queries.appointments(acting(by, Action.SEE_CALENDAR)).filter(site=site, period__overlap=span)
    # By where they begin, for which there is an index: nobody is treated from one day into the next.
    here = rows.filter(period__startswith__gte=span[0], period__startswith__lt=span[1])
    here = here.exclude(status=Status.ENTERED_IN_ERROR).order_by("period", "pk")
    return here.prefetch_related(*PROGRAM_FACTS) if by.has(Role.PROGRAM) else here


def _seats(site: Site, span: Period, *, at: datetime) -> QuerySet[Seat]:
    rows = Seat.objects.waiting(at=at).filter(reservation__site=site, period__overlap=span)
    return rows.select_related("reservation", "practitioner")


def _holds(site: Site, span: Period, *, by: Principal, at: datetime) -> QuerySet[Hold]:
    still = Q(state=HoldState.OPEN, expires_at__gt=at)
    rows = Hold.objects.filter(still, site=site, period__overlap=span)
    rows = rows.select_related("moving__patient", "moving__practitioner", "moving__site")
    return rows.prefetch_related(*(f"moving__{fact}" for fact in PROGRAM_FACTS)) if by.has(Role.PROGRAM) else rows

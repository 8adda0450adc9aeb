"""What becomes of time that is kept for families: how much of it they have, how soon, and how much nobody has."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any
from uuid import UUID

from django.db.models import Max, Q
from django.db.models.functions import Coalesce
from psycopg.types.range import TimestamptzRange

from booking.models import Appointment, Seat
from booking.models.reservations import OVER
from booking.policies import booking_policy
from booking.status import Move
from core.models import Site
from core.principal import Principal
from core.text.languages import time_in_words, weekday_in_words
from scheduler import public as scheduler

Booking = tuple[datetime, datetime, datetime]
"""From when until when somebody has an appointment, and when it came to be at that time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFamilyTime:
    """Time that was kept once: in a block, or by itself. Minutes; `claims`: how long each of its families waited.

    `held`: without what somebody had already when it was kept. `claimed` of these minutes were booked before they were
    open to everybody, `booked` at all.
    """

    block: str
    practitioner: str
    week: date
    held: int
    claimed: int
    booked: int
    claims: tuple[timedelta, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyMeasure:
    """What became of some of the kept time. Rates are shares of the held minutes; None where nothing was held."""

    name: str
    times: int
    held: int
    claimed: int
    wasted: int
    time_to_claim: timedelta | None

    @property
    def claim_rate(self) -> float | None:
        """Minutes booked before they were open to everybody, of those held."""
        return self.claimed / self.held if self.held else None

    @property
    def hold_waste(self) -> float | None:
        """Minutes that were released and never booked, of those held."""
        return self.wasted / self.held if self.held else None


BY: dict[str, Callable[[HeldFamilyTime], Any]] = {
    "block": lambda one: one.block,
    "practitioner": lambda one: one.practitioner,
    "week": lambda one: one.week,
}
"""By what the measures are told apart."""


def measures(held: Sequence[HeldFamilyTime], by: str) -> list[FamilyMeasure]:
    """Return the measures, told apart, in order; and last of all time together, nameless."""
    parts: dict[Any, list[HeldFamilyTime]] = defaultdict(list)
    for one in held:
        parts[BY[by](one)].append(one)
    return [*(_measure(str(key), parts[key]) for key in sorted(parts)), _measure("", held)]


def _measure(name: str, held: Sequence[HeldFamilyTime]) -> FamilyMeasure:
    waits = [wait.total_seconds() for one in held for wait in one.claims]
    return FamilyMeasure(
        name=name,
        times=len(held),
        held=sum(one.held for one in held),
        claimed=sum(one.claimed for one in held),
        wasted=sum(one.held - one.booked for one in held),
        time_to_claim=timedelta(seconds=median(waits)) if waits else None,
    )


def held_time(site: Site, since: datetime, *, by: Principal, at: datetime, single: str) -> list[HeldFamilyTime]:
    """Return what was kept at a site since then and is over, in as many questions for much as for little.

    `single`: what times are called that were kept by themselves. Those within a block count there.
    """
    # A block may begin on a day before it was made: of that nothing was kept.
    occurrences = scheduler.block_occurrences(site.pk, since, at, at=at)
    blocks = [one for one in occurrences if one.end <= at and one.kept_since <= one.start]
    seats = _seats(site, since, by=by, at=at)
    theirs = {one.practitioner for one in blocks} | {seat.practitioner.public_id for seat in seats}
    bookings = _bookings(site, theirs, since, at=at)
    horizon = booking_policy(site.pk, at=at).horizon_patient
    alone = [seat for seat in seats if not any(_within(seat, one) for one in blocks)]
    of_blocks = [_of_block(one, bookings[one.practitioner], horizon) for one in blocks]
    of_seats = [_of_seat(seat, bookings[seat.practitioner.public_id], single, at=at) for seat in alone]
    return [one for one in of_blocks + of_seats if one.held]


def _seats(site: Site, since: datetime, *, by: Principal, at: datetime) -> list[Seat]:
    over = Seat.objects.visible_to(by).filter(reservation__site=site, period__startswith__gte=since)
    rows = over.filter(period__endswith__lte=at).select_related("practitioner", "reservation__site", "appointment")
    return list(rows.order_by("period", "pk"))


def _bookings(
    site: Site, practitioners: Collection[UUID], since: datetime, *, at: datetime
) -> dict[UUID, list[Booking]]:
    """Return who had appointments since then, of those of whose time something was kept."""
    had = Q(status__in=sorted(OVER)) | Q(pk__in=Appointment.objects.taking_time(at=at).order_by().values("pk"))
    during = TimestamptzRange(since, at)
    rows = Appointment.objects.filter(had, site=site, practitioner__public_id__in=practitioners, period__overlap=during)
    moved_at = Max("changes__at", filter=Q(changes__move=Move.RESCHEDULE))
    there_since = rows.annotate(there_since=Coalesce(moved_at, "created_at")).order_by("period")
    found: dict[UUID, list[Booking]] = defaultdict(list)
    for who, period, made_at in there_since.values_list("practitioner__public_id", "period", "there_since"):
        found[who].append((period.lower, period.upper, made_at))
    return found


def _within(seat: Seat, one: scheduler.BlockOccurrence) -> bool:
    same = seat.practitioner.public_id == one.practitioner
    return same and one.start <= seat.period.lower and seat.period.upper <= one.end


def _of_block(one: scheduler.BlockOccurrence, bookings: Iterable[Booking], horizon: timedelta) -> HeldFamilyTime:
    inside = [booking for booking in bookings if booking[0] < one.end and one.start < booking[1]]
    # Made over booked time a block leaves that as it is: it was never kept, and no family has claimed it.
    before = [booking for booking in inside if booking[2] < one.kept_since]
    theirs = [booking for booking in inside if one.kept_since <= booking[2] < one.everyone_at]
    held, since = one.minutes - _minutes(before, one.start, one.end), max(one.kept_since, one.start - horizon)
    return HeldFamilyTime(
        block=_label(one),
        practitioner=one.practitioner_name,
        week=_monday(one.start, one.site),
        held=held,
        claimed=min(held, _beside(before, theirs, one)),
        booked=min(held, _beside(before, inside, one)),
        claims=tuple(max(made_at - since, timedelta()) for _start, _end, made_at in theirs),
    )


def _beside(before: list[Booking], bookings: list[Booking], one: scheduler.BlockOccurrence) -> int:
    """Return for how many minutes of a block somebody has an appointment, beside those who had one before."""
    return _minutes([*before, *bookings], one.start, one.end) - _minutes(before, one.start, one.end)


def _label(one: scheduler.BlockOccurrence) -> str:
    day = weekday_in_words(one.start.astimezone(one.site.tz).date())
    return f"{one.practitioner_name}, {day} {time_in_words(one.start, one.site.tz)}"


def _of_seat(seat: Seat, bookings: Iterable[Booking], single: str, *, at: datetime) -> HeldFamilyTime:
    start, end, visit = seat.period.lower, seat.period.upper, seat.appointment
    claimed = seat.is_had(at=at)
    held = int((end - start) / timedelta(minutes=1))
    return HeldFamilyTime(
        block=single,
        practitioner=str(seat.practitioner),
        week=_monday(start, seat.reservation.site),
        held=held,
        claimed=held if claimed else 0,
        booked=held if claimed else _minutes(bookings, start, end),
        claims=(visit.created_at - seat.reservation.created_at,) if claimed and visit else (),
    )


def _monday(start: datetime, site: Site | scheduler.SiteCard) -> date:
    day = start.astimezone(site.tz).date()
    return day - timedelta(days=day.weekday())


def _minutes(bookings: Iterable[Booking], start: datetime, end: datetime) -> int:
    """Return for how many minutes of [start, end) at least one has an appointment."""
    total, since = timedelta(), start
    for begins, ends, _made_at in sorted(bookings):
        first, last = max(begins, since), min(ends, end)
        if first < last:
            total, since = total + (last - first), last
    return int(total / timedelta(minutes=1))

"""Calendars elsewhere as absences: who is busy there is away here. A feed that fails changes nothing."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from core.database.transactions import unit
from core.http.public_address import Reach, Unread, read_public
from core.principal import Principal
from core.refusals import Invalid, Missing
from core.sealing import seal, unseal
from core.updates import lock_row, write
from scheduler.actions import calendars
from scheduler.actions.calendar_edits import lock
from scheduler.actions.sheets import AHEAD_DAYS
from scheduler.calendars.busy_times import BusyPeriod, busy_stretches, without
from scheduler.calendars.clinic_zones import zone_of
from scheduler.models import Absence, BusyCalendar, Practitioner
from scheduler.models.calendars import AbsenceReason

PURPOSE = "address of a busy calendar"
MOST_OF_ONE, SECONDS_A_ROUND = 5, 240
"""Calendars that one person may have here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BusyTimes:
    """What became of a calendar: how many stretches it has to come, and the allocations that lost cover."""

    calendar: BusyCalendar
    stretches: int
    uncovered: frozenset[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class BusyReading:
    """What a calendar says: when somebody is busy. `address`: that of a feed, empty for a file."""

    stretches: tuple[BusyPeriod, ...]
    address: str = ""


def read_busy(
    practitioner: Practitioner, *, content: bytes = b"", url: str = "", at: datetime, reach: Reach | None = None
) -> BusyReading:
    """Read a file, or the feed at an address, and enter nothing. Raises Invalid, Unread."""
    # Some programs write webcal:// for what is read by https.
    address = url.strip().replace("webcal://", "https://", 1)
    # Before any lock is taken: nobody waits for a machine elsewhere.
    told = read_public(address, reach=reach) if address else content
    return BusyReading(stretches=tuple(_stretches(practitioner, told, at=at)), address=address)


def add_busy_feed(
    practitioner: Practitioner, url: str, *, by: Principal, at: datetime, reach: Reach | None = None
) -> BusyTimes:
    """Read a feed, and from now on again and again. One that cannot be read is not taken. Raises Invalid, Unread."""
    return enter_busy(practitioner, read_busy(practitioner, url=url, at=at, reach=reach), by=by, at=at)


@unit
def enter_busy(practitioner: Practitioner, reading: BusyReading, *, by: Principal, at: datetime) -> BusyTimes:
    """Enter what a calendar says: a file in place of the file before it, a feed beside others. Raises Invalid."""
    lock(practitioner)
    found = [one for one in reading.stretches if one[1] > at]
    if not reading.address:
        calendar, _made = BusyCalendar.objects.get_or_create(practitioner=practitioner, sealed_url="")
        return _enter(calendar, found, by=by, at=at)
    there = list(BusyCalendar.objects.filter(practitioner=practitioner))
    same = next((one for one in there if one.sealed_url and _address(one) == reading.address), None)
    if same is None and len(there) >= MOST_OF_ONE:
        raise Invalid(_("Nobody needs more than %(most)d calendars here: take one out first.") % {"most": MOST_OF_ONE})
    host = urlsplit(reading.address).hostname or ""
    sealed = seal(reading.address, purpose=PURPOSE)
    calendar = same or BusyCalendar.objects.create(practitioner=practitioner, sealed_url=sealed, host=host)
    return _enter(calendar, found, by=by, at=at)


def read_busy_again(
    calendar: BusyCalendar, *, by: Principal, at: datetime, reach: Reach | None = None
) -> BusyTimes | None:
    """Read a feed again. Where it cannot be read, that is noted, and what it said before stays; then None."""
    try:
        found = _stretches(calendar.practitioner, read_public(_address(calendar), reach=reach), at=at)
    except (Unread, Invalid) as error:
        BusyCalendar.objects.filter(pk=calendar.pk).update(read_at=at, problem=str(error.detail or error)[:300])
        return None
    return _enter_again(calendar, found, by=by, at=at)


@unit
def _enter_again(calendar: BusyCalendar, found: list[BusyPeriod], *, by: Principal, at: datetime) -> BusyTimes | None:
    lock(calendar.practitioner)
    try:
        lock_row(calendar)
    except Missing:
        return None  # somebody took it out meanwhile
    return _enter(calendar, found, by=by, at=at)


@unit
def remove_busy_calendar(calendar: BusyCalendar, *, by: Principal, at: datetime) -> None:
    """Take a calendar out, with its absences to come. Raises Missing."""
    lock(calendar.practitioner)
    lock_row(calendar)
    for absence in _to_come(calendar, at=at):
        calendars.remove_absence(absence, by=by, at=at)
    calendar.delete()


def _address(calendar: BusyCalendar) -> str:
    return unseal(calendar.sealed_url, purpose=PURPOSE) or ""


def _stretches(practitioner: Practitioner, content: bytes, *, at: datetime) -> list[BusyPeriod]:
    return busy_stretches(content, zone=zone_of(practitioner), since=at, until=at + timedelta(days=AHEAD_DAYS))


def _to_come(calendar: BusyCalendar, *, at: datetime) -> list[Absence]:
    rows = Absence.objects.filter(busy_calendar=calendar, period__endswith__gt=at).select_related("practitioner")
    return list(rows.order_by("period"))


def _enter(calendar: BusyCalendar, found: list[BusyPeriod], *, by: Principal, at: datetime) -> BusyTimes:
    """Let a calendar's absences to come be what it says now, as far as nothing else says that they are away."""
    others = Absence.objects.filter(practitioner=calendar.practitioner_id, period__endswith__gt=at)
    taken = [_period(one) for one in others.exclude(busy_calendar=calendar)]
    wanted = set(without(found, taken))
    there = {_period(one): one for one in _to_come(calendar, at=at)}
    for period in there.keys() - wanted:
        calendars.remove_absence(there[period], by=by, at=at)
    left = _add(calendar, sorted(wanted - there.keys()), by=by, at=at)
    write(calendar, read_at=at, good_at=at, problem="")
    return BusyTimes(calendar=calendar, stretches=len(wanted), uncovered=left)


def _add(calendar: BusyCalendar, periods: Collection[BusyPeriod], *, by: Principal, at: datetime) -> frozenset[UUID]:
    left: set[UUID] = set()
    for start, end in periods:
        why = AbsenceReason.OTHER
        impact = calendars.add_absence(calendar.practitioner, starts_at=start, ends_at=end, by=by, at=at, reason=why)
        write(impact.row, busy_calendar=calendar)
        left |= {one.allocation for one in impact.uncovered}
    return frozenset(left)


def _period(absence: Absence) -> BusyPeriod:
    return absence.period.lower, absence.period.upper


def read_all_busy(*, by: Principal, at: datetime) -> int:
    """Read every feed again, those first that were read longest ago, for some minutes; return how many failed."""
    ends, failed = time.monotonic() + SECONDS_A_ROUND, 0
    feeds = BusyCalendar.objects.exclude(sealed_url="").select_related("practitioner")
    for calendar in feeds.order_by(F("read_at").asc(nulls_first=True), "pk"):
        if time.monotonic() > ends:
            break  # the others are the first of the next round
        read_busy_again(calendar, by=by, at=at)
        failed += BusyCalendar.objects.filter(pk=calendar.pk).exclude(problem="").exists()
    return failed

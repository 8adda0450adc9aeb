"""By when somebody looks at health answers, and when they can call: a site's opening periods in, moments out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

OpenPeriods = Sequence[tuple[datetime, datetime]]
"""Stretches [start, end) in which a site is open, in order."""

LOOKED_AHEAD = timedelta(days=21)
"""How far opening hours are read: longer than any clinic is shut, and than any visit is asked about before."""

AN_HOUR = timedelta(hours=1)
TO_GET_READY = timedelta(minutes=20)
"""Nobody is told of a call that begins sooner: whoever makes it reads the answers first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallWindow:
    """Between when and when somebody calls."""

    starts_at: datetime
    ends_at: datetime


def due_at(
    opening: OpenPeriods, takes: timedelta, *, at: datetime, before: datetime, around_the_clock: bool = False
) -> datetime:
    """Return by when answers given at `at` are looked at: after so much opening time, `before` the visit in any case.

    A site that is not open at all counts around the clock, as does what cannot wait for it to open.
    """
    latest = max(at, before)
    if around_the_clock or not opening:
        return min(at + takes, latest)
    left = takes
    for start, end in opening:
        if end <= at:
            continue
        begins = max(start, at)
        if left <= end - begins:
            return min(begins + left, latest)
        left -= end - begins
    return latest


def call_windows(
    opening: OpenPeriods, zone: ZoneInfo, *, at: datetime, before: datetime, most: int
) -> list[CallWindow]:
    """Return the next hours, by the site's clock, in which somebody can call: while it is open, `before` the visit.

    Where there is no whole hour left, it is called at once.
    """
    found = list(_hours(opening, zone, at=at, before=before, most=most))
    return found or [CallWindow(starts_at=at, ends_at=max(before, at + TO_GET_READY))]


def _hours(opening: OpenPeriods, zone: ZoneInfo, *, at: datetime, before: datetime, most: int) -> Iterator[CallWindow]:
    count = 0
    for start, end in opening:
        begins = _whole_hour(max(start, at + TO_GET_READY), zone)
        while begins + AN_HOUR <= min(end, before):
            if count == most:
                return
            count += 1
            yield CallWindow(starts_at=begins, ends_at=begins + AN_HOUR)
            begins += AN_HOUR


def _whole_hour(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the next whole hour of the site's clock: not each zone is whole hours away from UTC."""
    wall = at.astimezone(zone)
    over = timedelta(minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond)
    return at.astimezone(UTC) + (AN_HOUR - over if over else timedelta())

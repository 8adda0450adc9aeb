"""When a site is open, as periods: by its opening hours, without its closures."""

from datetime import datetime

from scheduler.calendars.open_hours import Calendar, open_hours
from scheduler.ticks import TICK, TICKS_A_WEEK, each, instant, weeks_between


def opening_periods(site: int, *, at: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """Return the stretches [start, end) in which a site (its id) is open between two moments, in order, UTC."""
    calendar = Calendar(site=site)
    weeks = weeks_between(at, until)
    known = open_hours([calendar], weeks)
    found: list[tuple[datetime, datetime]] = []
    for week in weeks:
        for tick in each(known.ticks(calendar, week).all, total=TICKS_A_WEEK):
            begins = instant(tick, origin=week)
            start, end = max(begins, at), min(begins + TICK, until)
            if start >= end:
                continue
            if found and found[-1][1] == start:
                found[-1] = (found[-1][0], end)
            else:
                found.append((start, end))
    return found

"""The first free times for somebody who must stay away for a while."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from booking.actions import booking_checks
from booking.models import Appointment
from booking.web.times_list import Button, nearest, one_a_start, without_therapy_ids
from booking.web.times_query import TimesQuery
from scheduler import public as scheduler

FIRST_TIMES = 6
LOOKED_AHEAD = (timedelta(days=14), timedelta(days=90))
"""How far is looked: first what is near, and only where nothing is free there, farther."""


def first_times(
    visit: Appointment,
    *,
    from_day: date,
    at: datetime,
    word: Callable[[scheduler.Slot], str] | None = None,
    only: Callable[[scheduler.Slot], bool] = lambda _slot: True,
) -> list[Button]:
    """Return the first free times of a visit's therapy from a day on, the soonest first. `word`: as in `nearest`.

    `only`: those that whoever looks may choose.
    Those with whom they know, where they know the way, come before others. Needs the visit's site and therapy.
    """
    for found in _free(visit, from_day=from_day, at=at):
        if free := list(filter(only, found)):
            same = [s for s in free if s.practitioner.id == visit.practitioner_id and s.site.id == visit.site_id]
            slots = one_a_start([*same[:FIRST_TIMES], *free][: 2 * FIRST_TIMES])
            return nearest(without_therapy_ids(slots[:FIRST_TIMES]), home=visit.site.key, word=word)
    return []


def _free(visit: Appointment, *, from_day: date, at: datetime) -> Iterator[list[scheduler.Slot]]:
    query = TimesQuery.for_moving(visit, at=at)
    offered = scheduler.offered(query.therapy, query.visit)
    begins = max(at, datetime.combine(from_day, time(), visit.site.tz))
    for ahead in LOOKED_AHEAD:
        search = replace(query.search_query(offered, at=at), starts_at=begins, limit=None, ends_at=begins + ahead)
        found = booking_checks.within_limits(visit, scheduler.search(search, at=at), at=at)
        yield [slot for slot in found if slot.id != visit.slot]

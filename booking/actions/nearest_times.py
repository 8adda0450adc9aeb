"""The free times nearest to an appointment's own, as every page of the desk that offers a few of them lists them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import groupby, islice, takewhile
from typing import Any

from booking import queries
from booking.actions import booking_checks, proposals
from booking.actions.requested_slots import may_move_to
from booking.audiences import audience_for
from booking.models import Appointment
from booking.suitability.visits import place_needs_of_visit
from core.principal import Principal
from scheduler import public as scheduler

ONE_DAY = timedelta(days=1)

Settled = Callable[[scheduler.Slot], bool]
"""Says of a time whether it is settled that whoever treats sees patients then."""


def nearest_times(
    visit: Appointment, *, most: int, by: Principal, at: datetime, settled: Settled | None = None
) -> list[scheduler.Slot]:
    """Return the free times nearest to a visit's own that its patient may take, one for each start.

    First those of its own day and site, by how far they are from it; then from it on, the soonest first. The last one
    is with the practitioner whom they know, where none else is, unless that takes weeks longer.
    Raises NoTimeToPropose.
    """
    asked = proposals.proposed_from(visit, by=by, at=at, since=_midnight(visit))
    found = list(islice(_in_order(visit, asked, settled, at=at), most))
    if len(found) < most or any(one.practitioner.id == visit.practitioner_id for one in found):
        return found
    later = replace(asked, practitioner=visit.practitioner.public_id, ends_at=found[0].start + proposals.FAR)
    with suppress(scheduler.UnknownPractitioner):  # who has left the clinic since
        found[-1:] = list(islice(_in_order(visit, later, settled, at=at), 1)) or found[-1:]
    return found


def sooner_at_the_desk(
    visit: Appointment,
    listed: Sequence[scheduler.Slot],
    *,
    by: Principal,
    at: datetime,
    settled: Settled | None = None,
) -> scheduler.Slot | None:
    """Return the nearest time at a visit's own site that staff alone may give, if it is nearer than some other.

    `listed`: the others, which are offered. Raises NoTimeToPropose.
    """
    asked = proposals.proposed_from(visit, by=by, at=at, since=_midnight(visit))
    audience, sites = staff_audience(visit, by=by, at=at), frozenset({visit.site_id})
    last, starts = max((_distance(visit, one) for one in listed), default=None), {one.start for one in listed}

    def nearer(query: scheduler.SearchQuery) -> Iterator[scheduler.Slot]:
        found = _in_order(visit, query, settled, at=at)
        return takewhile(lambda one: last is None or _distance(visit, one) < last, found)

    # What a patient can take is passed over, whether it is among those that are listed or not.
    theirs = {one.start for one in nearer(asked)} | starts
    of_staff = nearer(replace(asked, audience=audience, sites=sites))
    return next((one for one in of_staff if one.start not in theirs and may_move_to(one, visit.patient, by=by)), None)


def staff_audience(visit: Appointment, *, by: Principal, at: datetime) -> scheduler.Audience:
    """Return as whom staff look for another time of a visit at its own site."""
    needs, reviews = place_needs_of_visit(visit, at=at), queries.reviews_of_visit(visit)
    asked: dict[str, Any] = {"patient": visit.patient, "moving": visit, "needs": needs, "reviews": reviews}
    return audience_for(by, site_id=visit.site_id, at=at, **asked)


def _midnight(visit: Appointment) -> datetime:
    """Return when the day of a visit begins."""
    return datetime.combine(visit.period.lower.astimezone(visit.site.tz).date(), time(), visit.site.tz)


def _in_order(
    visit: Appointment, asked: scheduler.SearchQuery, settled: Settled | None, *, at: datetime
) -> Iterator[scheduler.Slot]:
    """Yield the free times of a search, the nearest first, each start once. Later ones are made when asked for."""
    fits, tonight = booking_checks.fitting(visit, at=at), _midnight(visit) + ONE_DAY

    def usable(slot: scheduler.Slot) -> bool:
        return slot.id != visit.slot and fits(slot) and (settled is None or settled(slot))

    starts = (
        min(some, key=lambda one: one.practitioner.id != visit.practitioner_id)
        for _start, some in groupby(filter(usable, scheduler.each_start(asked, at=at)), key=lambda one: one.start)
    )
    today = list[scheduler.Slot]()
    for slot in starts:
        if slot.start >= tonight:
            yield from sorted(today, key=lambda one: _distance(visit, one))
            today = []
            yield slot
        else:
            today.append(slot)
    yield from sorted(today, key=lambda one: _distance(visit, one))


def _distance(visit: Appointment, slot: scheduler.Slot) -> tuple[bool, bool, timedelta]:
    """Return how far a time is from a visit's own: its day before others, and that day its site before others."""
    another_day = not timedelta() <= slot.start - _midnight(visit) < ONE_DAY
    elsewhere = not another_day and slot.site.id != visit.site_id
    return another_day, elsewhere, abs(slot.start - visit.period.lower)

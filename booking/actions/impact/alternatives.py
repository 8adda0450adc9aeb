"""What an appointment may have instead of its time, the nearest first."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from itertools import islice
from uuid import UUID

from booking import queries
from booking.actions import booking_checks
from booking.actions.impact.choices import OtherTime, SettlingChoice
from booking.actions.nearest_times import nearest_times, staff_audience
from booking.actions.requested_slots import day_of, may_move_to
from booking.actions.screening.suggested_absences import SettledColleagues
from booking.models import Appointment
from core.principal import Principal
from core.refusals import Refusal
from scheduler import public as scheduler

CANDIDATES = 4
"""How many times of each kind are tried for one appointment."""

A_MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)


def alternatives(
    visit: Appointment,
    settled: SettledColleagues,
    *,
    comes_from: date | None,
    keeps_people: bool,
    by: Principal,
    at: datetime,
) -> Iterator[OtherTime]:
    """Yield what an appointment may have instead, each once, the nearest first; what comes later is looked for later.

    `settled`: says of whom it is known that they see patients; `comes_from`: before which day its patient is not to
    come; `keeps_people`: whoever treats is there all the same.
    """
    seen = set[tuple[str, int | None]]()
    for one in _alternatives(visit, settled, keeps_people=keeps_people, by=by, at=at):
        too_soon = comes_from is not None and day_of(one.slot) < comes_from
        if not too_soon and (key := (one.slot.id, one.place)) not in seen:
            seen.add(key)
            yield one


def _alternatives(
    visit: Appointment, settled: SettledColleagues, *, keeps_people: bool, by: Principal, at: datetime
) -> Iterator[OtherTime]:
    """Yield what is nearest: another place; the same time with somebody else; that day with the same, to move there.

    Then the nearest times about which its patient is asked.
    """
    start = visit.period.lower
    fits = booking_checks.fitting(visit, at=at)

    def usable(slot: scheduler.Slot) -> bool:
        return slot.id != visit.slot and fits(slot) and settled(slot) and may_move_to(slot, visit.patient, by=by)

    if start > at and keeps_people:
        yield from _other_places(visit, by=by, at=at)
    if start > at:
        same = _search(visit, start, start + A_MINUTE, by=by, at=at)
        others = (one for one in same if one.start == start and one.site.id == visit.site_id)
        yield from _times(SettlingChoice.MOVE, filter(usable, others))
    midnight = datetime.combine(start.astimezone(visit.site.tz).date(), time(), visit.site.tz)
    begins, ends, known = max(at, midnight), midnight + A_DAY, visit.practitioner.public_id
    with suppress(scheduler.UnknownPractitioner):
        day = _search(visit, begins, ends, by=by, at=at, practitioner=known)
        yield from _times(SettlingChoice.MOVE, _nearest(start, filter(usable, day)))
    with suppress(Refusal):
        times = nearest_times(visit, most=CANDIDATES, by=by, at=at, settled=settled)
        yield from _times(SettlingChoice.PROPOSE, times)


def _times(choice: SettlingChoice, slots: Iterable[scheduler.Slot]) -> Iterator[OtherTime]:
    return (OtherTime(choice=choice, slot=one) for one in islice(slots, CANDIDATES))


def _nearest(start: datetime, slots: Iterable[scheduler.Slot]) -> list[scheduler.Slot]:
    return sorted(slots, key=lambda one: abs(one.start - start))


def _other_places(visit: Appointment, *, by: Principal, at: datetime) -> Iterator[OtherTime]:
    """Yield the places that are free at the appointment's own time with its own practitioner."""
    with suppress(scheduler.UnknownSlot):
        slot = scheduler.slot(visit.slot, serving=(visit.therapy.key, visit.visit, visit.technique))
        slot = slot.lasting(visit.lengths)
        free = scheduler.free_places(slot, at=at, audience=staff_audience(visit, by=by, at=at), moving=visit.allocation)
        for place in free[:CANDIDATES]:
            yield OtherTime(choice=SettlingChoice.MOVE, slot=slot, place=place.id)


def _search(
    visit: Appointment,
    begins: datetime,
    ends: datetime,
    *,
    by: Principal,
    at: datetime,
    practitioner: UUID | None = None,
) -> Iterable[scheduler.Slot]:
    """Return the free times at the appointment's site, as staff give them."""
    query = scheduler.SearchQuery(
        therapy=visit.therapy.key,
        visit=visit.visit,
        technique=visit.technique,
        starts_at=begins,
        ends_at=ends,
        sites=frozenset({visit.site_id}),
        practitioner=practitioner,
        audience=staff_audience(visit, by=by, at=at),
        moving=visit.allocation,
        segments=visit.lengths,
        reviewed=queries.was_reviewed(visit),
        also=visit.period.lower,
        limit=None,
        each_start=None,
    )
    with suppress(scheduler.NotOffered):  # a therapy that is out of use is free nowhere
        return scheduler.search(query, at=at)
    return ()

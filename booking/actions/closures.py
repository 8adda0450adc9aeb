"""The patients of closed visits are told, proposed other times, and told when it is open again: by staff's decision.

Nothing is cancelled here. What is proposed is kept for the patient as if they had chosen it behind their link, so that
nobody else is offered the same.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy

from booking import closures, policies
from booking.actions import booking_checks, calls, holds, links
from booking.actions.moves import locked
from booking.models import Appointment, CallReason, ClosureNews, ClosureNotice, Hold, ManageLink
from booking.models.holds import HoldState
from booking.queries import programs_of, uncovered_ids, was_reviewed
from booking.status import Move, Status, after
from core.database.transactions import rehearsal, unit
from core.doorbell import ring
from core.models import Site
from core.principal import Principal
from core.refusals import Refusal
from scheduler import public as scheduler

REOPENED = Principal.system("reopened")
LOOKED_AHEAD = timedelta(days=91)
TRIES = 5
"""How many free times are tried where others are quicker."""

FAR = timedelta(days=14)
"""So much longer nobody waits for the practitioner whom they know."""

CALLED_BEFORE = timedelta(days=3)
"""Whoever was told and has done nothing by so long before the visit is called."""

AT_ONCE = 60
"""How many times are proposed by one press: more would let whoever pressed wait for too long."""


class NotClosed(Refusal):
    """The time of this appointment is open: there is nothing to tell, and no other time to propose."""

    code = "not-closed"
    title = gettext_lazy("The time of this appointment is open. There is nothing to tell.")


class TimeHeldAlready(Refusal):
    """Another time is kept for this appointment already: by a proposal, or because its patient is choosing one."""

    code = "time-held-already"
    title = gettext_lazy("Another time is kept for this appointment already.")


class NoTimeToPropose(Refusal):
    """There is no free time that the patient could take."""

    code = "no-time-to-propose"
    title = gettext_lazy("We found no free time to propose. Please call them.")


@dataclass(frozen=True, slots=True, kw_only=True)
class NotProposed:
    """A visit for which no time could be proposed, and why."""

    visit: Appointment
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposals:
    """How many were proposed another time, who was not and why, and how many are left for the next press.

    `last`: the id of the one before them.
    """

    proposed: int
    failed: Sequence[NotProposed]
    left: int
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedAndCounted:
    """What was closed, or would be, by its key, and how many appointments it touches."""

    key: str
    count: closures.ClosureCount


@unit
def close(
    site: Site,
    *,
    therapy: str,
    first_on: date,
    last_on: date | None,
    name: str,
    by: Principal,
    at: datetime,
    dry_run: bool = False,
) -> ClosedAndCounted:
    """Close a site, or one therapy (its key) there, and count who is inside; with `dry_run` count alone.

    Nothing is cancelled, and nobody told. Raises Invalid, ClosureClash.
    """
    with rehearsal(only=dry_run):
        closed = scheduler.close_from(
            site, therapy=therapy, first_on=first_on, last_on=last_on, name=name, by=by, at=at
        )
        counted = closures.count([closed], Appointment.objects.all(), at=at)
    return ClosedAndCounted(key=closed.key, count=counted)


def open_from(closure: UUID, site: Site, *, day: date, by: Principal, at: datetime) -> None:
    """Let a closure end before a day, and those be told who were told the contrary. Raises Missing, Invalid."""
    scheduler.open_from(closure, site, day=day, by=by, at=at)
    review_reopened(at=at)


@unit
def tell(appointment_id: UUID, *, by: Principal, at: datetime) -> bool:
    """Let a patient be told that their appointment cannot take place; say whether they had not been. Raises NotClosed.

    Once for a closure and a version of the visit, however often it is asked for.
    """
    visit = locked(appointment_id)
    closed = _closure_of(visit, at=at)
    # Whoever was proposed another time was told by that.
    if any(notice.closure == closed.key for notice in closures.live_notices([visit.pk])):
        return False
    ClosureNotice.objects.create(
        appointment=visit, version=visit.version, closure=closed.key, news=ClosureNews.CLOSED, by=by.key, at=at
    )
    _ring(visit, at=at)
    return True


def tell_all(visits: Iterable[Appointment], *, by: Principal, at: datetime) -> int:
    """Let the patients of closed visits be told, each by itself; return how many had not been."""
    told = 0
    for visit in visits:
        try:
            told += tell(visit.public_id, by=by, at=at)
        except Refusal:  # moved or called off meanwhile: they need not hear of it
            continue
    return told


@unit
def propose(appointment_id: UUID, *, by: Principal, at: datetime, slot: scheduler.Slot | None = None) -> ClosureNotice:
    """Keep another time for a closed visit and let its patient be asked: that one, or the first that suits.

    Raises NotClosed, TimeHeldAlready, NoTimeToPropose, and what holding a time refuses.
    """
    visit = locked(appointment_id)
    closed, link = _closure_of(visit, at=at), _link(visit, at=at)
    if after(Status(visit.status), Move.RESCHEDULE) is None:
        raise NotClosed
    whoever = links.principal_of(link)
    if holds.offered_for(visit, by=whoever, at=at) is not None:
        raise TimeHeldAlready
    wanted = [slot] if slot else first_times(visit, at=at)[:TRIES]
    held = _hold_one(visit, wanted, by=whoever, at=at)
    until = at + policies.booking_policy(visit.site_id, at=at).proposed
    # Nobody moves an appointment that has begun, nor to a time that has.
    held = holds.keep_until(held, min(until, held.period.lower, visit.period.lower), at=at)
    made = ClosureNotice.objects.create(
        appointment=visit,
        version=visit.version,
        closure=closed.key,
        news=ClosureNews.OTHER_TIME,
        hold=held,
        by=by.key,
        at=at,
    )
    _ring(visit, at=at)
    return made


def propose_all(visits: Sequence[Appointment], *, by: Principal, at: datetime) -> Proposals:
    """Propose another time to each of closed visits, each by itself: who cannot be is named with the reason."""
    proposed, failed = 0, list[NotProposed]()
    for visit in visits[:AT_ONCE]:
        try:
            propose(visit.public_id, by=by, at=at)
        except TimeHeldAlready:
            continue
        except Refusal as refusal:
            failed.append(NotProposed(visit=visit, why=str(refusal.detail or refusal.title)))
        else:
            proposed += 1
    left = max(len(visits) - AT_ONCE, 0)
    last = str(visits[AT_ONCE - 1].public_id) if left else ""
    return Proposals(proposed=proposed, failed=failed, left=left, last=last)


def first_times(visit: Appointment, *, at: datetime) -> list[scheduler.Slot]:
    """Return the free times from a visit's own on that its patient may take, the best first.

    The practitioner whom they know comes first, unless that takes weeks longer; then whoever is free soonest.
    """
    begins = max(at, visit.period.lower)
    query = scheduler.SearchQuery(
        therapy=visit.therapy.key,
        visit=visit.visit,
        technique=visit.technique,
        starts_at=begins,
        ends_at=begins + LOOKED_AHEAD,
        # As the patient: they shall be able to take it, and to choose another one.
        audience=scheduler.Audience.of_patient(programs_of(visit.patient)),
        moving=visit.allocation,
        reviewed=was_reviewed(visit),
        limit=None,
        each_start=None,
    )
    found = booking_checks.within_limits(visit, scheduler.search(query, at=at), at=at)
    free = [slot for slot in found if slot.id != visit.slot]
    same = [slot for slot in free if slot.practitioner.id == visit.practitioner_id]
    near = [slot for slot in same if slot.start < free[0].start + FAR]
    return [*near, *(slot for slot in free if slot not in near)] if len(near) < TRIES else near


def _hold_one(visit: Appointment, wanted: Sequence[scheduler.Slot], *, by: Principal, at: datetime) -> Hold:
    """Keep the first of these times that can be had, for whoever has the visit's link."""
    for slot in wanted:
        try:
            held = holds.choose_for(visit, slot, by=by, at=at, proposed=True)
        except scheduler.SlotTaken:
            if len(wanted) == 1:
                raise
            continue
        if held is not None:
            return held
    raise NoTimeToPropose


def _closure_of(visit: Appointment, *, at: datetime) -> scheduler.ClosedTime:
    """Return what closes a visit. Raises NotClosed."""
    closed = scheduler.closed_at(closures.key_of(visit))
    if closed is None or not closures.inside(closed, Appointment.objects.filter(pk=visit.pk), at=at):
        raise NotClosed
    return closed


def _link(visit: Appointment, *, at: datetime) -> ManageLink:
    links.issue(visit, at=at)
    return ManageLink.objects.get(appointment=visit, revoked_at=None)


def _ring(visit: Appointment, *, at: datetime) -> None:
    """Let what is written be told; nobody needs to call as long as they may answer."""
    calls.end([visit.pk], CallReason.WITHOUT_COVER, at=at)
    ring("notifications.tasks.dispatch")


def waiting(visits: Collection[int], *, at: datetime) -> set[int]:
    """Return those closed visits (ids) whose patients were told and need no call yet.

    They are called once they have let a proposal run out, or their visit is near.
    """
    found: set[int] = set()
    for notice in closures.live_notices(visits):
        near = notice.appointment.period.lower - at <= CALLED_BEFORE
        unanswered = notice.news == ClosureNews.OTHER_TIME and not closures.is_open(notice, at=at)
        found.discard(notice.appointment_id)  # the newest counts
        if not near and not unanswered:
            found.add(notice.appointment_id)
    return found


def review_reopened(*, at: datetime) -> int:
    """Let those be told whose closed visits are open again, each by itself; return how many."""
    live = closures.live_notices().filter(appointment__period__startswith__gt=at)
    visits = {notice.appointment_id: notice.appointment for notice in live}
    closed = uncovered_ids({pk: visit.allocation for pk, visit in visits.items()}, at=at)
    return sum(_open_again(visit.public_id, at=at) for pk, visit in sorted(visits.items()) if pk not in closed)


@unit
def _open_again(appointment_id: UUID, *, at: datetime) -> bool:
    visit = locked(appointment_id)
    live = list(closures.live_notices([visit.pk]))
    if not live or scheduler.uncovered_allocations([visit.allocation], at=at):
        return False
    ClosureNotice.objects.filter(pk__in=[one.pk for one in live]).update(over=True)
    for held in Hold.objects.select_for_update(no_key=True).filter(moving=visit, state=HoldState.OPEN).order_by("pk"):
        if any(one.hold_id == held.pk for one in live):
            holds.give_back(held, at=at)
    ClosureNotice.objects.create(
        appointment=visit,
        version=visit.version,
        closure=live[-1].closure,
        news=ClosureNews.OPEN_AGAIN,
        by=REOPENED.key,
        at=at,
        over=True,
    )
    ring("notifications.tasks.dispatch")
    return True

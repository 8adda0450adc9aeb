"""The patients of closed visits are told, and told when it is open again: by staff's decision. Nothing is cancelled."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking import closures
from booking.actions import calls, holds
from booking.actions.moves import locked
from booking.models import Appointment, CallReason, ClosureNews, ClosureNotice
from booking.queries import awaits_proof, uncovered_ids
from booking.status import OCCUPYING
from core.database.transactions import rehearsal, unit
from core.doorbell import ring
from core.models import Site
from core.principal import Principal
from core.refusals import Refusal
from scheduler import public as scheduler

REOPENED = Principal.system("reopened")
NO_CLOSURE = ""
"""Of what is not open by no closure and no absence; and of whom nothing is written down but a call."""

CALLED_BEFORE = timedelta(days=3)
"""Whoever was told, with no other time, and has done nothing by so long before the visit is called."""


class NotClosed(Refusal):
    """The time of this appointment is open: there is nothing to tell, and no other time to propose."""

    code = "not-closed"
    title = gettext_lazy("The time of this appointment is open. There is nothing to tell.")


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
    starts: time | None = None,
    ends: time | None = None,
    dry_run: bool = False,
) -> ClosedAndCounted:
    """Close a site, or one therapy (its key) there, and count who is inside; with `dry_run` count alone.

    From `starts` on the first day, until `ends` on the last, or all of these days.

    Nothing is cancelled, and nobody told. Raises Invalid, ClosureClash.
    """
    with rehearsal(only=dry_run):
        days: dict[str, Any] = {"first_on": first_on, "last_on": last_on, "starts": starts, "ends": ends}
        closed = scheduler.close_from(site, therapy=therapy, name=name, by=by, at=at, **days)
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
    closure = closure_of(visit, at=at)
    # Whoever was proposed another time was told by that.
    if any(notice.closure == closure for notice in closures.live_notices([visit.pk])):
        return False
    ClosureNotice.objects.create(
        appointment=visit, version=visit.version, closure=closure, news=ClosureNews.CLOSED, by=by.key, at=at
    )
    tell_soon(visit, at=at)
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


def closure_of(visit: Appointment, *, at: datetime) -> str:
    """Return the key of what closes a visit, which is locked, or that of the absence of whoever treats.

    Empty where its time is not open for another reason: other hours, a place that is closed. Raises NotClosed.
    """
    closed = scheduler.closed_at(closures.key_of(visit))
    if closed is not None and closures.inside(closed, Appointment.objects.filter(pk=visit.pk), at=at):
        return closed.key
    gone = visit.status not in OCCUPYING
    if awaits_proof(visit):  # the address may be a stranger's, and hears of nothing but its code
        raise NotClosed(_("Nobody has shown yet that the address is theirs. Call them, if you can."))
    if not gone and uncovered_ids({visit.pk: visit.allocation}, at=at):
        away = scheduler.absences_during([visit.practitioner_id], visit.period.lower, visit.period.upper)
        if away or not awaits_proof(visit):  # an address that nobody has shown to be theirs hears nothing of a closure
            return str(away[0].public_id) if away else NO_CLOSURE
    raise NotClosed(_("It was called off meanwhile.") if gone else _("It was moved meanwhile, or is open again."))


def tell_soon(visit: Appointment, *, at: datetime) -> None:
    """Let what is written be told; nobody needs to call as long as they may answer."""
    calls.end([visit.pk], CallReason.WITHOUT_COVER, at=at)
    ring("notifications.tasks.dispatch")


def waiting(visits: Collection[int], *, at: datetime) -> set[int]:
    """Return those closed visits (ids) whose patients were told and need no call yet.

    Whoever was asked about another time has until it runs out to answer; whoever was told alone, until their visit is
    near.
    """
    found: set[int] = set()
    for notice in closures.live_notices(visits):
        near = notice.appointment.period.lower - at <= CALLED_BEFORE
        asked = notice.news == ClosureNews.OTHER_TIME
        found.discard(notice.appointment_id)  # the newest counts
        if closures.is_awaited(notice, at=at) if asked else not near:
            found.add(notice.appointment_id)
    return found


def review_reopened(*, at: datetime) -> int:
    """Let those be told whose closed visits are open again, each by itself; return how many.

    Those who heard by mail that they are closed, and those whom staff have told in a call.
    """
    live = closures.live_notices().filter(appointment__period__startswith__gt=at)
    ahead = {"appointment__status__in": sorted(OCCUPYING), "appointment__period__startswith__gt": at}
    called = calls.latest_without_cover().filter(**ahead).select_related("appointment")
    visits = {notice.appointment_id: notice.appointment for notice in live}
    visits |= {call.appointment_id: call.appointment for call in called}
    closed = uncovered_ids({pk: visit.allocation for pk, visit in visits.items()}, at=at)
    return sum(_open_again(visit.public_id, at=at) for pk, visit in sorted(visits.items()) if pk not in closed)


@unit
def _open_again(appointment_id: UUID, *, at: datetime) -> bool:
    visit = locked(appointment_id)
    live = list(closures.live_notices([visit.pk]))
    called = calls.latest_without_cover().filter(appointment=visit).exists()
    stands = visit.status in OCCUPYING and not scheduler.uncovered_allocations([visit.allocation], at=at)
    if not stands or not (live or called):
        return False
    ClosureNotice.objects.filter(pk__in=[one.pk for one in live]).update(over=True)
    proposed = {one.hold_id for one in live}
    holds.let_go((held for held in holds.lock_holds_for(visit) if held.pk in proposed), at=at)
    ClosureNotice.objects.create(
        appointment=visit,
        version=visit.version,
        closure=live[-1].closure if live else NO_CLOSURE,
        news=ClosureNews.OPEN_AGAIN,
        by=REOPENED.key,
        at=at,
        over=True,
    )
    ring("notifications.tasks.dispatch")
    return True

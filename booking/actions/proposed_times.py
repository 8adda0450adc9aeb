"""A time that the clinic proposes to a patient, as staff see it: said on the phone to be taken, or taken off again."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from booking.actions import appointments, calls, holds, links
from booking.actions.as_seen import refuse_changed
from booking.actions.families import moved_beside
from booking.actions.moves import locked
from booking.actions.requested_slots import insist_on_reach, read_slot
from booking.models import Appointment, CallReason, CallTask, ClosureNotice, Hold
from booking.models.holds import HoldState
from booking.queries import uncovered_ids
from booking.status import Move
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Refusal
from core.rights import Action, Scope, reaching
from scheduler import public as scheduler

if TYPE_CHECKING:
    from booking.actions.move_acts import Details


ASKED_IN = (CallReason.NOT_REACHED, CallReason.WITHOUT_COVER)
"""Calls in which somebody is asked whether they take the time: whoever has said yes was called."""


class NoLongerProposed(Refusal):
    """The time that was proposed is not kept any more: it ran out, was given back, or another one was proposed."""

    code = "no-longer-proposed"
    title = gettext_lazy("This time is not kept for them any more. Find another one with them.")


def proposed_times(visits: Collection[int], *, at: datetime) -> dict[int, Hold]:
    """Return the times that are proposed to the patients of appointments (ids) and still kept, in two queries at most.

    A time that is not open any more, as where its practitioner is away since, is proposed to nobody.
    """
    rows = Hold.objects.filter(moving__in=visits, proposed=True, state=HoldState.OPEN, expires_at__gt=at)
    found = {one.moving_id: one for one in rows.select_related("site", "practitioner").order_by("created_at")}
    gone = scheduler.uncovered_allocations([one.allocation for one in found.values()], at=at) if found else ()
    return {visit: one for visit, one in found.items() if visit is not None and one.allocation not in gone}


@unit
def take(appointment_id: UUID, hold_id: UUID, *, by: Principal, at: datetime, as_seen: str) -> Appointment:
    """Move an appointment to the time that is proposed, as its patient says on the phone. `as_seen`: its mark.

    Whoever moves appointments of the whole site does so to another site as well: it is proposed there already.
    Raises Missing, NoLongerProposed, AppointmentChanged, and what moving it refuses.
    """
    # First what is offered beside it, as every move has it.
    moved_beside.lock_beside(appointment_id, Move.RESCHEDULE, {"hold_id": hold_id}, at=at)
    visit = locked(appointment_id)
    taken = _open_hold(visit, hold_id, at=at)
    slot = read_slot(taken.slot, by=by, at=at, patient=visit.patient, moving=visit)
    if visit.site_id not in by.sites(*reaching(Action.MOVE, Scope.SITE)):
        insist_on_reach(slot, visit.patient, by=by)
    # It is their own time that is in the way: it is free for this move alone, which has all of it locked.
    holds.let_go([taken], at=at)
    to: Details = {"slot": slot, "as_seen": as_seen, "heard": True}
    if taken.place_id:
        to["place"] = taken.place_id
    moved = appointments.move(appointment_id, Move.RESCHEDULE, by=by, at=at, **to)
    asked = CallTask.objects.filter(appointment=moved, reason__in=ASKED_IN, done_at=None)
    calls.done(asked.values_list("pk", flat=True), by=by, at=at)
    return moved


@unit
def decline(appointment_id: UUID, hold_id: UUID, *, by: Principal, at: datetime, as_seen: str) -> Appointment:
    """Give a time back that is proposed, as its patient does not want it: another one is still to be found with them.

    `as_seen`: the appointment's mark. Raises Missing, NoLongerProposed, AppointmentChanged.
    """
    visit = locked(appointment_id)
    refuse_changed(visit, as_seen)
    given_back = _open_hold(visit, hold_id, at=at)
    holds.let_go([given_back], at=at)
    given_back.declined_at = at
    given_back.save(update_fields=["declined_at"])
    asked = CallTask.objects.filter(appointment=visit, reason=CallReason.NOT_REACHED, done_at=None)
    calls.done(asked.values_list("pk", flat=True), by=by, at=at)
    if uncovered_ids({visit.pk: visit.allocation}, at=at):
        calls.raise_for([visit.pk], CallReason.WITHOUT_COVER, at=at, again=True)
    return visit


@unit
def take_back_decline(appointment_id: UUID, hold_id: UUID, *, by: Principal, at: datetime, as_seen: str) -> Appointment:
    """Propose a time again that was given back by mistake, as long as it was kept before; nobody is written to.

    Raises Missing, AppointmentChanged, NoLongerProposed, and SlotTaken where somebody else has it since.
    """
    visit = locked(appointment_id)
    refuse_changed(visit, as_seen)
    gone = _declined(visit, at=at).select_for_update(no_key=True).filter(public_id=hold_id).first()
    if (
        gone is None
        or gone.declined_at is None
        or not uncovered_ids({visit.pk: visit.allocation}, at=at)
        or proposed_times([visit.pk], at=at)
    ):
        raise NoLongerProposed
    whoever = links.principal_of(links.live_link(visit, at=at))
    slot = read_slot(gone.slot, by=whoever, at=at, patient=visit.patient, moving=visit)
    held = holds.choose_for(visit, slot, by=whoever, at=at, proposed_by=by)
    if held is None:
        raise NoLongerProposed
    holds.keep_until(held, gone.expires_at, at=at)
    ClosureNotice.objects.filter(hold=gone).update(hold=held)
    calls.end_raised_at(visit, CallReason.WITHOUT_COVER, gone.declined_at, at=at)
    calls.reopen_ended_at(visit, CallReason.NOT_REACHED, gone.declined_at)
    gone.declined_at = None
    gone.save(update_fields=["declined_at"])
    return visit


def declined_time(visit: Appointment, *, at: datetime) -> Hold | None:
    """Return the time that staff gave back last, and that would still be kept; None where one is proposed now."""
    gone = _declined(visit, at=at).select_related("site", "practitioner").order_by("-declined_at").first()
    return None if gone is None or proposed_times([visit.pk], at=at) else gone


def _declined(visit: Appointment, *, at: datetime) -> QuerySet[Hold]:
    return Hold.objects.filter(
        moving=visit, proposed=True, state=HoldState.RELEASED, declined_at__isnull=False, expires_at__gt=at
    )


def _open_hold(visit: Appointment, hold_id: UUID, *, at: datetime) -> Hold:
    kept = [one for one in holds.lock_holds_for(visit) if one.proposed and one.expires_at > at]
    found = next((one for one in kept if one.public_id == hold_id), None)
    if found is None:
        raise NoLongerProposed
    return found

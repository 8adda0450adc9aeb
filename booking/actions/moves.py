"""The one way in which an appointment changes: lock, look into the table, guard, effect, version, ledger, ring."""

from datetime import datetime
from typing import Unpack
from uuid import UUID

from booking import rules
from booking.actions import calls, permits
from booking.actions.effects import EFFECTS, Act, Details
from booking.actions.holds import lock_patient
from booking.actions.ledger import next_version, record
from booking.errors import MoveNotAllowed, VersionChanged, insist
from booking.models import Appointment, CallReason
from booking.queries import is_own, scene_of
from booking.roles import acts_as_staff
from booking.status import OCCUPYING, Move, Status, after
from core.principal import Principal
from core.refusals import Missing
from core.transactions import unit
from scheduler import public as scheduler


@unit
def move(
    appointment_id: UUID,
    what: Move,
    *,
    by: Principal,
    at: datetime,
    if_version: int | None = None,
    **details: Unpack[Details],
) -> Appointment:
    """Make a move of the table, whole or not at all, and return the appointment as it is then.

    Raises Missing, VersionChanged (when it is not at `if_version`), MoveNotAllowed, what a guard or rule refuses, and
    SlotTaken or PatientBusy when the time is not to be had.
    """
    visit = locked(appointment_id)
    if if_version not in {None, visit.version}:
        raise VersionChanged(version=visit.version)
    reached = after(Status(visit.status), what)
    if reached is None:
        raise MoveNotAllowed(status=visit.status, move=what.value)
    act = _act(visit, what, by=by, at=at, details=details)
    insist(rules.guard(what, scene_of(visit, staff=act.staff, policy=act.policy), at=at))
    return _make(act, reached)


def locked(appointment_id: UUID) -> Appointment:
    """Lock an appointment's row, then return it with what belongs to it as it is now. Raises Missing.

    Two statements: of a join that waits for its lock, PostgreSQL drops a row that belongs to something else by then.
    """
    rows = Appointment.objects.filter(public_id=appointment_id)
    if not list(rows.select_for_update(no_key=True).values_list("pk")):
        raise Missing
    return rows.select_related("patient", "practitioner", "site", "therapy").get()


def _act(visit: Appointment, what: Move, *, by: Principal, at: datetime, details: Details) -> Act:
    own = is_own(visit.patient, by)
    return Act(
        appointment=visit,
        what=what,
        before=Status(visit.status),
        by=by,
        at=at,
        staff=acts_as_staff(by, site_id=visit.site_id, own_record=own),
        policy=scheduler.booking_policy(visit.site_id, at=at),
        details=details,
    )


def _make(act: Act, reached: Status) -> Appointment:
    visit = act.appointment
    again = reached in OCCUPYING and act.before not in OCCUPYING
    if again:
        lock_patient(visit.patient)
    EFFECTS[act.what](act)
    visit.status = reached
    visit.version = next_version(visit, act.what)
    visit.updated_at = act.at
    with permits.one_place_at_a_time(visit, by=act.by, takes_time=again or act.what is Move.RESCHEDULE):
        visit.save()
    if act.what is Move.RESCHEDULE or reached not in OCCUPYING:
        calls.end([visit.pk], CallReason.WITHOUT_COVER, at=act.at)
    record(visit, act.what, before=act.before, by=act.by, at=act.at, facts=act.facts)
    return visit

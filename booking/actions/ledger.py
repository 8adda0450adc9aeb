"""The ledger: one row for every act, in its transaction; then the bell."""

from datetime import UTC, datetime
from uuid import UUID

from booking.actions.move_acts import Act
from booking.models import Appointment, Change
from booking.rules import MARKED_ON_THE_DAY, NEW_VERSION
from booking.status import Move, Status
from core.doorbell import ring
from core.principal import Principal
from scheduler import public as scheduler


def where(appointment: Appointment) -> dict[str, str]:
    """Return start and end (UTC), practitioner and site of an appointment, as facts of a ledger row."""
    period = appointment.period
    return _facts(period.lower, period.upper, appointment.practitioner.public_id, appointment.site.key)


def where_to(slot: scheduler.Slot) -> dict[str, str]:
    """Return the same facts of a slot that an appointment is put on."""
    return _facts(slot.start, slot.end, slot.practitioner.public_id, slot.site.key)


def _facts(start: datetime, end: datetime, practitioner: UUID, site: str) -> dict[str, str]:
    begins, ends = (moment.astimezone(UTC).isoformat() for moment in (start, end))
    return {"start": begins, "end": ends, "practitioner": str(practitioner), "site": site}


def record(
    appointment: Appointment,
    what: Move,
    *,
    before: Status | None,
    by: Principal,
    at: datetime,
    facts: dict[str, object],
) -> Change:
    """Write what was done to an appointment, and ring once it is committed."""
    change = Change.objects.create(
        appointment=appointment,
        version=appointment.version,
        move=what,
        before=before or "",
        after=appointment.status,
        by=by.key,
        at=at,
        facts=facts,
    )
    # Only a bell: whoever hears it reads this row. Unheard, the next sweep finds it.
    ring("notifications.tasks.dispatch")
    return change


def next_version(act: Act) -> int:
    """Return the version after an act: one more when calendars have to show something else."""
    # Not for every act: a calendar asks again about an entry whose SEQUENCE has grown, and an arrival changes nothing
    # in it, nor does its undo, nor another length that ends when it did.
    version, undone = act.appointment.version, act.undone
    if undone is not None and undone.move in MARKED_ON_THE_DAY:
        return version
    if act.what is Move.RESIZE and "to" not in act.facts:
        return version
    return version + (act.what in NEW_VERSION)

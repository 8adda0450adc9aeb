"""The ledger: one row for every act, in its transaction; then the bell."""

from datetime import UTC, datetime
from uuid import UUID

from booking.models import Appointment, Change
from booking.rules import MARKED_ON_THE_DAY, NEW_VERSION
from booking.status import Move, Status
from core.doorbell import ring
from core.principal import Principal
from scheduler import public as scheduler


def where(appointment: Appointment) -> dict[str, str]:
    """Return start (UTC), practitioner and site of an appointment, as facts of a ledger row."""
    return _facts(appointment.period.lower, appointment.practitioner.public_id, appointment.site.key)


def where_to(slot: scheduler.Slot) -> dict[str, str]:
    """Return the same facts of a slot that an appointment is put on."""
    return _facts(slot.start, slot.practitioner.public_id, slot.site.key)


def _facts(start: datetime, practitioner: UUID, site: str) -> dict[str, str]:
    return {"start": start.astimezone(UTC).isoformat(), "practitioner": str(practitioner), "site": site}


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


def next_version(appointment: Appointment, what: Move, *, undone: Change | None = None) -> int:
    """Return the version after a move: one more when calendars have to show something else. `undone`: by an undo."""
    # Not for every act: a calendar asks again about an entry whose SEQUENCE has grown, and an arrival changes nothing
    # in it, nor does its undo.
    if undone is not None and undone.move in MARKED_ON_THE_DAY:
        return appointment.version
    return appointment.version + (what in NEW_VERSION)

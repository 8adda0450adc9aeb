"""The note of an appointment: one neutral line that staff write for each other, never clinical."""

from datetime import datetime
from uuid import UUID

from booking.actions.as_seen import refuse_changed
from booking.actions.booking_checks import clean_line, insist_on_staff
from booking.actions.moves import locked
from booking.models import Appointment
from core.database.transactions import unit
from core.principal import Principal


@unit
def write(appointment_id: UUID, *, note: str, by: Principal, at: datetime, as_seen: str | None = None) -> Appointment:
    """Write the note of an appointment, or empty it; return the appointment as it is then.

    `as_seen`: as which whoever writes saw it. Raises Missing, AppointmentChanged, StaffOnly, Invalid.
    """
    visit = locked(appointment_id)
    refuse_changed(visit, as_seen)
    insist_on_staff(visit, by)
    line = clean_line(note, pointer="/note")
    if line != visit.note:
        visit.note, visit.noted_by, visit.noted_at = line, by.key, at
        visit.save(update_fields=["note", "noted_by", "noted_at"])
    return visit

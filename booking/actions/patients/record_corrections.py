"""Correcting a record as somebody saw it: of two who correct it at once the second is told, and overwrites nothing."""

from datetime import datetime
from typing import Unpack

from booking.actions.patients import patients
from booking.actions.patients.patients import Given
from booking.actions.patients.records_as_seen import RecordChanged, last_change_of
from booking.models import Patient
from core.database.transactions import unit
from core.principal import Principal


@unit
def correct(patient: Patient, *, seen: int, by: Principal, at: datetime, **given: Unpack[Given]) -> Patient:
    """Change what is given of a record that is as it was `seen`. Raises RecordChanged, Invalid, MergedInto."""
    named = {name: given[name] for name in ("name", "birth_date") if name in given}
    patients.lock_to_change(patient, readdressed="email" in given, **named)  # type: ignore[arg-type]
    if last_change_of(patient) != seen:
        raise RecordChanged
    return patients.change(patient, by=by, at=at, **given)

"""Correcting a record as somebody saw it: of two who correct it at once the second is told, and overwrites nothing."""

from datetime import datetime
from typing import Unpack

from django.utils.translation import gettext_lazy as _

from booking.actions import patients
from booking.actions.patients import Given
from booking.models import Patient, RecordChange
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Refusal

NO_CHANGE = 0


class RecordChanged(Refusal):
    """The record was changed since it was looked at."""

    code = "record-changed"
    title = _("This record was changed since you looked. Nothing of yours was saved: look at it as it is now.")


def last_change_of(patient: Patient) -> int:
    """Return the number of the last thing that was done to a record; 0 for one to which nothing was."""
    rows = RecordChange.objects.filter(patient=patient).order_by("-pk")
    return rows.values_list("pk", flat=True).first() or NO_CHANGE


@unit
def correct(patient: Patient, *, seen: int, by: Principal, at: datetime, **given: Unpack[Given]) -> Patient:
    """Change what is given of a record that is as it was `seen`. Raises RecordChanged, Invalid, MergedInto."""
    named = {name: given[name] for name in ("name", "birth_date") if name in given}
    patients.lock_to_change(patient, readdressed="email" in given, **named)  # type: ignore[arg-type]
    if last_change_of(patient) != seen:
        raise RecordChanged
    return patients.change(patient, by=by, at=at, **given)

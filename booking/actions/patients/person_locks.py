"""Waiting for whoever acts for the same person just now: before there is a record of them, and on it."""

import hashlib
from collections.abc import Iterable
from datetime import date

from booking.models import Appointment, Hold, Patient
from booking.patients.record_errors import MergedInto
from core.database.compiled import Argument, CompiledQuery
from core.database.locking import wait_for
from core.principal import Principal
from core.text.names import letters_of


def wait_for_others_of(by: Principal) -> None:
    """Wait until whatever the same person is just holding is held."""
    wait_for(f"holds of {by.key}")


def wait_for_person(*, name: str, birth_date: date) -> None:
    """Wait for whoever acts for a person of this name and birth date, also where there is no record of them yet."""
    wait_for_people([(name, birth_date)])


def wait_for_people(people: Iterable[tuple[str, date]]) -> None:
    """Wait for whoever acts for any of several people, by names and birth dates, in the one order."""
    # Guests have no row before they book for the first time, so a name is waited for. It is hashed: the database shows
    # and logs the texts of statements. Sorted, so that two who name the same people wait in one order.
    spelled = {f"{letters_of(name)} {birth_date.isoformat()}" for name, birth_date in people}
    for who in sorted(hashlib.sha256(one.encode()).hexdigest() for one in spelled):
        wait_for(f"person {who}")


LOCKED_PATIENT = CompiledQuery(
    # FOR NO KEY UPDATE: an insert that names the record by a foreign key need not wait for it.
    lambda: Patient.objects.select_for_update(no_key=True).filter(pk=Argument("pk"))
)


def lock_patient(patient: Patient, *others: tuple[str, date]) -> Patient:
    """Lock and return a patient's row, after acts for the person's other records: after appointments, before sheets.

    `others`: names and birth dates that the person will have. Raises MergedInto.
    """
    wait_for_people([(patient.name, patient.birth_date), *others])
    (locked,) = LOCKED_PATIENT.rows(pk=patient.pk)
    if locked.merged_into_id is not None:
        raise MergedInto
    return locked


def lock_patients(patients: Iterable[Patient]) -> dict[int, Patient]:
    """Lock several patients' rows, each person first, all in the one order; return them by id. Raises MergedInto."""
    wanted = sorted(patients, key=lambda one: one.pk)
    wait_for_people([(one.name, one.birth_date) for one in wanted])
    return {one.pk: lock_patient(one) for one in wanted}


def lock_both(kept: Patient, given_up: Patient) -> tuple[Patient, Patient]:
    """Lock two records and what hangs on them in the one order (appointments, holds, people, records); return them."""
    both = [kept.pk, given_up.pk]
    list(Appointment.objects.filter(patient__in=both).select_for_update(no_key=True).order_by("pk").values_list("pk"))
    list(Hold.objects.filter(patient__in=both).select_for_update(no_key=True).order_by("pk").values_list("pk"))
    wait_for_people([(patient.name, patient.birth_date) for patient in (kept, given_up)])
    rows = {row.pk: row for row in Patient.objects.filter(pk__in=both).select_for_update(no_key=True).order_by("pk")}
    return rows[kept.pk], rows[given_up.pk]

"""The rows of visits and of how their patients are reached, as mails need them: read for each mail and each page."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from django.db.models import prefetch_related_objects

from booking.models import Appointment, ContactPoint
from booking.visit_facts import ContactAddress
from core.database.compiled import Argument, Arguments, CompiledQuery

IN_COMMON = ("site", "practitioner", "therapy")
LOCKED = CompiledQuery(
    lambda: (
        Appointment.objects.filter(pk__in=Arguments("ids"))
        .order_by("pk")
        .select_for_update(no_key=True)
        .values_list("pk")
    )
)
MANY = CompiledQuery(
    lambda: (
        Appointment.objects.filter(pk__in=Arguments("ids"))
        .order_by("pk")
        .select_related("patient__message_preferences", "proof")
    )
)
ONE = CompiledQuery(
    lambda: Appointment.objects.filter(pk=Argument("id")).select_related(
        "patient__message_preferences", "proof", *IN_COMMON
    )
)
CONTACTS = CompiledQuery(
    lambda: (
        ContactPoint.objects.filter(patient__in=Arguments("patients"))
        .order_by("patient", "rank", "pk")
        .values_list("patient", "system", "value")
    )
)


def rows_of_visits(ids: list[int], *, lock: bool) -> list[Appointment]:
    """Return visits with patient, site, practitioner and therapy; what many have in common is read once.

    With `lock` their rows alone are locked first, in one order, and then read as they are.
    """
    if lock:
        LOCKED.tuples(ids=ids)
    if len(ids) == 1:
        return ONE.rows(id=ids[0])
    found = MANY.rows(ids=ids)
    prefetch_related_objects(found, *IN_COMMON)
    return found


def contacts_of(patients: Collection[int]) -> Mapping[int, list[ContactAddress]]:
    """Return how patients are reached, by id, the contact to be tried first at the front, of whichever kind."""
    found = defaultdict[int, list[ContactAddress]](list)
    for patient_id, system, value in CONTACTS.tuples(patients=list(patients)):
        found[patient_id].append(ContactAddress(system=system, value=value))
    return found

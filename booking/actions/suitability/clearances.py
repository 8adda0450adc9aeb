"""A clinician's word that answers need not be looked at again: what of it is in force, and taking it back.

The caller must be allowed to review at the site; nobody decides about their own.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from booking.actions.suitability import suitability_changes
from booking.actions.suitability.suitability_reviews import lock_to_withdraw
from booking.models import Clearance
from core.database.transactions import unit
from core.models import Site
from core.principal import Principal
from core.refusals import Missing


def in_force(site: Site, *, at: datetime, patients: Iterable[int] = ()) -> QuerySet[Clearance]:
    """Return the clearances that hold by the clock of a site: those given there, and those of some patients (ids)."""
    today = at.astimezone(site.tz).date()
    rows = Clearance.objects.filter(withdrawn_at=None, ends_on__gt=today)
    rows = rows.filter(Q(appointment__site=site) | Q(patient__in=list(patients)))
    return rows.select_related("patient", "appointment").order_by("patient__folded_name", "patient", "pk")


@unit
def withdraw(appointment_id: UUID, clearance: UUID, *, by: Principal, at: datetime) -> Clearance:
    """Let a clearance of an appointment's patient hold no more; what was booked by it is looked at again.

    Twice is the same as once. Raises Missing, StaffOnly.
    """
    patient = lock_to_withdraw(appointment_id, by=by)
    given = Clearance.objects.filter(patient=patient, public_id=clearance).first()
    if given is None:
        raise Missing
    if given.withdrawn_at is None:
        given.withdrawn_at, given.withdrawn_by = at, by.key
        given.save(update_fields=["withdrawn_at", "withdrawn_by"])
        suitability_changes.look_again(patient, at=at)
    return given

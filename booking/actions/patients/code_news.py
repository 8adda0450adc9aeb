"""Which codes are to be mailed, as news for whoever sends it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from booking.actions.patients.address_verification import code_minutes
from booking.models import Proof


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeWanted:
    """A visit waits until its patient has shown that the address is theirs.

    `issue`: which code is to be mailed, `minutes`: for how long it works.
    """

    id: int
    appointment_id: int
    site_id: int
    version: int
    patient_id: int
    issue: int
    minutes: int


def codes_wanted(*, limit: int, beside: Collection[int] = ()) -> list[CodeWanted]:
    """Lock what waits for a mail with a code until the caller's transaction ends, and return it, the oldest first.

    `beside`: those (ids) that are left for later.
    """
    rows = Proof.objects.filter(relayed_at=None).exclude(pk__in=beside)
    rows = rows.select_for_update(skip_locked=True).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:limit])
    return [
        CodeWanted(
            id=row.pk,
            appointment_id=row.appointment_id,
            site_id=row.appointment.site_id,
            version=row.appointment.version,
            patient_id=row.appointment.patient_id,
            issue=row.issue,
            minutes=code_minutes(row),
        )
        for row in Proof.objects.filter(pk__in=ids).select_related("appointment").order_by("pk")
    ]


def mark_codes_relayed(ids: Collection[int], *, at: datetime) -> None:
    """Note that mails with codes have been planned."""
    Proof.objects.filter(pk__in=ids).update(relayed_at=at)

"""Addresses that were replaced, taken up by whoever tells their owners."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models.functions import Upper

from booking.models import ContactChange, ContactPoint
from booking.models.patients import ContactSystem


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChangeFacts:
    """An e-mail address was replaced; `old_email` is empty where there was none.

    `elsewhere`: it stands on another record still: about that one's appointments mail goes there as before.
    """

    id: int
    patient_id: int
    old_email: str
    at: datetime
    elsewhere: bool = False


def unrelayed_contact_changes(*, limit: int, beside: Collection[int] = ()) -> list[ContactChangeFacts]:
    """Lock and return the oldest changes of addresses that nobody is relaying, until the caller's transaction ends.

    `beside`: those (ids) that are left for later.
    """
    rows = ContactChange.objects.filter(relayed_at=None).exclude(pk__in=beside)
    found = list(rows.select_for_update(skip_locked=True).order_by("pk")[:limit])
    replaced = {row.old_email.casefold() for row in found} - {""}
    # In the case in which they are indexed, as `iexact` asks for them.
    reached = ContactPoint.objects.annotate(letters=Upper("value")).filter(system=ContactSystem.EMAIL)
    still = reached.filter(letters__in=[one.upper() for one in replaced]).values_list("value", "patient")
    whose = {(value.casefold(), patient) for value, patient in (still if replaced else ())}
    return [
        ContactChangeFacts(
            id=row.pk,
            patient_id=row.patient_id,
            old_email=row.old_email,
            at=row.at,
            elsewhere=any(value == row.old_email.casefold() and who != row.patient_id for value, who in whose),
        )
        for row in found
    ]


def readdressed_at(patient_id: int) -> datetime | None:
    """Return when the address to which somebody's mail goes was changed last, None where it never was."""
    return ContactChange.objects.filter(patient=patient_id).order_by("-pk").values_list("at", flat=True).first()


def mark_contact_changes_relayed(ids: Collection[int], *, at: datetime) -> None:
    """Note that changes of addresses have been taken up, and forget the old addresses."""
    ContactChange.objects.filter(pk__in=ids).update(relayed_at=at, old_email="")

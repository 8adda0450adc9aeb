"""The record that a member of a family makes when they take an invitation up: new, and a guest's.

Where nobody has confirmed them in time it is deleted again, some time after.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from booking.actions.patients import patients
from booking.families.errors import FamilyCodeUnknown, OwnInvitation
from booking.families.status import LIVE
from booking.models import ContactPoint, FamilyLink, Patient
from core.database import deletion
from core.database.transactions import unit
from core.principal import Principal
from core.text.names import is_same_name

KEPT = timedelta(days=30)
"""For how long a record is kept whose link ran out unconfirmed: so long somebody may call and ask about it."""

OF_THE_RECORD = frozenset({ContactPoint, FamilyLink})
"""What goes with such a record, or lets go of it. Whatever else names it keeps it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeDetails:
    """What a member of the family says of themselves."""

    name: str
    email: str
    birth_date: date
    language: str
    phone: str = ""


def register(details: RelativeDetails | None, link: FamilyLink, *, by: Principal, at: datetime) -> Patient:
    """Return a record of their own for whoever takes a locked link up: whose it may be beside is for staff to find out.

    Raises FamilyCodeUnknown, Invalid.
    """
    # Never one that is there: whoever has a code and knows three facts of somebody would get at their answers.
    if details is None:
        raise FamilyCodeUnknown
    return patients.register(
        name=details.name,
        birth_date=details.birth_date,
        email=details.email,
        phone=details.phone,
        language=details.language,
        site=link.site,
        by=by,
        at=at,
        guest=True,
    )


def is_the_patient(link: FamilyLink) -> bool:
    """Whether whoever took an invitation up has said of themselves what is on record of the patient who invites."""
    relative, patient = link.relative, link.patient
    if relative is None or relative.birth_date != patient.birth_date:
        return False
    return is_same_name(relative.name, patient.name)


def refuse_the_patient(link: FamilyLink) -> None:
    """Refuse to confirm a patient as family of their own: they typed their own code. Raises OwnInvitation."""
    if is_the_patient(link):
        raise OwnInvitation(_("Take it back, and give a new code to whoever it is for: they use it themselves."))


def forget_unconfirmed(*, at: datetime, most: int) -> int:
    """Delete the records of those whom no patient has confirmed, some time after their link ended; return how many."""
    return sum(_forgotten(pk, at=at) for pk in list(_unconfirmed(at=at).values_list("pk", flat=True)[:most]))


def _unconfirmed(*, at: datetime) -> QuerySet[Patient]:
    """Return the records that guests have by links alone which all ended, unconfirmed, long ago."""
    ended = FamilyLink.objects.filter(confirmed_at=None, closed_at__lte=at - KEPT).exclude(state__in=LIVE)
    others = FamilyLink.objects.filter(relative__isnull=False).exclude(pk__in=ended.values("pk"))
    guests = Patient.objects.filter(guest=True, user=None, merged_into=None, pk__in=ended.values("relative"))
    # Those too of whom something is kept are left out here: they would else be looked at every time.
    kept = {f"{name}__isnull": True for name in ("appointments", "holds", "suitability_responses")}
    return guests.filter(**kept).exclude(pk__in=others.values("relative")).order_by("pk")


@unit
def _forgotten(pk: int, *, at: datetime) -> bool:
    # Whoever does something with the record just now keeps it: it is looked at again under its lock.
    record = Patient.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
    if record is None or not _unconfirmed(at=at).filter(pk=pk).exists() or _is_named_elsewhere(record):
        return False
    # What was done with the link stays on the patient's record; who it was that nobody confirmed does not.
    FamilyLink.objects.filter(relative=record).update(relative=None)
    deletion.delete(ContactPoint.objects.filter(patient=record))
    return deletion.delete(Patient.objects.filter(pk=pk)) > 0


def _is_named_elsewhere(record: Patient) -> bool:
    """Whether anything at all names a record, of whatever table."""
    naming = (one for one in Patient._meta.related_objects if one.related_model not in OF_THE_RECORD)
    return any(QuerySet(one.related_model).filter(**{one.field.name: record}).exists() for one in naming)

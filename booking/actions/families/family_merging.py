"""The family links of two records that become one."""

from datetime import datetime

from django.db.models import Q

from booking.actions.families.family_links import free_number, let_lapse, record_act
from booking.families.errors import TooManyFamilyLinks
from booking.families.status import LIVE, FamilyAct, FamilyState
from booking.models import FamilyLink, Patient
from core.principal import Principal


def merge(kept: Patient, given_up: Patient, *, by: Principal, at: datetime) -> None:
    """Let links of a record that is given up be those of the one that is kept; both are locked.

    A link of somebody with themselves is taken back, and so are those that would be two for the same two people, or
    too many.
    """
    theirs = Q(patient__in=[kept, given_up]) | Q(relative__in=[kept, given_up])
    for lapsed in FamilyLink.objects.lapsed(at=at).filter(theirs).select_for_update(no_key=True).order_by("pk"):
        let_lapse(lapsed, at=at)
    for link in FamilyLink.objects.filter(relative=given_up).select_for_update(no_key=True).order_by("pk"):
        _name(link, patient=link.patient_id, relative=kept.pk, by=by, at=at)
    for link in FamilyLink.objects.filter(patient=given_up).select_for_update(no_key=True).order_by("pk"):
        if link.state in LIVE:
            _count(link, kept, by=by, at=at)
        _name(link, patient=kept.pk, relative=link.relative_id, by=by, at=at)


def _count(link: FamilyLink, kept: Patient, *, by: Principal, at: datetime) -> None:
    """Give a link a number among those of the kept record, or take it back where there is none left."""
    try:
        link.number = free_number(kept, at=at)
    except TooManyFamilyLinks:
        _take_back(link, by=by, at=at)


def _name(link: FamilyLink, *, patient: int, relative: int | None, by: Principal, at: datetime) -> None:
    """Let a link name these two records, if there may be one between them."""
    others = FamilyLink.objects.live(at=at).filter(patient=patient, relative=relative).exclude(pk=link.pk)
    doubled = relative is not None and (patient == relative or others.exists())
    if link.state in LIVE and doubled:
        _take_back(link, by=by, at=at)
    link.patient_id, link.relative_id = patient, relative
    link.save(update_fields=["patient", "relative", "number"])


def _take_back(link: FamilyLink, *, by: Principal, at: datetime) -> None:
    before = FamilyState(link.state)
    link.state, link.closed_at, link.mail_to = FamilyState.REVOKED, at, ""
    link.save(update_fields=["state", "closed_at", "mail_to"])
    record_act(link, FamilyAct.REVOKE, before=before, by=by.key, at=at)

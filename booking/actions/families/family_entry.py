"""Entering a member of a patient's family by staff who stand for them: record and family link in one act."""

from datetime import datetime
from typing import Unpack

from booking.actions.families import family_links
from booking.actions.families.family_links import Invitation
from booking.actions.patients import patients
from booking.families.status import FamilyAct, FamilyState
from booking.models import FamilyLink, Patient
from booking.patients.record_errors import PossibleDuplicates
from core.database.transactions import unit
from core.principal import Principal
from core.refusals import Invalid, Refusal


def enter(
    patient: Patient,
    invitation: Invitation,
    *,
    own: Patient | None = None,
    another_person: bool = False,
    by: Principal,
    at: datetime,
    **facts: Unpack[patients.Facts],
) -> FamilyLink:
    """Enter a member of a patient's family, and link them: staff stand for them with the invitation's reason.

    `own`: the record that is theirs already; `another_person`: as for every record. What is refused stays on record.
    Raises PossibleDuplicates, Invalid, NoFamilyTime, TooManyFamilyLinks, TooManyInvitations, AlreadyLinked.
    """
    try:
        return _entered(patient, invitation, own=own, another_person=another_person, by=by, at=at, **facts)
    except PossibleDuplicates:  # a question, and no refusal
        raise
    except Refusal as refusal:
        family_links.note_refusal(FamilyAct.INVITE, refusal, patient, by=by, at=at)
        raise


@unit
def _entered(
    patient: Patient,
    invitation: Invitation,
    *,
    own: Patient | None,
    another_person: bool,
    by: Principal,
    at: datetime,
    **facts: Unpack[patients.Facts],
) -> FamilyLink:
    if not invitation.reason.strip():
        raise Invalid("Say why, in a few words.", pointer="/reason")
    link = family_links.invite(patient, invitation, site=facts["site"], by=by, at=at)
    if link.state != FamilyState.INVITED:  # pressed twice
        return link
    theirs = own or patients.make(another_person=another_person, by=by, at=at, **facts)
    return family_links.claim(link, own=theirs, by=by, at=at)

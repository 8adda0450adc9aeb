"""People behind a mail's link correct themselves how they are reached."""

from datetime import datetime

from booking.actions import links
from booking.actions.patients import patients
from booking.models import ManageLink, Patient
from booking.models.patients import ContactSystem
from booking.patients.known_by_link import refuse_what_is_not_shown
from booking.patients.record_errors import AskByPhone
from core.database.transactions import unit


@unit
def correct(link: ManageLink, *, email: str, phone: str, at: datetime) -> Patient:
    """Let the patient of a link be reached like this from now on; an empty phone number is taken off.

    Another address ends the links that the old one holds, this one too, and both are told. Raises LinkMoved,
    AskByPhone, NewestLinkNeeded, Invalid.
    """
    visit, by = link.appointment, links.principal_of(link)
    patient = visit.patient = patients.lock_to_change(visit.patient, readdressed=True)
    # Until the patient was locked the address may have changed: whoever reads the old mailbox would take it back.
    links.refuse_ended(link)
    refuse_correction(link)
    patient = patients.change(patient, email=email, phone=phone, by=by, at=at)
    # Whoever has shown who they are has seen the number here: it is theirs.
    patient.contacts.filter(system=ContactSystem.PHONE, value=phone).update(typed_at=None)
    return patient


def refuse_correction(link: ManageLink) -> None:
    """Refuse it where the link does not show enough, or its patient signs in. Raises AskByPhone, NewestLinkNeeded."""
    refuse_what_is_not_shown(link)
    if link.appointment.patient.user_id is not None:
        raise AskByPhone

"""People behind a mail's link correct themselves how they are reached."""

from datetime import datetime

from booking.actions import links
from booking.actions.patients import patients
from booking.models import ManageLink, Patient
from booking.models.patients import ContactSystem
from booking.patients.own_contacts import may_correct
from booking.patients.record_errors import AskByPhone
from core.database.transactions import unit


@unit
def correct(link: ManageLink, *, email: str, phone: str, at: datetime) -> Patient:
    """Let the patient of a link be reached like this from now on; an empty phone number is taken off.

    Another address ends the links that the old one holds, this one too, and both are told. Raises AskByPhone, Invalid.
    """
    visit, by = link.appointment, links.principal_of(link)
    patient = visit.patient = patients.lock_to_change(visit.patient, readdressed=True)
    if not may_correct(visit):
        raise AskByPhone
    patient = patients.change(patient, email=email, phone=phone, by=by, at=at)
    # Whoever has shown who they are has seen the number here: it is theirs.
    patient.contacts.filter(system=ContactSystem.PHONE, value=phone).update(typed_at=None)
    return patient

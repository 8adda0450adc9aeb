"""Whom a link in a visit's mail shows somebody to be, once they know its patient's birth date as well."""

from datetime import date, datetime
from uuid import UUID

from booking import queries
from booking.models import Appointment, ManageLink, Patient, Proof, RecordAct, RecordChange
from booking.models.patients import ContactSystem
from booking.patients.deaths import has_died
from booking.patients.record_errors import AskByPhone, LinkNotTheirs, NewestLinkNeeded
from core.principal import Principal


def patient_known(link_id: UUID, *, mailed: bool, born: date, at: datetime) -> Patient:
    """Return the patient of a link that somebody opened with this birth date, by the rows as they stand now.

    `mailed`: they opened it by the token that is mailed alone.

    What hung on a record that was merged hangs on the other: it is theirs, if they were born on that day as well.
    Raises LinkNotTheirs, AskByPhone.
    """
    rows = ManageLink.objects.select_related("appointment__patient", "appointment__site")
    link = rows.filter(public_id=link_id, revoked_at=None, expires_at__gt=at).first()
    if link is None or link.appointment.patient.birth_date != born:
        raise LinkNotTheirs
    link.mailed = mailed
    if not went_to_its_patient(link):
        raise LinkNotTheirs
    refuse_who_died(link.appointment)
    return link.appointment.patient


def went_to_its_patient(link: ManageLink) -> bool:
    """Whether a visit's link is in nobody's hands but its patient's, as far as what is on record tells.

    A visitor who books is shown the link at once, and may have typed three facts of somebody else that many know. So it
    shows nothing of a record that such a booking reaches, or may have reached by a merging: but what was proven by a
    mail, and what is opened by the token that is mailed alone. Nor does a link that went to another address than mail
    goes to now.
    """
    visit = link.appointment
    patient, mail = visit.patient, queries.mail_of(visit.patient)
    if not mail or (patient.guest and not link.mailed and not queries.is_verified(patient, email=mail)):
        return False
    taken_over = RecordChange.objects.filter(patient=patient, act=RecordAct.TOOK_OVER, at__gte=visit.created_at)
    mailed = [_mails(one) for one in taken_over.values_list("was", flat=True)]
    if any(address != mail.casefold() for addresses in mailed for address in addresses):
        return False
    return link.mailed or not (patient.guest or mailed) or not _was_shown_unproven(visit)


def _was_shown_unproven(visit: Appointment) -> bool:
    """Whether the link was shown to a visitor who booked, and was asked for no proof of their address."""
    booked_by = visit.changes.order_by("pk").values_list("by", flat=True).first() or ""
    proven = Proof.objects.filter(appointment=visit).exclude(proven_at=None)
    return Principal(key=booked_by).visitor and not proven.exists()


def _mails(was: dict[str, object]) -> list[str]:
    """Return the addresses that a record had which was merged into another."""
    contacts = was.get("contacts")
    found = contacts if isinstance(contacts, list) else []
    return [value.casefold() for system, value in found if system == ContactSystem.EMAIL]


def refuse_what_is_not_shown(link: ManageLink) -> None:
    """Refuse what is a patient's own where a visit's link does not show enough, also with their birth date.

    A visitor who books is shown the link at once, and may have typed three facts of somebody else. They are answered
    alike whether there was a record of that person or this booking made one: who is known here is a secret.
    Raises AskByPhone, NewestLinkNeeded.
    """
    refuse_who_died(link.appointment)
    if not went_to_its_patient(link):
        raise NewestLinkNeeded


def refuse_who_died(visit: Appointment) -> None:
    """Refuse to book for a patient who has died: whoever reads their mail is spoken to. Raises AskByPhone."""
    if has_died(visit.patient):
        raise AskByPhone

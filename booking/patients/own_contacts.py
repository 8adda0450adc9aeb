"""Whether somebody behind a mail's link may say themselves how a patient is reached, once they know the birth date."""

from booking.models import Appointment
from booking.patients.deaths import has_died
from booking.patients.known_by_link import went_to_its_patient


def may_correct(visit: Appointment) -> bool:
    """Whether the link of a visit shows enough: it went to its patient, or nobody had the record before this booking.

    A visitor who books is shown the link at once, and may have typed three facts of somebody who has booked before:
    that person's mail must not go to them. Where a record was made by this booking, there is nobody else.
    """
    patient = visit.patient
    if patient.user_id is not None or patient.merged_into_id is not None or has_died(patient):
        return False
    return went_to_its_patient(visit) or is_made_by_booking(visit)


def is_made_by_booking(visit: Appointment) -> bool:
    """Whether a record came about with this visit, and has no other."""
    patient = visit.patient
    alone = not patient.appointments.exclude(pk=visit.pk).exists()
    return patient.guest and patient.created_at == visit.created_at and alone

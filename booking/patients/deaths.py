"""Who has died, as staff have noted it: nothing is offered or asked in their name any more."""

from booking.cancel_reasons import CancelReason
from booking.models import Appointment, Patient
from booking.status import Status


def has_died(patient: Patient) -> bool:
    """Whether staff have noted at an appointment that a patient died."""
    gone = Appointment.objects.filter(patient=patient, status=Status.CANCELLED, cancel_reason=CancelReason.DECEASED)
    return gone.exists()

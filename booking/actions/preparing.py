"""What is to be done before somebody comes who asked for help: it stands on the list of what is to be done."""

from datetime import datetime

from booking.access_needs import asked_with
from booking.actions import calls
from booking.models import Appointment, CallReason


def let_prepare(visit: Appointment, *, at: datetime) -> None:
    """Let staff do what is to be done before the patient of an appointment comes; needs its place, who treats.

    Of what needs nobody's doing, what stood on the list ends.
    """
    asked = asked_with(visit, visit.patient)
    place = visit.place.features if visit.place else None
    if asked and asked.waits_for_somebody(features=place, speaks=visit.practitioner.languages):
        calls.raise_for([visit.pk], CallReason.ACCESS, at=at, again=True)
    else:
        calls.end([visit.pk], CallReason.ACCESS, at=at)


def prepare_anew(visit: Appointment, *, at: datetime) -> None:
    """Let the same be done for an appointment that was made or has moved; of nobody who asked for nothing."""
    if asked_with(visit, visit.patient):
        let_prepare(visit, at=at)

"""What is said of an appointment whose time is not open any more: the clinic is closed, or who treats is away."""

from django.utils.translation import gettext as _

from booking.models import Appointment
from booking.status import Status


def cannot_take_place(visit: Appointment, *, proposed: bool = False) -> str:
    """Return what is said of it first. `proposed`: another time is proposed to its patient.

    Whoever is here already is moved once that is taken back.
    """
    if proposed:
        return _("Cannot take place at this time: another one is proposed to them, and they are to answer")
    if visit.status == Status.BOOKED:
        return _("Cannot take place at this time: find another time")
    return _("Cannot take place at this time: press Undo, then find another time")

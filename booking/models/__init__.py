"""The tables of promises."""

from booking.models.appointments import Appointment
from booking.models.changes import Change
from booking.models.holds import Hold
from booking.models.links import ManageLink
from booking.models.patients import ContactPoint, Enrolment, Patient

__all__ = ["Appointment", "Change", "ContactPoint", "Enrolment", "Hold", "ManageLink", "Patient"]

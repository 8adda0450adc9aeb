"""Booking in Django's admin: people, their visits, the calls to make, and limits that somebody met."""

from booking.admin.appointments import AppointmentAdmin
from booking.admin.calls import CallTaskAdmin
from booking.admin.patients import PatientAdmin
from booking.admin.unusual import UnusualBookingAdmin

__all__ = ["AppointmentAdmin", "CallTaskAdmin", "PatientAdmin", "UnusualBookingAdmin"]

"""Booking in Django's admin: the visits, the calls to make, and limits that somebody met."""

from booking.admin.appointments import AppointmentAdmin
from booking.admin.calls import CallTaskAdmin
from booking.admin.unusual import UnusualBookingAdmin

__all__ = ["AppointmentAdmin", "CallTaskAdmin", "UnusualBookingAdmin"]

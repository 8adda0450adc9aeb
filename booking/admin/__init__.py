"""Booking in Django's admin: the visits, the calls to make, and limits that somebody met."""

from booking.admin.calls import CallTaskAdmin
from booking.admin.unusual import UnusualBookingAdmin
from booking.admin.visits import AppointmentAdmin

__all__ = ["AppointmentAdmin", "CallTaskAdmin", "UnusualBookingAdmin"]

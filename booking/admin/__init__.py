"""Booking in Django's admin: the visits, and the calls to make."""

from booking.admin.calls import CallTaskAdmin
from booking.admin.visits import AppointmentAdmin

__all__ = ["AppointmentAdmin", "CallTaskAdmin"]

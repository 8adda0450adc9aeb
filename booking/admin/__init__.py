"""Booking in Django's admin: people, visits, requests to decide about, calls to make, limits that somebody met."""

from booking.admin.appointments import AppointmentAdmin
from booking.admin.call_requests import CallRequestAdmin
from booking.admin.calls import CallTaskAdmin
from booking.admin.patients import PatientAdmin
from booking.admin.requests import ReviewRequestAdmin
from booking.admin.unusual import UnusualBookingAdmin

__all__ = [
    "AppointmentAdmin",
    "CallRequestAdmin",
    "CallTaskAdmin",
    "PatientAdmin",
    "ReviewRequestAdmin",
    "UnusualBookingAdmin",
]

"""Appointments, the people who have them, and what they hold while they choose."""

"""Whoever comes to the desk, with an appointment or without one."""

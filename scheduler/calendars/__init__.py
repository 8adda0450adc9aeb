"""Calendars: opening hours, working hours, absences and closures in wall time, read as open ticks."""

"""Django's admin for calendars; the catalogue is there to look at."""

from scheduler.admin import calendars, catalogue, programs

__all__ = ["calendars", "catalogue", "programs"]

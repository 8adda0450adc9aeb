"""Django's admin for calendars; the catalogue is there to look at."""

from scheduler.admin import blocks, calendars, catalogue, programs

__all__ = ["blocks", "calendars", "catalogue", "programs"]

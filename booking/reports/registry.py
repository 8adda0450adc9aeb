"""What another app needs to add measures of its own to a report."""

from booking.reports.groups import MeasureSource, register
from booking.reports.measures import Better, Figure, Measure, MeasureUnit, share
from booking.reports.parts import PartCounts, counted_by_part
from booking.reports.report_query import OF_VISITS, ReportQuery
from booking.reports.visit_counts import reported_visits

__all__ = [
    "OF_VISITS",
    "Better",
    "Figure",
    "Measure",
    "MeasureSource",
    "MeasureUnit",
    "PartCounts",
    "ReportQuery",
    "counted_by_part",
    "register",
    "reported_visits",
    "share",
]

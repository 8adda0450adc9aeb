"""Minutes of practitioners and places, from the week sheets, and of what is kept for families."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import DurationField, ExpressionWrapper, F, QuerySet, Sum
from django.db.models.expressions import Combinable

from booking.families.family_measures import HeldFamilyTime, held_time
from booking.models import Appointment
from booking.reports.parts import ALL_TOGETHER, PartCounts, counted_by_part
from booking.reports.periods import A_WEEK
from booking.reports.report_query import Dimension, ReportQuery
from booking.reports.time_measures import PlaceCount, TimeCount
from booking.reports.visit_counts import reported_visits
from booking.reports.visit_measures import STOOD
from booking.status import Status
from scheduler import public as scheduler

CAME = sorted(STOOD - {Status.NOSHOW})


def time_counts(query: ReportQuery) -> PartCounts[TimeCount]:
    """Return how long people worked, and for how much of that there was somebody with them."""
    found: dict[object, list[TimeCount]] = defaultdict(list)
    for one in scheduler.people_time_use(query.site, _stretches(query)):
        key = _part(query, one.part, one.practitioner)
        found[key].append(TimeCount(works=one.works, hands=one.hands, anybody=one.anybody))
    for name, minutes in counted_by_part(query, reported_visits(query).filter(status__in=CAME), _lengths).items():
        found[name].extend(TimeCount(patients=one) for one in minutes)
    return found


def place_counts(query: ReportQuery) -> PartCounts[PlaceCount]:
    """Return how long places were open, and for how much of that they were taken."""
    found = scheduler.places_time_use(query.site, _stretches(query))
    return {one.part: [PlaceCount(open=one.open, taken=one.taken)] for one in found}


def _stretches(query: ReportQuery) -> Sequence[tuple[datetime, datetime]]:
    return query.weeks if query.dimension is Dimension.WEEK else [query.span]


def _part(query: ReportQuery, part: int, practitioner: int) -> int:
    return practitioner if query.dimension is Dimension.PRACTITIONER else part


def _lengths(rows: QuerySet[Appointment], key: Combinable) -> PartCounts[int]:
    length = ExpressionWrapper(F("period__endswith") - F("period__startswith"), DurationField())
    sums = rows.annotate(report_key=key).values_list("report_key").annotate(total=Sum(length))
    return {name: [int(total.total_seconds() // 60)] for name, total in sums if total is not None}


def family_time(query: ReportQuery) -> PartCounts[HeldFamilyTime]:
    """Return what was kept for families and is over, by week or together."""
    start, end = query.span
    found: dict[object, list[HeldFamilyTime]] = defaultdict(list)
    for one in held_time(query.site, start, by=query.by, at=end, single=""):
        weekly = query.dimension is Dimension.WEEK
        found[(one.week - query.days.mondays[0]) // A_WEEK if weekly else ALL_TOGETHER].append(one)
    return found

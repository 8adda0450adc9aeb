"""Counts of health questions that were answered in time, and of how soon answers were decided about."""

from collections import defaultdict
from datetime import timedelta

from django.db.models import Count, DateTimeField, Exists, ExpressionWrapper, Min, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from psycopg.types.range import TimestamptzRange

from booking.models import Appointment, ScreeningResponse
from booking.reports.check_measures import AnsweredCount, DecidedCount
from booking.reports.parts import STARTS, PartCounts, counted_by_part
from booking.reports.report_query import ReportQuery
from booking.reports.visit_counts import reported_visits
from booking.reports.visit_measures import STOOD
from booking.screening.policies import KEY, ScreeningAudience
from booking.status import Move
from booking.suitability.content import Disposition
from core.models import EVERY_AUDIENCE, Policy

IN_TIME = timedelta(hours=24)


def answered_counts(query: ReportQuery) -> PartCounts[AnsweredCount]:
    """Return of how many appointments the questions were answered a day before, where the site asked them."""
    asked = Q(pk__in=[])
    for effective in _in_force(query):
        during = Q(period__startswith__gte=effective.lower) if effective.lower else Q()
        asked |= during & (Q(period__startswith__lt=effective.upper) if effective.upper else Q())
    stood = reported_visits(query).filter(asked, status__in=sorted(STOOD), created_at__lte=_a_day_before())
    return counted_by_part(query, stood, _answered)


def _in_force(query: ReportQuery) -> list[TimestamptzRange]:
    here = Q(site=None) | Q(site=query.site)
    rows = Policy.objects.published().filter(here, key=KEY, audience__in=(EVERY_AUDIENCE, ScreeningAudience.PATIENT))
    return list(rows.values_list("effective", flat=True))


def _a_day_before() -> Combinable:
    return ExpressionWrapper(STARTS - Value(IN_TIME), DateTimeField())


def _answered(rows: QuerySet[Appointment], key: Combinable) -> PartCounts[AnsweredCount]:
    day_before = ExpressionWrapper(OuterRef("period__startswith") - Value(IN_TIME), DateTimeField())
    theirs = ScreeningResponse.objects.filter(appointment=OuterRef("pk"), companion=0, answered_at__lte=day_before)
    # All, and those who had answered: as a column, the database would look the answers up for each appointment alone.
    asked, answered = _numbers(rows, key), _numbers(rows.filter(Exists(theirs)), key)
    return {
        name: [
            AnsweredCount(in_time=True, number=answered.get(name, 0)),
            AnsweredCount(in_time=False, number=number - answered.get(name, 0)),
        ]
        for name, number in asked.items()
    }


def _numbers(rows: QuerySet[Appointment], key: Combinable) -> dict[object, int]:
    return dict(rows.annotate(report_key=key).values_list("report_key").annotate(Count("pk")))


def decided_counts(query: ReportQuery) -> PartCounts[DecidedCount]:
    """Return how soon answers were decided about: those before booking, and those about somebody's health."""
    rows = reported_visits(query)
    before = counted_by_part(query, rows.filter(suitability=Disposition.CLINICIAN_REVIEW), _before_booking)
    health = counted_by_part(query, rows, _about_health)
    return {name: [*before.get(name, ()), *health.get(name, ())] for name in before.keys() | health.keys()}


def _before_booking(rows: QuerySet[Appointment], key: Combinable) -> PartCounts[DecidedCount]:
    decided = Q(changes__move__in=(Move.APPROVE, Move.DECLINE))
    known = Coalesce("answered_at", "created_at")
    first = (
        rows.filter(decided)
        .annotate(report_key=key)
        .annotate(answers_at=known)
        .values_list("report_key", "pk", "answers_at")
    )
    found: dict[object, list[DecidedCount]] = defaultdict(list)
    for name, _pk, known_at, decided_at in first.annotate(Min("changes__at")):
        found[name].append(DecidedCount(minutes=(decided_at - known_at) // timedelta(minutes=1)))
    return found


def _about_health(rows: QuerySet[Appointment], key: Combinable) -> PartCounts[DecidedCount]:
    first = rows.filter(screenings__reviews__isnull=False).annotate(report_key=key)
    waits = first.values_list("report_key", "screenings", "screenings__answered_at")
    found: dict[object, list[DecidedCount]] = defaultdict(list)
    for name, _pk, answered_at, decided_at in waits.annotate(Min("screenings__reviews__decided_at")):
        found[name].append(DecidedCount(minutes=(decided_at - answered_at) // timedelta(minutes=1)))
    return found

"""Counts of appointments that were once booked, and of what became of cancelled ones, each in one statement."""

from collections import defaultdict
from datetime import timedelta

from django.db.models import (
    BooleanField,
    Case,
    Count,
    DateTimeField,
    ExpressionWrapper,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)  # fmt: skip
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from booking.cancel_reasons import CancelReason
from booking.models import Appointment, Change
from booking.reports.parts import STARTS, PartCounts, counted_by_part
from booking.reports.report_query import ReportQuery
from booking.reports.visit_measures import STOOD, RefillCount, VisitCount
from booking.status import Move, Status
from core.rights import Action, acting

NEVER_BOOKED = (CancelReason.EXPIRED, CancelReason.DECLINED, CancelReason.ERROR)
ONCE_BOOKED = Q(status__in=sorted(STOOD)) | Q(status=Status.CANCELLED) & ~Q(cancel_reason__in=NEVER_BOOKED)
LATEST = timedelta(minutes=10)
"""What begins no later than this is on time."""


def reported_visits(query: ReportQuery) -> QuerySet[Appointment]:
    """Return what was to begin at a site in some time, by now, as far as somebody may report it."""
    start, end = query.span
    rows = Appointment.objects.filter(site=query.site, period__startswith__gte=start, period__startswith__lt=end)
    if query.whole_site:
        return rows.order_by()
    mine = Appointment.objects.visible_to(acting(query.by, Action.SEE_REPORTS))
    return rows.filter(pk__in=mine.values("pk")).order_by()


def visit_counts(query: ReportQuery) -> PartCounts[VisitCount]:
    """Return counts of what was once booked."""
    return counted_by_part(query, reported_visits(query).filter(ONCE_BOOKED), _visits)


def _visits(rows: QuerySet[Appointment], key: Combinable) -> PartCounts[VisitCount]:
    waited = Func(Value("day"), STARTS - F("created_at"), function="date_part", output_field=IntegerField())
    begun = Case(
        When(started_at=None, then=Value(None)),
        When(started_at__lte=ExpressionWrapper(STARTS + Value(LATEST), DateTimeField()), then=Value(value=True)),
        default=Value(value=False),
        output_field=BooleanField(null=True),
    )
    alike = rows.annotate(report_key=key, lead=waited, on_time=begun)
    columns = alike.values_list("report_key", "status", "late_cancel", "lead", "on_time").annotate(Count("pk"))
    found: dict[object, list[VisitCount]] = defaultdict(list)
    for name, status, late, lead, on_time, number in columns:
        found[name].append(VisitCount(status=status, late=late, lead=int(lead), on_time=on_time, number=number))
    return found


def refill_counts(query: ReportQuery) -> PartCounts[RefillCount]:
    """Return of what was cancelled before it was to begin how soon its time went to somebody else, if it did."""
    rows = reported_visits(query).filter(ONCE_BOOKED, status=Status.CANCELLED, cancelled_at__lt=STARTS)
    return counted_by_part(query, rows, _refills)


def _refills(rows: QuerySet[Appointment], key: Combinable) -> PartCounts[RefillCount]:
    moved_there = Change.objects.filter(appointment=OuterRef("pk"), move=Move.RESCHEDULE).order_by("-pk")
    others = Appointment.objects.filter(
        practitioner=OuterRef("practitioner"),
        period__startswith=OuterRef("period__startswith"),
        status__in=sorted(STOOD),
    ).annotate(booked_at=Coalesce(Subquery(moved_there.values("at")[:1]), F("created_at")))
    again = others.filter(booked_at__gt=OuterRef("cancelled_at"), booked_at__lt=OuterRef("period__startswith"))
    taken_at = Subquery(again.order_by("booked_at").values("booked_at")[:1], output_field=DateTimeField())
    found: dict[object, list[RefillCount]] = defaultdict(list)
    alike = rows.annotate(report_key=key, wait=minutes_between(taken_at, F("cancelled_at")))
    for name, minutes, number in alike.values_list("report_key", "wait").annotate(Count("pk")):
        found[name].append(RefillCount(minutes=None if minutes is None else int(minutes), number=number))
    return found


def minutes_between(until: Combinable, since: Combinable) -> Combinable:
    """Return the whole minutes between two moments."""
    length = Func(until, since, function="age", template="(%(expressions)s)", arg_joiner=" - ")
    return Func(length, template="floor(extract(epoch FROM %(expressions)s) / 60)::int", output_field=IntegerField())

"""Counts of appointments that were once booked, told apart by week: read in one statement, however many there are."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, DateTimeField, F, Func, IntegerField, Q, QuerySet, Value
from django.db.models.expressions import Combinable

from booking.cancel_reasons import CancelReason
from booking.models import Appointment
from booking.reports.measures import STOOD, VisitCount
from booking.reports.periods import ReportDays, day_begins
from booking.status import Status
from core.models import Site
from core.principal import Principal
from core.rights import Action, Scope, acting, reaching

NEVER_BOOKED = (CancelReason.EXPIRED, CancelReason.DECLINED, CancelReason.ERROR)
ONCE_BOOKED = Q(status__in=sorted(STOOD)) | Q(status=Status.CANCELLED) & ~Q(cancel_reason__in=NEVER_BOOKED)
STARTS = F("period__startswith")


def counted_visits(site: Site, days: ReportDays, *, by: Principal, at: datetime) -> QuerySet[Appointment]:
    """Return what was once booked and was to begin on these days, by now, as far as somebody may report it."""
    start, end = days.span(site.tz)
    rows = Appointment.objects.filter(ONCE_BOOKED, site=site, period__startswith__gte=start)
    rows = rows.filter(period__startswith__lt=min(end, at)).order_by()
    if site.pk in by.sites(*reaching(Action.SEE_REPORTS, Scope.SITE)):
        return rows
    return rows.filter(pk__in=Appointment.objects.visible_to(acting(by, Action.SEE_REPORTS)).values("pk"))


def by_week(days: ReportDays, site: Site) -> Combinable:
    """Return the number of the week in which an appointment begins, counted from 0."""
    # The database looks the place up among so many moments: to reckon each one's wall time takes far longer.
    weeks = [day_begins(monday, site.tz) for monday in days.mondays[1:]]
    edges = Value(weeks, output_field=ArrayField(DateTimeField()))
    return Func(STARTS, edges, function="width_bucket", output_field=IntegerField())


def visit_counts(rows: QuerySet[Appointment], key: Combinable) -> Mapping[int, Sequence[VisitCount]]:
    """Return counts of appointments, told apart by a key."""
    waited = Func(Value("day"), STARTS - F("created_at"), function="date_part", output_field=IntegerField())
    told_apart = rows.annotate(report_key=key, lead=waited).values_list("report_key", "status", "late_cancel", "lead")
    found: dict[int, list[VisitCount]] = defaultdict(list)
    for name, status, late, lead, number in told_apart.annotate(Count("pk")):
        found[name].append(VisitCount(status=status, late=late, lead=int(lead), number=number))
    return found


def week_names(days: ReportDays) -> Sequence[date]:
    """Return the Mondays by which weeks are called, in the order of their numbers."""
    return days.mondays

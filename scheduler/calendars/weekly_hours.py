"""The working hours of somebody at a site as a week: those of every week and for everybody, and what lies beside."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time, timedelta

from django.db.models import Q

from core.models import Site
from scheduler.audience import EVERYONE
from scheduler.models import OpeningHours, Practitioner, WorkingHours


@dataclass(frozen=True, slots=True, order=True)
class WeeklyInterval:
    """When somebody works on an ISO weekday, by the clock of the site; midnight as an end is 24:00."""

    weekday: int
    starts: time
    ends: time


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingWeek:
    """The hours that hold on a day and can be changed as a week, and what of theirs stays beside them.

    `later`: from which days on other such hours are entered already.
    """

    intervals: tuple[WeeklyInterval, ...]
    others: tuple[WorkingHours, ...]
    later: tuple[date, ...]


def working_week(practitioner: Practitioner, site: Site, *, on: date) -> WorkingWeek:
    """Return somebody's week at a site as it is on a day."""
    rows = WorkingHours.objects.filter(practitioner=practitioner).exclude(valid_to__lte=on).select_related("site")
    rows = rows.order_by("weekday", "starts", "pk")
    plain = [one for one in rows if is_plain(one, site)]
    return WorkingWeek(
        intervals=tuple(interval_of(one) for one in plain if one.valid_from <= on),
        others=tuple(one for one in rows if one not in plain),
        later=tuple(sorted({one.valid_from for one in plain if one.valid_from > on})),
    )


def last_day_of(practitioner: Practitioner, *, on: date) -> date | None:
    """Return the last day on which somebody works anywhere, None where no end is said or they work no more."""
    ends = list(
        WorkingHours.objects.filter(practitioner=practitioner).exclude(valid_to__lte=on).values_list("valid_to")
    )
    known = [day for (day,) in ends if day is not None]
    return max(known) - timedelta(days=1) if known and len(known) == len(ends) else None


def opening_week(site: Site, *, on: date) -> WorkingWeek:
    """Return the week in which a site opens as it is on a day."""
    rows = list(OpeningHours.objects.filter(site=site).exclude(valid_to__lte=on).order_by("weekday", "opens", "pk"))
    return WorkingWeek(
        intervals=tuple(opening_interval(one) for one in rows if (one.valid_from or on) <= on),
        others=(),
        later=tuple(sorted({one.valid_from for one in rows if one.valid_from and one.valid_from > on})),
    )


def opening_interval(hours: OpeningHours) -> WeeklyInterval:
    """Return opening hours as an interval of a week."""
    return WeeklyInterval(hours.weekday, hours.opens, hours.closes)


def is_plain(hours: WorkingHours, site: Site) -> bool:
    """Whether hours are of every week, for everybody, at a site."""
    return hours.site_id == site.pk and hours.every_weeks == 1 and hours.audience == EVERYONE


def interval_of(hours: WorkingHours) -> WeeklyInterval:
    """Return hours as an interval of a week."""
    return WeeklyInterval(hours.weekday, hours.starts, hours.ends)


def plain_hours(practitioner: Practitioner, site: Site, *, since: date) -> list[WorkingHours]:
    """Return the hours of every week, for everybody, that hold at a site on a day or later."""
    rows = WorkingHours.objects.filter(practitioner=practitioner, site=site).filter(
        Q(valid_to=None) | Q(valid_to__gt=since), every_weeks=1, audience=EVERYONE
    )
    return list(rows.select_related("practitioner", "site").order_by("pk"))


def stays(hours: WorkingHours, wanted: Collection[WeeklyInterval], *, since: date) -> bool:
    """Whether hours hold already, without an end, as they are wanted from a day on."""
    return interval_of(hours) in wanted and hours.valid_to is None and hours.valid_from <= since

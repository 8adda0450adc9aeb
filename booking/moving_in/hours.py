"""A table of working hours: who treats on which days, from when until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.moving_in.kinds import ImportKind
from booking.moving_in.rows import Column, RowOutcome, RowReader, RowResult
from core.models import Site
from scheduler import public as scheduler

A_DAY = timedelta(days=1)
COLUMNS = (
    Column(key="practitioner", title=gettext_lazy("Practitioner"), says=gettext_lazy("their name"), example="Dana Wu",
           needed=True, also=("name",)),
    Column(key="days", title=gettext_lazy("Days"), also=("day", "weekday", "weekdays"), needed=True,
           says=gettext_lazy("such as Mon, or Mon, Wed, or Mon-Fri"), example="Mon, Wed-Fri"),
    Column(key="starts", title=gettext_lazy("From"), also=("start", "begins"),
           says=gettext_lazy("such as 09:00 or 9:00 AM"),
           example="09:00", needed=True),
    Column(key="ends", title=gettext_lazy("Until"), also=("end", "to"),
           says=gettext_lazy("such as 17:00; 24:00 is midnight"),
           example="17:00", needed=True),
    Column(key="site", title=gettext_lazy("Site"), also=("location",), says=gettext_lazy("empty: this site")),
    Column(key="every_weeks", title=gettext_lazy("Every … weeks"), also=("every weeks",), example="1",
           says=gettext_lazy("2 for every second week, counted from the first day; empty: every week")),
    Column(key="first_day", is_date=True, title=gettext_lazy("First day"), also=("valid from", "since"),
           says=gettext_lazy("a date; empty: today")),
    Column(key="last_day", is_date=True, title=gettext_lazy("Last day"), also=("valid to",),
           says=gettext_lazy("a date; empty: without an end")),
)  # fmt: skip
FIELDS = {
    "weekday": "days", "valid_from": "first_day", "valid_to": "last_day", "name": "practitioner", "starts": "starts",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class HoursRow:
    """What a row says of somebody's hours; what it does not say is None."""

    name: str
    site: Site
    days: Sequence[int]
    starts: time | None
    ends: time | None
    first: date | None
    last: date | None
    weeks: int | None


def read(row: RowReader) -> HoursRow:
    """Return what a row says; what is wrong with its cells is noted."""
    name, site, days = row.text("practitioner"), row.site("site"), row.days("days")
    starts, ends = row.time("starts"), row.time("ends")
    first, last = row.date("first_day"), row.date("last_day")
    return HoursRow(name, site, days, starts, ends, first, last, row.whole_number("every_weeks"))


def take(row: RowReader) -> RowOutcome:
    """Give whoever a row names their hours, on each of its days. Raises Refusal."""
    hours = read(row)
    name, site, starts, ends, first = hours.name, hours.site, hours.starts, hours.ends, hours.first
    called = f"{name}, {row.text('days')}" if name else ""
    if row.problems or starts is None or ends is None:
        return RowOutcome(result=RowResult.WRONG, name=called)
    who = scheduler.called(name, sites=[site])
    if who is None:
        said = _("Nobody called %(name)s treats at this site. Import the practitioners first.")
        row.complain("practitioner", said % {"name": name})
        return RowOutcome(result=RowResult.WRONG, name=called)
    first = first or row.setting.at.astimezone(site.tz).date()
    shared: dict[str, Any] = _shared(starts, ends, first, hours.last, hours.weeks)
    shifts = [scheduler.Shift(site=site, weekday=day, **shared) for day in hours.days]
    entered = [scheduler.enter_hours(who, one, by=row.setting.by, at=row.setting.at) for one in shifts]
    new = any(one.how == RowResult.NEW for one in entered)
    says = tuple(dict.fromkeys(warning for one in entered for warning in one.warnings))
    return RowOutcome(result=RowResult.NEW if new else RowResult.SAME, name=called, says=says)


def _shared(starts: time, ends: time, first: date, last: date | None, weeks: int | None) -> dict[str, Any]:
    """Return what the hours of all days of a row have in common."""
    return {
        "starts": starts,
        "ends": ends,
        "valid_from": first,
        "valid_to": last + A_DAY if last else None,
        "every_weeks": 1 if weeks is None else weeks,
    }


HOURS = ImportKind(
    key="hours",
    title=gettext_lazy("Working hours"),
    says=gettext_lazy("Practitioners come first. With this import their times are on sale. Hours that are there stay."),
    columns=COLUMNS,
    read=read,
    take=take,
    most=200,
    fields=FIELDS,
)

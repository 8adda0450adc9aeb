"""What can stand in a calendar: each check refuses with the field that is wrong, or the rows in the way."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any, TypedDict

from django.utils.translation import gettext as _

from core.models import Site
from core.refusals import refuse_invalid
from core.text.languages import when_in_words
from scheduler.audience import EVERYONE
from scheduler.calendars.clinic_zones import zone_of
from scheduler.calendars.hours import clash, on_grid
from scheduler.calendars.hours_audiences import wrong_with_audience
from scheduler.calendars.shifts import Shift, rule
from scheduler.errors import AbsenceClash, ClosureClash, HoursClash
from scheduler.intervals_in_words import interval_in_words
from scheduler.models import Absence, Closure, Practitioner, Resource, Therapy, WorkingHours
from scheduler.wall_time import MIDNIGHT, ends_later

YEARS = range(2000, 2100)
SUNDAY = 7
MOST_WEEKS = 52
LONGEST_NAME = 120


def check_shift(shift: Shift, *, practitioner: Practitioner, instead_of: WorkingHours | None = None) -> None:
    """Refuse a shift that cannot be, or that overlaps other working hours of the same person at any site.

    Hours for one audience may overlap hours for everyone at the same site: they go before those.
    """
    here = Resource.objects.filter(practitioner=practitioner, sites=shift.site).exists()
    on_five = _("Please give a time on full five minutes.")
    refuse_invalid(
        [
            *wrong_with_audience(shift.audience, shift.site),
            ("site", _("This person does not work at this site."), not here),
            ("weekday", _("A weekday is a number from 1 (Monday) to 7 (Sunday)."), not 1 <= shift.weekday <= SUNDAY),
            ("every_weeks", _("Give a number of weeks from 1 to 52."), not 1 <= shift.every_weeks <= MOST_WEEKS),
            ("starts", on_five, not on_grid(shift.starts)),
            ("ends", on_five, not on_grid(shift.ends)),
            (
                "ends",
                _("The end must be later than the start. Please enter work past midnight as two intervals."),
                not ends_later(shift.starts, shift.ends),
            ),
            ("valid_from", far_away(), shift.valid_from.year not in YEARS),
            ("valid_to", far_away(), shift.valid_to is not None and shift.valid_to.year not in YEARS),
            (
                "valid_to",
                _("The end of the hours must be later than their first day."),
                shift.valid_to is not None and shift.valid_to <= shift.valid_from,
            ),
        ]
    )
    _refuse_clash(shift, practitioner=practitioner, instead_of=instead_of)


def _refuse_clash(shift: Shift, *, practitioner: Practitioner, instead_of: WorkingHours | None) -> None:
    # All of the person's, not those of this weekday and site: hours in another zone may meet these on the day beside.
    others = WorkingHours.objects.filter(practitioner=practitioner).exclude(
        pk__in=[instead_of.pk] if instead_of else []
    )
    clashes, named = [], []
    for other in others.select_related("site"):
        if other.site == shift.site and (other.audience == EVERYONE) != (shift.audience == EVERYONE):
            continue  # the narrower goes before the wider
        met = clash(rule(shift), rule(other), zones=(shift.site.tz, other.site.tz))
        if met:
            hours = f"{other.get_weekday_display()} {interval_in_words(other.starts, other.ends)}"
            row = {"id": str(other.public_id), "site": other.site.key, "hours": hours, "first": met[0].isoformat()}
            clashes.append(row)
            named.append(f"{hours} ({other.site})")
    if clashes:
        raise HoursClash(_("These hours overlap: %(hours)s.") % {"hours": "; ".join(named)}, clashes=clashes)


def check_absence(
    practitioner: Practitioner, starts_at: datetime, ends_at: datetime, *, instead_of: Absence | None = None
) -> None:
    """Refuse an absence that is none, or that overlaps another of the same person."""
    refuse_invalid(
        [
            ("starts_at", far_away(), starts_at.year not in YEARS),
            ("ends_at", far_away(), ends_at.year not in YEARS),
            ("ends_at", _("The end must be later than the start."), ends_at <= starts_at),
        ]
    )
    # Refused, not joined: each absence has a reason of its own, and taking one back must not take the other.
    others = Absence.objects.filter(practitioner=practitioner, period__overlap=(starts_at, ends_at))
    met = others.exclude(pk__in=[instead_of.pk] if instead_of else []).order_by("period")
    clashes = [
        {"id": str(a.public_id), "start": a.period.lower.isoformat(), "end": a.period.upper.isoformat()} for a in met
    ]
    if clashes:
        raise AbsenceClash(_away_already(practitioner, met), clashes=clashes)


def _away_already(practitioner: Practitioner, met: Iterable[Absence]) -> str:
    """Return which absences are in the way, by the clock of the person's clinic, and what to do."""
    zone = zone_of(practitioner)
    named = "; ".join(
        _("from %(start)s until %(end)s (%(reason)s)")
        % {
            "start": when_in_words(a.period.lower, zone),
            "end": when_in_words(a.period.upper, zone),
            "reason": a.get_reason_display(),
        }
        for a in met
    )
    return _(
        "%(name)s is already away %(absences)s. Change that absence instead, or enter only the time before or after it."
    ) % {"name": practitioner.name, "absences": named}


class ClosureFields(TypedDict, total=False):
    """What is said of a closure: from the first day, or `starts` on it, until the last is over, or `ends` on it.

    Without a last day it lasts until further notice; with a `therapy` that one alone is not given.
    """

    therapy: Therapy | None
    first_on: date
    last_on: date | None
    starts: time | None
    ends: time | None
    name: str
    confirmed: bool


def check_closure(site: Site, wanted: ClosureFields, *, instead_of: Closure | None = None) -> dict[str, Any]:
    """Return the fields to write, or refuse a closure that is none, or that is entered already.

    What begins or ends at midnight takes whole days, and is written so.
    """
    # Judged as a whole, as it would be: a start that is sent alone may meet the end that stands.
    row = instead_of or Closure(site=site)
    for name, value in wanted.items():
        setattr(row, name, value)
    on_five, starts, ends = _("Please give a time on full five minutes."), row.starts or MIDNIGHT, row.ends or MIDNIGHT
    refuse_invalid(
        [
            ("first_on", far_away(), row.first_on.year not in YEARS),
            ("last_on", far_away(), row.last_on is not None and row.last_on.year not in YEARS),
            (
                "last_on",
                _("The last day cannot be before the first day."),
                row.last_on is not None and row.last_on < row.first_on,
            ),
            ("ends", _("Give a last day, or no time at which it ends."), row.last_on is None and ends != MIDNIGHT),
            ("starts", on_five, not on_grid(starts)),
            ("ends", on_five, not on_grid(ends)),
            (
                "ends",
                _("The end must be later than the start."),
                row.first_on == row.last_on and not ends_later(starts, ends),
            ),
            ("name", _("Please give it a name."), not row.name.strip()),
            ("name", _("Please use at most 120 letters."), len(row.name) > LONGEST_NAME),
        ]
    )
    # One spelling of whole days: else the same closure could be entered twice, once with times and once without.
    times = {"starts": None if starts == MIDNIGHT else starts, "ends": None if ends == MIDNIGHT else ends}
    same = Closure.objects.filter(
        site=site, therapy=row.therapy, first_on=row.first_on, starts=times["starts"], name=row.name
    )
    clashes = [str(c.public_id) for c in same.exclude(pk=row.pk)]
    if clashes:
        raise ClosureClash(clashes=clashes)
    return {**wanted, **{name: times[name] for name in times if name in wanted or instead_of is None}}


def far_away() -> str:
    """Return what is said of a date that must be a slip of the keyboard."""
    return _("Please give a year from 2000 to 2099.")

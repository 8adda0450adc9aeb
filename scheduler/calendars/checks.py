"""What can stand in a calendar: each check refuses with the field that is wrong, or the rows in the way."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.utils.translation import gettext as _

from core.models import Site
from core.refusals import Invalid
from scheduler.calendars.hours import Rule, clash, on_grid
from scheduler.calendars.open_hours import rule
from scheduler.errors import AbsenceClash, ClosureClash, HoursClash
from scheduler.models import Absence, Closure, Practitioner, Resource, WorkingHours

YEARS = range(2000, 2100)
SUNDAY = 7
MOST_WEEKS = 52
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Working hours as somebody wants them: wall time of the site, on an ISO weekday, every n-th week.

    Weeks are counted from that of `valid_from`; `valid_to` is the first day on which they no longer hold.
    """

    site: Site
    weekday: int
    starts: time
    ends: time
    valid_from: date
    valid_to: date | None = None
    every_weeks: int = 1

    @property
    def rule(self) -> Rule:
        """The interval without its site."""
        return Rule(
            weekday=self.weekday,
            starts=self.starts,
            ends=self.ends,
            every_weeks=self.every_weeks,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
        )


def shift_of(hours: WorkingHours) -> Shift:
    """Return working hours as they are."""
    return Shift(
        site=hours.site,
        weekday=hours.weekday,
        starts=hours.starts,
        ends=hours.ends,
        valid_from=hours.valid_from,
        valid_to=hours.valid_to,
        every_weeks=hours.every_weeks,
    )


def refuse(wrong: Iterable[tuple[str, str, bool]]) -> None:
    """Refuse as Invalid what is wrong in (field, what to say, whether it is wrong)."""
    errors = [{"pointer": f"/{field}", "detail": said} for field, said, is_wrong in wrong if is_wrong]
    if errors:
        raise Invalid(errors=errors)


def check_shift(shift: Shift, *, practitioner: Practitioner, instead_of: WorkingHours | None = None) -> None:
    """Refuse a shift that cannot be, or that overlaps other working hours of the same person at any site."""
    here = Resource.objects.filter(practitioner=practitioner, sites=shift.site).exists()
    on_five = _("Please give a time on full five minutes.")
    refuse(
        [
            ("site", _("This person does not work at this site."), not here),
            ("weekday", _("A weekday is a number from 1 (Monday) to 7 (Sunday)."), not 1 <= shift.weekday <= SUNDAY),
            ("every_weeks", _("Give a number of weeks from 1 to 52."), not 1 <= shift.every_weeks <= MOST_WEEKS),
            ("starts", on_five, not on_grid(shift.starts)),
            ("ends", on_five, not on_grid(shift.ends)),
            (
                "ends",
                _("The end must be later than the start. Please enter work past midnight as two intervals."),
                shift.ends <= shift.starts,
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
    others = WorkingHours.objects.filter(practitioner=practitioner).exclude(
        pk__in=[instead_of.pk] if instead_of else []
    )
    clashes = []
    for other in others.select_related("site"):
        met = clash(shift.rule, rule(other), zones=(shift.site.tz, other.site.tz))
        if met:
            hours = f"{other.get_weekday_display()} {other.starts:%H:%M}–{other.ends:%H:%M}"
            row = {"id": str(other.public_id), "site": other.site.key, "hours": hours, "first": met[0].isoformat()}
            clashes.append(row)
    if clashes:
        named = "; ".join(f"{c['hours']} ({c['site']})" for c in clashes)
        raise HoursClash(_("These hours overlap: %(hours)s.") % {"hours": named}, clashes=clashes)


def check_absence(
    practitioner: Practitioner, starts_at: datetime, ends_at: datetime, *, instead_of: Absence | None = None
) -> None:
    """Refuse an absence that is none, or that overlaps another of the same person."""
    refuse(
        [
            ("starts_at", far_away(), starts_at.year not in YEARS),
            ("ends_at", far_away(), ends_at.year not in YEARS),
            ("ends_at", _("The end must be later than the start."), ends_at <= starts_at),
        ]
    )
    others = Absence.objects.filter(practitioner=practitioner, period__overlap=(starts_at, ends_at))
    clashes = [
        {"id": str(a.public_id), "start": a.period.lower.isoformat(), "end": a.period.upper.isoformat()}
        for a in others.exclude(pk__in=[instead_of.pk] if instead_of else [])
    ]
    if clashes:
        raise AbsenceClash(clashes=clashes)


def check_closure(site: Site, first_on: date, last_on: date, name: str, *, instead_of: Closure | None = None) -> None:
    """Refuse a closure that is none, or that is entered already."""
    refuse(
        [
            ("first_on", far_away(), first_on.year not in YEARS),
            ("last_on", far_away(), last_on.year not in YEARS),
            ("last_on", _("The last day cannot be before the first day."), last_on < first_on),
            ("name", _("Please give it a name."), not name.strip()),
            ("name", _("Please use at most 120 letters."), len(name) > LONGEST_NAME),
        ]
    )
    same = Closure.objects.filter(site=site, first_on=first_on, name=name)
    clashes = [str(c.public_id) for c in same.exclude(pk__in=[instead_of.pk] if instead_of else [])]
    if clashes:
        raise ClosureClash(clashes=clashes)


def far_away() -> str:
    """Return what is said of a date that must be a slip of the keyboard."""
    return _("Please give a year from 2000 to 2099.")

"""The days that a report is about: whole weeks that are over, or two dates. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from core.text.typed_dates import date_typed, what_is_impossible

A_DAY, A_WEEK = timedelta(days=1), timedelta(weeks=1)
LAST_WEEKS = (4, 13)
"""So many whole weeks until last Sunday: a month, and a quarter."""

LONGEST = timedelta(days=366)


class UnusableDates(Exception):  # noqa: N818  (said in one sentence)
    """Dates that no report can be about. `words`: what is wrong, and what to do."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDays:
    """The days [first_on, last_on] by a clinic's clock."""

    first_on: date
    last_on: date

    @property
    def mondays(self) -> Sequence[date]:
        """The Mondays of the weeks that it touches."""
        first = monday_of(self.first_on)
        return [first + n * A_WEEK for n in range((self.last_on - first) // A_WEEK + 1)]

    def week_edges(self, zone: ZoneInfo) -> Sequence[datetime]:
        """Return when each of these weeks begins, and when the last one is over."""
        mondays = self.mondays
        return [day_begins(monday, zone) for monday in (*mondays, mondays[-1] + A_WEEK)]

    def span(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return from when until when that is, the end excluded."""
        return day_begins(self.first_on, zone), day_begins(self.last_on + A_DAY, zone)


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """Return when a day begins by a clinic's clock."""
    return datetime.combine(day, time(), zone)


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - day.weekday() * A_DAY


def last_weeks(number: int, *, today: date) -> ReportDays:
    """Return so many whole weeks that are over."""
    monday = monday_of(today)
    return ReportDays(first_on=monday - number * A_WEEK, last_on=monday - A_DAY)


def quarter_of(day: date) -> ReportDays:
    """Return the calendar quarter that a day lies in."""
    first = day.replace(month=day.month - (day.month - 1) % 3, day=1)
    after = (first + 3 * 31 * A_DAY).replace(day=1)
    return ReportDays(first_on=first, last_on=after - A_DAY)


def ended_quarters(number: int, *, today: date) -> list[ReportDays]:
    """Return the calendar quarters that ended last, the latest first."""
    found = [quarter_of(today)]
    for _number in range(number):
        found.append(quarter_of(found[-1].first_on - A_DAY))
    return found[1:]


def typed_days(first: str, last: str, *, today: date) -> ReportDays:
    """Return the days from one typed date to another. Raises UnusableDates."""
    first_on, last_on = date_typed(first), date_typed(last)
    if first_on is None or last_on is None:
        wrong = first if first_on is None else last
        said = (
            what_is_impossible(wrong) or _("“%s” is no date that can be read.") % wrong[:40]
            if wrong.strip()
            else _("Two dates are needed.")
        )
        raise UnusableDates(said + " " + _("Please type both as in 3/27/2026."))
    return days_between(first_on, last_on, today=today)


def days_between(first_on: date, last_on: date, *, today: date) -> ReportDays:
    """Return the days from one to another. Raises UnusableDates."""
    if first_on > last_on:
        raise UnusableDates(_("The first day lies after the last one: please turn them round."))
    if last_on > today:
        raise UnusableDates(_("A report looks back: please choose a last day up to today."))
    if last_on - first_on >= LONGEST:
        raise UnusableDates(_("A report is about a year at most: please choose a later first day."))
    return ReportDays(first_on=first_on, last_on=last_on)


def ended_quarter(first_on: date, last_on: date, *, today: date) -> ReportDays:
    """Return the calendar quarter that lies between two days. Raises UnusableDates where it is none, or not over."""
    found = quarter_of(first_on)
    if (found.first_on, found.last_on) != (first_on, last_on) or last_on >= today:
        raise UnusableDates(
            _("Groups of people are told apart for whole calendar quarters that are over, and no other days.")
        )
    return found


def asked_days(first_on: date | None, last_on: date | None, *, weeks: int, quarters: bool, today: date) -> ReportDays:
    """Return the days from one to another; the last weeks, or the last quarter, where none is named.

    `quarters`: they must be a quarter that is over. Raises UnusableDates.
    """
    if first_on is None and last_on is None:
        return ended_quarters(1, today=today)[0] if quarters else last_weeks(weeks, today=today)
    if first_on is None or last_on is None:
        raise UnusableDates(_("Please name the first day and the last one, or neither."))
    return (ended_quarter if quarters else days_between)(first_on, last_on, today=today)

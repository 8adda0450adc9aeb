"""The hours of a week as a form asks for them in its address: two intervals a day, from a day on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from booking.actions.impact.hours import NewWeek
from booking.actions.impact.opening import NewOpening
from booking.web.desk.shell import Desk
from booking.web.labels import wrong_day
from core.forms import TYPE_A_TIME
from core.text.languages import date_in_words, localized, wall_time_in_words, weekday_in_words
from core.text.typed_dates import date_typed, iso_date
from core.text.typed_times import time_typed
from scheduler import public as scheduler

FROM_DAY, SHOW = "since", "show"
A_MONDAY, A_DAY = date(2024, 1, 1), timedelta(days=1)
END_OF_DAY = "24:00"
INTERVALS = 2
"""So many a day can be typed at least: before a break, and after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedTime:
    """One field for a time."""

    name: str
    label: str
    value: str
    wrong: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedDay:
    """A day of the week with the times that were typed. `wrong`: what is not right about them together."""

    weekday: int
    name: str
    times: Sequence[TypedTime]
    wrong: str = ""

    @property
    def faulty(self) -> bool:
        """Whether anything of it is wrong."""
        return bool(self.wrong) or any(one.wrong for one in self.times)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedWeek:
    """The week that an address asks for, or the one that holds. `edit`: what would be saved, once it was asked for."""

    who: Any
    since: str
    days: Sequence[TypedDay]
    current: scheduler.WorkingWeek
    others: Sequence[str]
    later: Sequence[str]
    wrong_since: str = ""
    edit: NewWeek | NewOpening | None = None

    @property
    def wrong(self) -> bool:
        """Whether anything is not understood."""
        return bool(self.wrong_since) or any(day.faulty for day in self.days)


def asked_week(sent: Mapping[str, str], who: Any, desk: Desk) -> AskedWeek:  # noqa: ANN401  (a row of the scheduler's)
    """Return the week that an address asks for: the one that holds today where it says nothing."""

    def planned(intervals: tuple[scheduler.WeeklyInterval, ...], since: date) -> NewWeek:
        return NewWeek(practitioner=who, site=desk.site, intervals=intervals, since=since)

    return _asked(sent, desk, who, partial(scheduler.working_week, who, desk.site), planned)


def asked_opening(sent: Mapping[str, str], desk: Desk) -> AskedWeek:
    """Return the week in which the site opens that an address asks for: the one that holds where it says nothing."""

    def planned(intervals: tuple[scheduler.WeeklyInterval, ...], since: date) -> NewOpening:
        return NewOpening(site=desk.site, intervals=intervals, since=since, name=desk.site_name)

    return _asked(sent, desk, None, partial(scheduler.opening_week, desk.site), planned)


def _asked(
    sent: Mapping[str, str],
    desk: Desk,
    who: Any,  # noqa: ANN401  (as above)
    week_on: Callable[..., scheduler.WorkingWeek],
    planned: Callable[[tuple[scheduler.WeeklyInterval, ...], date], NewWeek | NewOpening],
) -> AskedWeek:
    typed = sent.get(FROM_DAY, "").strip()
    since = _day(typed) if typed else desk.today
    wrong_since = "" if since else wrong_day(typed)
    if since is not None and since < desk.today:
        wrong_since = _("What was worked already stays. Type today or a later day.")
    current = week_on(on=since or desk.today)
    days = [_typed_day(weekday, sent, current) for weekday in range(1, 8)]
    found: dict[str, Any] = {"who": who, "current": current, "days": days, "since": typed, "wrong_since": wrong_since}
    found |= {
        "others": [_other(one, desk) for one in current.others],
        "later": [date_in_words(d) for d in current.later],
    }
    if SHOW not in sent or wrong_since or since is None or any(day.faulty for day in days):
        return AskedWeek(**found)
    intervals = tuple(one for day in days for one in _intervals(day))
    return AskedWeek(edit=planned(intervals, since), **found)


def _day(text: str) -> date | None:
    try:
        return iso_date(text)
    except ValueError:
        return date_typed(text)


def _typed_day(weekday: int, sent: Mapping[str, str], current: scheduler.WorkingWeek) -> TypedDay:
    holds = [one for one in current.intervals if one.weekday == weekday]
    times: list[TypedTime] = []
    for n in range(max(INTERVALS, len(holds))):
        known = holds[n] if n < len(holds) else None
        for end, label in (("from", _("From")), ("to", _("Until"))):
            name = f"d{weekday}-{n + 1}-{end}"
            value = sent.get(name, "").strip() if SHOW in sent else _clock(known, end)
            wrong = str(TYPE_A_TIME) if value and _time(value) is None else ""
            times.append(TypedTime(name=name, label=label, value=value, wrong=wrong))
    day = TypedDay(weekday=weekday, name=weekday_of(weekday), times=times)
    return TypedDay(weekday=weekday, name=day.name, times=times, wrong=_wrong_with(day))


def weekday_of(weekday: int) -> str:
    """Return the name of an ISO weekday."""
    return weekday_in_words(A_MONDAY + A_DAY * (weekday - 1))


def _clock(known: scheduler.WeeklyInterval | None, end: str) -> str:
    if known is None:
        return ""
    moment = known.starts if end == "from" else known.ends
    # With its half of the day: 6:00 alone would be read as six in the evening, as at every other field.
    return END_OF_DAY if moment == time() and end == "to" else wall_time_in_words(moment)


def _time(text: str) -> time | None:
    return time() if text in {END_OF_DAY, "24"} else time_typed(text)


def _wrong_with(day: TypedDay) -> str:
    """Return what is not right about the times of a day together."""
    if any(one.wrong for one in day.times):
        return ""
    pairs = list(zip(day.times[::2], day.times[1::2], strict=True))
    if any(bool(start.value) != bool(end.value) for start, end in pairs):
        return _("Type both times, or leave both empty.")
    found = sorted(_intervals(day))
    if any(one.ends != time() and one.ends <= one.starts for one in found):
        return _("The end must be later than the start.")
    if any(first.ends == time() or first.ends > second.starts for first, second in pairwise(found)):
        return _("These times overlap.")
    return ""


def _intervals(day: TypedDay) -> list[scheduler.WeeklyInterval]:
    found = []
    for start, end in zip(day.times[::2], day.times[1::2], strict=True):
        starts, ends = _time(start.value) if start.value else None, _time(end.value) if end.value else None
        if starts is not None and ends is not None:
            found.append(scheduler.WeeklyInterval(day.weekday, starts, ends))
    return found


def weekdays_in_words(asked: AskedWeek) -> list[tuple[str, str, str]]:
    """Return the days that change: the day, its hours until now, and those from then on."""
    changed = []
    for day in asked.days:
        before = [one for one in asked.current.intervals if one.weekday == day.weekday]
        now = sorted(_intervals(day))
        if sorted(before) != now:
            changed.append((day.name, hours_in_words(before), hours_in_words(now)))
    return changed


def hours_in_words(intervals: Sequence[scheduler.WeeklyInterval]) -> str:
    """Return the hours of a day."""
    both = (f"{wall_time_in_words(one.starts)} – {wall_time_in_words(one.ends)}" for one in intervals)
    return ", ".join(both) or _("none")


def _other(hours: Any, desk: Desk) -> str:  # noqa: ANN401  (a row of the scheduler's)
    """Return hours that stay beside the week: elsewhere, of every n-th week, or for some people alone."""
    interval = scheduler.WeeklyInterval(hours.weekday, hours.starts, hours.ends)
    said = f"{weekday_of(hours.weekday)} {hours_in_words([interval])}"
    if hours.site_id != desk.site.pk:
        return _("%(hours)s at %(site)s") % {"hours": said, "site": localized(hours.site.name)}
    if hours.every_weeks > 1:
        return _("%(hours)s, every %(count)d weeks") % {"hours": said, "count": hours.every_weeks}
    return _("%(hours)s, not for everybody") % {"hours": said}

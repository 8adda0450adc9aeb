"""When somebody is busy, as their calendar elsewhere says (RFC 5545): stretches of time, and nothing of what they are.

Titles, places and guests are never read. No database, and no clock but for how long the reading takes.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from time import process_time
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from django.utils.translation import gettext as _
from icalendar import Calendar

from core.refusals import Invalid

BusyPeriod = tuple[datetime, datetime]
Loose = Any
"""What icalendar hands out: its parts come without types; a zone is one of these as well."""

A_DAY = timedelta(days=1)
LARGEST = 1_000_000
MOST_EVENTS, MOST_STRETCHES, MOST_STEPS = 5_000, 1_000, 20_000
MOST_SECONDS = 5.0
"""Of computing, for a whole calendar. A rule that never comes is tried for each day until the year 9999, which takes
some seconds: whoever writes five thousand of them keeps nobody else waiting."""

TIME = re.compile(r"\d{6,}(?:T\d+)?Z?")
"""A time in what is said of one that cannot be read."""

ZONED = ("DTSTART", "DTEND", "RECURRENCE-ID", "RDATE", "EXDATE")
"""What of an event may be told in a zone of its own."""

FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
FREE = frozenset({"FREE", "WORKINGELSEWHERE"})
EARLIEST, LATEST = datetime(2000, 1, 2, tzinfo=UTC), datetime(2099, 12, 30, tzinfo=UTC)
"""No absence begins earlier, or ends later: what lasts longer is cut there."""


def busy_stretches(content: bytes, *, zone: ZoneInfo, since: datetime, until: datetime) -> list[BusyPeriod]:
    """Return when a calendar says that its owner is busy between two moments, joined where it meets, in UTC.

    `zone`: of what the calendar says without one, such as whole days. Raises Invalid.
    """
    if len(content) > LARGEST:
        raise Invalid(_("This calendar is larger than 1 MB. Export the months to come alone."))
    try:
        calendars = Calendar.from_ical(content, multiple=True)
    except (ValueError, IndexError, KeyError) as error:
        raise Invalid(_("This is no calendar. Export it as an .ics file.")) from error
    if not calendars:
        raise Invalid(_("This is no calendar. Export it as an .ics file."))
    found = [one for calendar in calendars for one in _of_calendar(calendar, zone, since, until)]
    joined = _joined(one for one in found if one[0] < until and since < one[1])
    if len(joined) > MOST_STRETCHES:
        said = _("This calendar has more than %(most)d busy times in the months to come. Export a part of it.")
        raise Invalid(said % {"most": MOST_STRETCHES})
    return joined


def _of_calendar(calendar: Loose, zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[BusyPeriod]:
    events = calendar.walk("VEVENT")
    if len(events) > MOST_EVENTS:
        raise Invalid(_("This calendar has more than %(most)d events. Export a part of it.") % {"most": MOST_EVENTS})
    moved, begun = _moved(events, zone), process_time()
    for event in events:
        if process_time() - begun > MOST_SECONDS:
            raise Invalid(_("Reading this calendar takes too long. Export the months to come alone."))
        with _readable(event):
            found = list(_of_event(event, zone, since, until, moved.get(str(event.get("UID")), frozenset())))
        yield from ((max(start, EARLIEST), min(end, LATEST)) for start, end in found)
    for busy in calendar.walk("VFREEBUSY"):
        with _readable(busy):
            found = list(_of_free_busy(busy, zone))
        yield from found


@contextmanager
def _readable(event: Loose) -> Iterator[None]:
    """Refuse what cannot be read of an event, by the time at which it says that it begins. Raises Invalid."""
    # Left out, its time would be on sale, and nobody would know.
    try:
        yield
    except (ValueError, TypeError, AttributeError, OverflowError) as error:
        wrong = next(filter(None, (TIME.search(line) for _name, line in event.errors)), None)
        said = _(
            "An event of this calendar has a time that cannot be read (%(time)s). Correct it there, or take it out."
        )
        raise Invalid(said % {"time": wrong[0] if wrong else _begin_of(event)}) from error


def _refuse_backwards(event: Loose, length: timedelta) -> None:
    """Refuse what ends before it begins: nobody knows which of the two is meant. Raises Invalid."""
    if length < timedelta():
        said = _("An event of this calendar ends before it begins (%(time)s). Correct it there, or take it out.")
        raise Invalid(said % {"time": _begin_of(event)})


def _begin_of(event: Loose) -> str:
    start = event.get("DTSTART")
    return start.to_ical().decode() if start is not None else "DTSTART"


def _moved(events: Iterable[Any], zone: ZoneInfo) -> dict[str, frozenset[datetime]]:
    """Return which times of recurring events are told by an event of their own, by the ids of the events."""
    found: dict[str, set[datetime]] = {}
    for event in events:
        if (then := event.get("RECURRENCE-ID")) is not None:
            with _readable(event):
                found.setdefault(str(event.get("UID")), set()).add(_instant(then.dt, zone))
    return {uid: frozenset(times) for uid, times in found.items()}


def _of_event(
    event: Loose,
    zone: ZoneInfo,
    since: datetime,
    until: datetime,
    moved: frozenset[datetime],
) -> Iterator[BusyPeriod]:
    if "DTSTART" not in event or not _is_busy(event):
        return
    _refuse_unknown_zone(event)
    start = event["DTSTART"].dt
    length = _length(event, start, zone)
    _refuse_backwards(event, length)
    if not length:  # a moment, such as a reminder, takes no time
        return
    if event.get("RECURRENCE-ID") is not None or ("RRULE" not in event and "RDATE" not in event):
        begins = _instant(start, zone)
        yield begins, begins + length
        return
    for begins in _recurring(event, start, zone, since - length, until):
        if begins not in moved:
            yield begins, begins + length


def _is_busy(event: Loose) -> bool:
    cancelled = str(event.get("STATUS", "")).upper() == "CANCELLED"
    transparent = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
    return not (cancelled or transparent or str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper() in FREE)


def _refuse_unknown_zone(event: Loose) -> None:
    """Refuse times in a zone that nobody knows here: read by another clock, they would be other times."""
    for told in (one for name in ZONED for one in _listed(event.get(name))):
        named = told.params.get("TZID")
        if named and any(isinstance(one, datetime) and one.tzinfo is None for one in _times(told)):
            said = _(
                "An event is in the time zone “%(zone)s”, which is not known here. Correct it there, or take it out."
            )
            raise Invalid(said % {"zone": named})


def _times(told: Loose) -> list[Loose]:
    """Return the times of a property: one, or of a list each; of stretches their beginnings."""
    times = [one.dt for one in told.dts] if hasattr(told, "dts") else [told.dt]
    return [one[0] if isinstance(one, tuple) else one for one in times]


def _length(event: Loose, start: date | datetime, zone: ZoneInfo) -> timedelta:
    if "DTEND" in event:
        return _instant(event["DTEND"].dt, zone) - _instant(start, zone)
    if "DURATION" in event:
        length: timedelta = event["DURATION"].dt
        return length
    return timedelta() if isinstance(start, datetime) else A_DAY


def _recurring(
    event: Loose,
    start: date | datetime,
    zone: ZoneInfo,
    since: datetime,
    until: datetime,
) -> Iterator[datetime]:
    """Yield when a recurring event begins in [since, until), by the clock of its own zone."""
    own = start.tzinfo if isinstance(start, datetime) and start.tzinfo else zone
    wall, ends = _wall(start, own), _wall(until, own)
    begins = {wall}
    for rule in _listed(event.get("RRULE")):
        begins |= set(_by_rule(rule, wall, ends, own))
    begins |= set(_dates(event.get("RDATE"), own))
    for one in sorted(begins - set(_dates(event.get("EXDATE"), own))):
        instant = one.replace(tzinfo=own).astimezone(UTC)
        if since < instant < until:
            yield instant


def _by_rule(rule: Loose, wall: datetime, ends: datetime, own: Loose) -> Iterator[datetime]:
    """Yield when a rule begins, by the clock on the wall, until `ends`: each rule ends somewhere, whatever it says."""
    if str(_first(rule, "FREQ")).upper() not in FREQUENCIES:
        raise Invalid(
            _("An event recurs more often than every day. Take it out of the calendar, or export a part of it.")
        )
    count, last = _first(rule, "COUNT"), _first(rule, "UNTIL")
    if last is not None:
        ends = min(ends, _wall(last, own) if isinstance(last, datetime) else datetime.combine(last, time.max))
    told = {name: value for name, value in rule.items() if name.upper() not in {"COUNT", "UNTIL"}}
    text = type(rule)(told).to_ical().decode()
    # The count by hand: so a rule that never comes to its number ends as well.
    dates = rrulestr(text, dtstart=wall).replace(until=ends)
    for number, begins in enumerate(dates):
        if count is not None and number >= int(count):
            return
        if number > MOST_STEPS:
            raise Invalid(_("An event recurs since too long ago. Let it begin this year."))
        yield begins


def _first(rule: Loose, name: str) -> Loose:
    found = _listed(rule.get(name))
    return found[0] if found else None


def _dates(value: Loose, own: Loose) -> Iterator[datetime]:
    for group in _listed(value):
        for one in group.dts:
            yield _wall(one.dt[0] if isinstance(one.dt, tuple) else one.dt, own)


def _of_free_busy(busy: Loose, zone: ZoneInfo) -> Iterator[BusyPeriod]:
    for one in _listed(busy.get("FREEBUSY")):
        if str(one.params.get("FBTYPE", "BUSY")).upper() == "FREE":
            continue
        start, end = one.dt if isinstance(one.dt, tuple) else (one.start, one.end)
        begins = _instant(start, zone)
        ends = begins + end if isinstance(end, timedelta) else _instant(end, zone)
        _refuse_backwards(busy, ends - begins)
        yield begins, ends


def _listed(value: Loose) -> list[Loose]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _wall(told: date | datetime, own: Loose) -> datetime:
    """Return a time as the wall clock of a zone shows it."""
    if not isinstance(told, datetime):
        return datetime.combine(told, time())
    return told.astimezone(own).replace(tzinfo=None) if told.tzinfo else told


def _instant(told: date | datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(told, datetime):
        return datetime.combine(told, time(), zone).astimezone(UTC)
    return (told if told.tzinfo else told.replace(tzinfo=zone)).astimezone(UTC)


def _joined(stretches: Iterable[BusyPeriod]) -> list[BusyPeriod]:
    """Return stretches in order, those as one that overlap or meet."""
    found: list[BusyPeriod] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def without(stretches: Iterable[BusyPeriod], taken: Iterable[BusyPeriod]) -> list[BusyPeriod]:
    """Return what of stretches, which meet nowhere, none of `taken` covers."""
    found, other = list(stretches), sorted(taken)
    for start, end in other:
        found = (
            [
                part
                for one in found
                for part in ((one[0], min(one[1], start)), (max(one[0], end), one[1]))
                if part[0] < part[1]
            ]
            if any(one[0] < end and start < one[1] for one in found)
            else found
        )
    return sorted(set(found))

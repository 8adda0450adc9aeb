"""Calendar objects (RFC 5545, RFC 5546): one visit as an invitation, a cancellation, or a file to keep."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from icalendar import vDDDTypes, vText
from icalendar.parser import Contentline, Parameters

PRODUCT = "-//Meridian//Appointments//EN"
OCTETS_A_LINE = 75
ESCAPES = re.compile(r"[\\^]")
PLAIN_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+", re.ASCII)
CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
YEARS_LOOKED_AT = 10
ALARM_BEFORE = timedelta(hours=2)
READ_EVERY = "PT15M"


class Method(StrEnum):
    """What a calendar is to do with the object; the MIME type's `method` says the same."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    PUBLISH = "PUBLISH"


class EventStatus(StrEnum):
    """How sure it is that the event takes place."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """One visit for a calendar. Its texts must be neutral: calendars are shared and shown on locked screens."""

    uid: str
    sequence: int
    stamped_at: datetime
    starts_at: datetime
    ends_at: datetime
    zone: ZoneInfo
    summary: str
    location: str
    description: str = ""
    url: str = ""
    organizer: str = ""
    organizer_name: str = ""
    attendee: str = ""
    status: EventStatus = EventStatus.CONFIRMED
    alarm: bool = True


def uid(public_id: UUID) -> str:
    """Return the name of an appointment in calendars: the same through all its moves."""
    return f"{public_id}@meridian"


def invitation(entry: CalendarEntry, *, method: Method) -> bytes:
    """Return the visit as iCalendar text: CRLF, lines of at most 75 octets that never split a character.

    REQUEST and CANCEL name organizer and attendee (RFC 5546); PUBLISH, a file to keep, names neither.
    """
    rules = _timezone(entry.zone.key, entry.starts_at.year)
    event = "\r\n".join(map(_folded, _event(entry, method=method, zone=entry.zone if rules else None)))
    return f"{_head(method, rules)}\r\n{event}\r\nEND:VCALENDAR\r\n".encode()


def calendar_feed(entries: Iterable[CalendarEntry], *, name: str) -> bytes:
    """Return many visits as one calendar that programs read again and again; all times are in UTC.

    No VTIMEZONE is needed so, of which programs make different things.
    """
    lines = [
        *(_head(Method.PUBLISH, ()).split("\r\n")),
        f"X-WR-CALNAME:{_escaped(name)}",
        f"REFRESH-INTERVAL;VALUE=DURATION:{READ_EVERY}",
        f"X-PUBLISHED-TTL:{READ_EVERY}",
        *(_folded(line) for one in entries for line in _event(one, method=Method.PUBLISH, zone=None)),
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines).encode()


@lru_cache(maxsize=256)
def _head(method: Method, rules: tuple[str, ...]) -> str:
    """Return what stands above the event: the same for all visits of a zone and a year."""
    return "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            f"PRODID:{PRODUCT}",
            "VERSION:2.0",
            "CALSCALE:GREGORIAN",
            f"METHOD:{method}",
            *map(_folded, rules),
        ]
    )


def _event(entry: CalendarEntry, *, method: Method, zone: ZoneInfo | None) -> list[str]:
    """Return the lines of the VEVENT, its times in `zone` or (None) in UTC."""
    status = EventStatus.CANCELLED if method is Method.CANCEL else entry.status
    called_off = status is EventStatus.CANCELLED
    return [
        "BEGIN:VEVENT",
        f"UID:{_escaped(entry.uid)}",
        f"SEQUENCE:{entry.sequence}",
        _when("DTSTAMP", entry.stamped_at, None),
        _when("DTSTART", entry.starts_at, zone),
        _when("DTEND", entry.ends_at, zone),
        f"SUMMARY:{_escaped(entry.summary)}",
        f"LOCATION:{_escaped(entry.location)}",
        *([f"DESCRIPTION:{_escaped(entry.description)}"] if entry.description else []),
        *([f"URL:{_clean(entry.url)}"] if entry.url else []),
        # A shared calendar then shows that somebody is busy, and not with what.
        "CLASS:PRIVATE",
        f"STATUS:{status}",
        f"TRANSP:{'TRANSPARENT' if called_off else 'OPAQUE'}",
        *([] if method is Method.PUBLISH else _people(entry)),
        *(_alarm(entry) if entry.alarm and not called_off else []),
        "END:VEVENT",
    ]


def _people(entry: CalendarEntry) -> list[str]:
    """Say who invites and who is invited. No answer is asked for: the visit is already agreed."""
    attendee = _clean(entry.attendee)
    return [
        _organizer(entry.organizer, entry.organizer_name or entry.organizer),
        f"ATTENDEE;{_named(attendee)};PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:{attendee}",
    ]


@lru_cache(maxsize=8)
def _organizer(address: str, name: str) -> str:
    return f"ORGANIZER;{_named(_clean(name))}:mailto:{_clean(address)}"


def _named(name: str) -> str:
    """Return the parameter that says what somebody is called, quoted where it has to be."""
    return f"CN={name}" if PLAIN_ADDRESS.fullmatch(name) else str(Parameters({"CN": name}).to_ical().decode())


def _alarm(entry: CalendarEntry) -> list[str]:
    """Return an alarm some time before the visit; it says no more than the summary."""
    return [
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_escaped(entry.summary)}",
        f"TRIGGER:{vDDDTypes(-ALARM_BEFORE).to_ical().decode()}",
        "END:VALARM",
    ]


def _when(name: str, at: datetime, zone: ZoneInfo | None) -> str:
    """Return a property that holds an instant, as wall time in `zone` or (None) in UTC.

    A wall time that comes twice is read as the first one (RFC 5545, 3.3.5): the second is written in UTC.
    """
    local = at.astimezone(zone or UTC)
    if zone is None or local.fold:
        return f"{name}:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return f"{name};TZID={zone.key}:{local:%Y%m%dT%H%M%S}"


def _clean(text: str) -> str:
    """Return `text` without the control characters that no calendar line may hold; line ends stay, to be escaped."""
    return CONTROLS.sub("", text)


@lru_cache(maxsize=1024)
def _escaped(text: str) -> str:
    """Return `text` as a TEXT value."""
    return str(vText(_clean(text)).to_ical().decode())


def _folded(line: str) -> str:
    """Return the line in pieces of at most 75 octets."""
    if not line.isascii() or ESCAPES.search(line):
        return _folded_by_library(line)
    if len(line) < OCTETS_A_LINE:
        return line
    piece = OCTETS_A_LINE - 1  # as the library does, which leaves room for the space that a piece begins with
    return "\r\n ".join(line[at : at + piece] for at in range(0, len(line), piece))


@lru_cache(maxsize=1024)
def _folded_by_library(line: str) -> str:
    """Return a line with other letters, or with escapes, in pieces that split none of them."""
    return str(Contentline(line).to_ical().decode())  # type: ignore[no-untyped-call]  # the library has no types here


@dataclass(frozen=True, slots=True)
class Onset:
    """A change of the clocks: when it happens on the clock before it, the offsets around it, and the new name."""

    wall: datetime
    before: timedelta
    after: timedelta
    name: str

    @property
    def nth_weekday(self) -> str:
        """The weekday counted from the front of its month, such as "2SU"."""
        return f"{(self.wall.day - 1) // 7 + 1}{WEEKDAYS[self.wall.weekday()]}"

    @property
    def last_weekday(self) -> str | None:
        """The weekday as the last of its month, such as "-1SU", or None when it comes again."""
        comes_again = (self.wall + timedelta(days=7)).month == self.wall.month
        return None if comes_again else f"-1{WEEKDAYS[self.wall.weekday()]}"


@lru_cache(maxsize=256)
def _timezone(key: str, year: int) -> tuple[str, ...]:
    """Return the lines of a VTIMEZONE for events from `year` on, or none where events are better given in UTC.

    Yearly rules of our own: listings of single dates are read an hour late by some calendars. A zone whose changes
    follow no rule of the kind "second Sunday of March", and a zone that is UTC, gets no VTIMEZONE.
    """
    zone = ZoneInfo(key)
    years = [_onsets(zone, y) for y in range(year - 1, year + YEARS_LOOKED_AT)]
    parts = _yearly(years) if any(years) else _steady(zone, year)
    return ("BEGIN:VTIMEZONE", f"TZID:{key}", *parts, "END:VTIMEZONE") if parts else ()


def _steady(zone: ZoneInfo, year: int) -> list[str]:
    """Return the single part of a zone whose clocks do not change, or nothing for UTC."""
    starts = datetime(year - 1, 1, 1, tzinfo=zone)
    offset = starts.utcoffset() or timedelta()
    if not offset:
        return []
    return _part(Onset(starts.replace(tzinfo=None), offset, offset, starts.tzname() or zone.key), rule=None)


def _yearly(years: list[list[Onset]]) -> list[str]:
    """Return one part per yearly change, or nothing when the years do not follow the same rules."""
    if len({len(onsets) for onsets in years}) != 1:
        return []
    lines: list[str] = []
    for same_change in zip(*years, strict=True):
        rule = _rule(same_change)
        if rule is None:
            return []
        lines += _part(same_change[0], rule=rule)
    return lines


def _rule(onsets: Iterable[Onset]) -> str | None:
    """Return the yearly rule that all these onsets follow, or None."""
    same = {(o.before, o.after, o.name, o.wall.time(), o.wall.month) for o in onsets}
    if len(same) != 1:
        return None
    month = same.pop()[-1]
    for weekdays in ({o.nth_weekday for o in onsets}, {o.last_weekday for o in onsets}):
        weekday = weekdays.pop()
        if weekday and not weekdays:
            return f"RRULE:FREQ=YEARLY;BYMONTH={month};BYDAY={weekday}"
    return None


def _part(onset: Onset, *, rule: str | None) -> list[str]:
    """Return a STANDARD or DAYLIGHT part."""
    part = "DAYLIGHT" if onset.after > onset.before else "STANDARD"
    return [
        f"BEGIN:{part}",
        f"DTSTART:{onset.wall:%Y%m%dT%H%M%S}",
        f"TZOFFSETFROM:{_signed(onset.before)}",
        f"TZOFFSETTO:{_signed(onset.after)}",
        f"TZNAME:{onset.name}",
        *([rule] if rule else []),
        f"END:{part}",
    ]


def _signed(offset: timedelta) -> str:
    """Return an offset such as "-0600"."""
    minutes = offset // timedelta(minutes=1)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"


def _onsets(zone: ZoneInfo, year: int) -> list[Onset]:
    """Return the changes of the clocks in a UTC year, found by halving the days on which the offset differs."""
    found = []
    day = datetime(year, 1, 1, tzinfo=UTC)
    while day.year == year:
        after = day + timedelta(days=1)
        if _offset(zone, day) != _offset(zone, after):
            found.append(_onset(zone, _halve(zone, day, after)))
        day = after
    return found


def _halve(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the first minute (UTC) with the offset of `after`."""
    while after - before > timedelta(minutes=1):
        middle = before + timedelta(minutes=(after - before) // timedelta(minutes=2))
        before, after = (before, middle) if _offset(zone, middle) == _offset(zone, after) else (middle, after)
    return after


def _onset(zone: ZoneInfo, at: datetime) -> Onset:
    """Describe the change of the clocks that takes effect at `at` (UTC)."""
    before = _offset(zone, at - timedelta(minutes=1))
    name = at.astimezone(zone).tzname() or zone.key
    return Onset((at + before).replace(tzinfo=None), before, _offset(zone, at), name)


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    """Return the zone's offset from UTC at `at`."""
    return at.astimezone(zone).utcoffset() or timedelta()

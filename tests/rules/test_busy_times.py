"""A calendar elsewhere is read as when somebody is busy: each kind of event, and nothing of what it is about."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.refusals import Invalid
from scheduler.calendars import busy_times
from scheduler.calendars.busy_times import busy_stretches, without

CHICAGO = ZoneInfo("America/Chicago")
SINCE = datetime(2026, 10, 5, 13, tzinfo=UTC)


def calendar(*events):
    lines = [line for event in events for line in ("BEGIN:VEVENT", *event, "END:VEVENT")]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *lines, "END:VCALENDAR", ""]).encode()


def read(*events):
    found = busy_stretches(calendar(*events), zone=CHICAGO, since=SINCE, until=SINCE + timedelta(days=60))
    return [f"{s.astimezone(CHICAGO):%m-%d %H:%M} {e.astimezone(CHICAGO):%m-%d %H:%M}" for s, e in found]


@pytest.mark.parametrize(("event", "busy"), [
    (("DTSTART:20261006T150000Z", "DTEND:20261006T160000Z"), ["10-06 10:00 10-06 11:00"]),
    (("DTSTART:20261008T090000", "DURATION:PT30M"), ["10-08 09:00 10-08 09:30"]),
    (("DTSTART;VALUE=DATE:20261007",), ["10-07 00:00 10-08 00:00"]),
    (("DTSTART;VALUE=DATE:20261007", "TRANSP:TRANSPARENT"), []),
    (("DTSTART;VALUE=DATE:20261007", "STATUS:CANCELLED"), []),
    (("DTSTART;VALUE=DATE:20261007", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"), []),
    (("DTSTART:20260901T150000Z", "DTEND:20260901T160000Z"), []),
    (("DTSTART;VALUE=DATE:20261009", "RRULE:FREQ=WEEKLY;COUNT=2"),
     ["10-09 00:00 10-10 00:00", "10-16 00:00 10-17 00:00"]),
    (("DTSTART;VALUE=DATE:20200101", "DTEND;VALUE=DATE:20270201"), ["01-01 00:00 02-01 00:00"]),
    (("DTSTART;VALUE=DATE:19900101", "DTEND;VALUE=DATE:22000201"), ["01-01 18:00 12-29 18:00"]),
    (("DTSTART;VALUE=DATE:20200101", "RRULE:FREQ=DAILY;INTERVAL=99;COUNT=3;BYMONTH=2;BYMONTHDAY=30"), []),
])  # fmt: skip
def test_each_kind_of_event_is_busy_as_its_owner_says(event, busy):
    assert read(("UID:1", "SUMMARY:Dentist", *event)) == busy


def test_a_series_keeps_its_hour_when_the_clocks_go_back_and_what_was_moved_or_left_out_is_not_there():
    weekly = (
        "UID:4", "DTSTART;TZID=America/Chicago:20261020T090000", "DTEND;TZID=America/Chicago:20261020T100000",
        "RRULE:FREQ=WEEKLY;UNTIL=20261118T000000Z", "EXDATE;TZID=America/Chicago:20261027T090000",
    )  # fmt: skip
    moved = (
        "UID:4", "RECURRENCE-ID;TZID=America/Chicago:20261103T090000",
        "DTSTART;TZID=America/Chicago:20261103T140000", "DTEND;TZID=America/Chicago:20261103T150000",
    )  # fmt: skip
    assert read(weekly, moved) == [
        "10-20 09:00 10-20 10:00", "11-03 14:00 11-03 15:00", "11-10 09:00 11-10 10:00", "11-17 09:00 11-17 10:00",
    ]  # fmt: skip


@pytest.mark.parametrize(("content", "said"), [
    (b"hello", "no calendar"), (b"", "no calendar"),
    (calendar(("UID:9", "DTSTART:20200101T150000Z", "DURATION:PT1M", "RRULE:FREQ=SECONDLY")), "more often"),
    (b"x" * 1_000_001, "larger than 1 MB"),
    (calendar(("UID:9", "DTSTART:20260231T180000Z", "DTEND:20260231T190000Z")), r"\(20260231T180000Z\)"),
    (calendar(("UID:9", "DTSTART:20261006T150000Z", "DTEND:20261006T140000Z")), r"ends before it begins \(20261006T15"),
    (calendar(("UID:9", "DTSTART:20261006T150000Z", "DTEND:20261131T190000Z")), "20261131T190000Z"),
    (calendar(("UID:9", "DTSTART:20261006T150000Z", "DURATION:PT1H", "EXDATE:20260231T100000Z", "RRULE:FREQ=DAILY")),
     "20260231T100000"),
    (calendar(("UID:9", "DTSTART:20261006T150000Z", "DURATION:PT1H", "RRULE:FREQ=FOO")), "cannot be read"),
    (calendar(("UID:9", "DTSTART:20261006T150000Z", "RECURRENCE-ID:20260231T180000Z")), "20260231T180000Z"),
    (calendar(("UID:9", "DTSTART;VALUE=DATE:20261006", "DURATION:P9000000D")), "20261006"),
    (calendar(("UID:9", "DTSTART;TZID=Mars/Olympus:20261006T150000", "DURATION:PT1H")), "Mars/Olympus"),
    *((calendar(("UID:9", "DTSTART:20261006T150000Z", "DURATION:PT1H", f"{one};TZID=Mars/Olympus:20261008T150000")),
       "Mars/Olympus") for one in ("RDATE", "EXDATE", "RECURRENCE-ID")),
])  # fmt: skip
def test_what_cannot_be_read_is_refused_with_what_to_do(content, said):
    with pytest.raises(Invalid, match=said):
        busy_stretches(content, zone=CHICAGO, since=SINCE, until=SINCE + timedelta(days=60))


def test_rules_that_never_come_hold_nobody_up_however_many_there_are(monkeypatch):
    monkeypatch.setattr(busy_times, "MOST_SECONDS", 0.1)
    never = [
        (f"UID:{n}", "DTSTART;VALUE=DATE:20200101", "RRULE:FREQ=DAILY;INTERVAL=9;BYMONTH=2;BYMONTHDAY=30")
        for n in range(2000)
    ]
    with pytest.raises(Invalid, match="takes too long"):
        read(*never)


def test_what_is_taken_already_is_left_out():
    assert without([(1, 10), (20, 30)], [(3, 4), (8, 22)]) == [(1, 3), (4, 8), (22, 30)]

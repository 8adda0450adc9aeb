"""Calendar objects, read back by a parser that is not ours."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import hypothesis
import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar.parser import Contentline, Parameters

from core.text.ical import CalendarEntry, EventStatus, Method, invitation

CHICAGO = ZoneInfo("America/Chicago")
BOOKED_AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
RULED = ("America/Chicago", "America/Phoenix", "Europe/Berlin", "Europe/Dublin", "Australia/Lord_Howe", "Asia/Kolkata")
UNRULED = ("Africa/Casablanca", "Asia/Jerusalem", "UTC")


def entry(**changes):
    starts_at = changes.pop("starts_at", datetime(2026, 12, 8, 10, tzinfo=CHICAGO))
    facts = {
        "uid": "6f1c@meridian",
        "sequence": 0,
        "stamped_at": BOOKED_AT,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=55),
        "zone": CHICAGO,
        "summary": "Visit",
        "location": "1200 W Lake St, Floor 2, Chicago, IL 60607",
        "organizer": "appointments@example.org",
        "organizer_name": "Appointments",
        "attendee": "alice@example.test",
    }
    return CalendarEntry(**(facts | changes))


def read(data):
    calendar = icalendar.Calendar.from_ical(data)
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def by_its_own_rules(data):
    """Return the start as an instant, computed from the VTIMEZONE in the file alone."""
    calendar, event = read(data)
    start = event["DTSTART"]
    rules = calendar.walk("VTIMEZONE")
    if not rules:
        return start.dt
    own = rules[0].to_tz(lookup_tzid=False)
    return start.dt.replace(tzinfo=None).replace(tzinfo=own)


@pytest.mark.parametrize("method", list(Method))
def test_the_object_says_what_is_to_be_done_with_it(method):
    calendar, event = read(invitation(entry(sequence=2), method=method))
    assert calendar["METHOD"] == method
    assert event["SEQUENCE"] == 2
    assert event["UID"] == "6f1c@meridian"
    assert event["CLASS"] == "PRIVATE"


def test_a_cancellation_says_cancelled_and_rings_no_alarm():
    _, event = read(invitation(entry(sequence=1), method=Method.CANCEL))
    assert event["STATUS"] == "CANCELLED"
    assert not event.walk("VALARM")


def test_an_invitation_is_confirmed_names_alice_and_rings_two_hours_before():
    _, event = read(invitation(entry(), method=Method.REQUEST))
    (alarm,) = event.walk("VALARM")
    assert event["STATUS"] == "CONFIRMED"
    assert str(event["ATTENDEE"]) == "mailto:alice@example.test"
    assert str(event["ORGANIZER"]) == "mailto:appointments@example.org"
    assert alarm["TRIGGER"].dt == timedelta(hours=-2)


def test_a_file_to_keep_names_nobody():
    _, event = read(invitation(entry(), method=Method.PUBLISH))
    assert "ATTENDEE" not in event
    assert "ORGANIZER" not in event


def test_a_file_of_a_cancelled_visit_says_so():
    _, event = read(invitation(entry(status=EventStatus.CANCELLED), method=Method.PUBLISH))
    assert event["STATUS"] == "CANCELLED"


def test_chicago_is_described_by_its_yearly_rules():
    text = invitation(entry(), method=Method.REQUEST).decode()
    assert "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=2SU\r\n" in text
    assert "RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=1SU\r\n" in text
    assert "DTSTART;TZID=America/Chicago:20261208T100000\r\n" in text


@pytest.mark.parametrize("zone", UNRULED)
def test_a_zone_without_yearly_rules_is_written_in_utc(zone):
    text = invitation(entry(zone=ZoneInfo(zone)), method=Method.REQUEST).decode()
    assert "VTIMEZONE" not in text
    assert "DTSTART:20261208T160000Z\r\n" in text


@pytest.mark.parametrize("step", [1445 * 31, pytest.param(90, marks=pytest.mark.full)], ids="every {} minutes".format)
@pytest.mark.parametrize("zone", [*RULED, *UNRULED])
def test_two_years_are_read_back_as_the_same_instants(zone, step):
    for minute in range(0, 730 * 1440, step):
        starts_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
        _, event = read(invitation(entry(zone=ZoneInfo(zone), starts_at=starts_at), method=Method.REQUEST))
        assert event["DTSTART"].dt.astimezone(UTC) == starts_at
        assert event["DTEND"].dt.astimezone(UTC) == starts_at + timedelta(minutes=55)


@pytest.mark.parametrize("hour", [6, 7])
def test_both_hours_of_the_night_when_the_clocks_go_back_are_told_apart(hour):
    starts_at = datetime(2026, 11, 1, hour, 30, tzinfo=UTC)
    _, event = read(invitation(entry(starts_at=starts_at), method=Method.REQUEST))
    assert event["DTSTART"].dt.astimezone(UTC) == starts_at


@pytest.mark.parametrize("zone", RULED)
@pytest.mark.parametrize(
    "day", [(2026, 3, 7), (2026, 3, 9), (2026, 4, 6), (2026, 10, 26), (2026, 11, 2), (2027, 3, 15)]
)
def test_the_rules_in_the_file_give_the_same_instant_as_the_zone_itself(zone, day):
    starts_at = datetime(*day, 10, tzinfo=ZoneInfo(zone))
    data = invitation(entry(zone=ZoneInfo(zone), starts_at=starts_at), method=Method.REQUEST)
    assert by_its_own_rules(data).astimezone(UTC) == starts_at.astimezone(UTC)


@hypothesis.settings(max_examples=40)
@given(location=st.text(max_size=120), description=st.text(max_size=120))
def test_lines_are_short_end_in_crlf_and_split_no_character(location, description):
    data = invitation(entry(location=location, description=description), method=Method.REQUEST)
    assert data.endswith(b"END:VCALENDAR\r\n")
    for line in data.removesuffix(b"\r\n").split(b"\r\n"):
        assert len(line) <= 75
        assert b"\n" not in line
        assert b"\r" not in line
        line.decode()


@pytest.mark.parametrize("name", ['Dr "Li"; Ltd: a, b', "Evil\r\nATTENDEE:mailto:mallory@example.test", "x\x00y"])
def test_no_name_can_add_a_line(name):
    data = invitation(entry(organizer_name=name, location=name, summary=name), method=Method.REQUEST)
    calendar, event = read(data)
    assert str(event["ATTENDEE"]) == "mailto:alice@example.test"
    assert b"\x00" not in data
    assert calendar["METHOD"] == "REQUEST"


TEXTS = st.text(max_size=200) | st.sampled_from(["a, b; c\\ " * 12, "^" * 80, "ż" * 90, "x" * 300])


@hypothesis.settings(max_examples=60)
@given(
    location=TEXTS, attendee=st.sampled_from(["a@b.example", "o'hara+x@b.example", f"{'a' * 60}@b.example", "a:b;c"])
)
def test_long_lines_are_folded_as_the_library_folds_them_whatever_they_hold(location, attendee):
    data = invitation(entry(location=location, description=location, attendee=attendee), method=Method.REQUEST).decode()
    whole = data.replace("\r\n ", "").split("\r\n")
    assert data == "\r\n".join(Contentline(line).to_ical().decode() for line in whole)


@pytest.mark.parametrize("name", ["alice@b.example", "o'hara@b.example", "a,b@c.example", "żółw@b.example"])
def test_whoever_is_invited_is_named_as_the_library_names_them(name):
    line = invitation(entry(attendee=name), method=Method.REQUEST).decode().replace("\r\n ", "")
    people = Parameters({"CN": name, "PARTSTAT": "ACCEPTED", "ROLE": "REQ-PARTICIPANT", "RSVP": "FALSE"})
    assert f"\r\nATTENDEE;{people.to_ical().decode()}:mailto:{name}\r\n" in line

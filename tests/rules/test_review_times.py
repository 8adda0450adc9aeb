"""By when answers are looked at, and when somebody can call: in opening hours, and before the visit."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.screening.review_times import CallWindow, call_windows, due_at

CHICAGO, KOLKATA = ZoneInfo("America/Chicago"), ZoneInfo("Asia/Kolkata")
MONDAY = datetime(2026, 10, 5, tzinfo=UTC)
LATER = MONDAY + timedelta(days=30)
FOUR = timedelta(hours=4)


def at(hour: int, minute: int = 0, *, day: int = 0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour, minutes=minute)


OPEN = [(at(8, day=day), at(18, day=day)) for day in (0, 1, 2)]


@pytest.mark.parametrize(
    ("given_at", "due"),
    [
        (at(9), at(13)),
        (at(16), at(10, day=1)),
        (at(20), at(12, day=1)),
        (at(6), at(12)),
    ],
)
def test_four_hours_are_counted_while_the_site_is_open(given_at, due):
    assert due_at(OPEN, FOUR, at=given_at, before=LATER) == due


def test_a_visit_comes_first_and_an_emergency_waits_for_nobody_to_open():
    assert due_at(OPEN, FOUR, at=at(9), before=at(11)) == at(11)
    assert due_at(OPEN, FOUR, at=at(9), before=at(7)) == at(9)
    assert due_at(OPEN, timedelta(hours=1), at=at(22), before=LATER, around_the_clock=True) == at(23)


def test_calls_are_made_in_whole_hours_of_the_sites_clock_while_it_is_open():
    found = call_windows(OPEN, CHICAGO, at=at(15, 50), before=LATER, most=3)
    assert [one.starts_at for one in found] == [at(17), at(8, day=1), at(9, day=1)]
    (first,) = call_windows(OPEN, KOLKATA, at=at(9), before=LATER, most=1)
    assert first.starts_at == at(9, 30)


def test_shortly_before_a_visit_they_are_called_at_once():
    assert call_windows(OPEN, CHICAGO, at=at(9), before=at(9, 30), most=3) == [
        CallWindow(starts_at=at(9), ends_at=at(9, 30))
    ]


MOMENTS = st.integers(0, 3 * 24 * 60).map(lambda minutes: MONDAY + timedelta(minutes=minutes))


@given(given_at=MOMENTS, before=MOMENTS, later=st.integers(0, 600))
def test_answers_are_never_due_before_they_came_nor_sooner_for_coming_later(given_at, before, later):
    due = due_at(OPEN, FOUR, at=given_at, before=before)
    assert due >= given_at
    assert due <= max(given_at, before)
    after = due_at(OPEN, FOUR, at=given_at + timedelta(minutes=later), before=before)
    assert after >= due

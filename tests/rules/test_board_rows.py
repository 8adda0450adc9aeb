"""The rows of the day board: time goes on evenly through both clock changes, and nothing is drawn over another."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.web.desk.board.grid import TICK, TICKS_A_ROW, Spot, rows_of, side_by_side, spot, time_rows

CHICAGO = ZoneInfo("America/Chicago")
ZONES = st.sampled_from([CHICAGO, ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Asia/Kathmandu"), ZoneInfo("UTC")])
BACK = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)  # half past one for the first time; at seven the clock goes back
FORWARD = datetime(2026, 3, 8, 7, 30, tzinfo=UTC)  # half past one; at eight the clock jumps
JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.one_of(
    st.integers(0, 365 * 288).map(lambda ticks: JANUARY + ticks * TICK + TICK / 5),
    st.integers(-60, 60).map(lambda ticks: BACK + ticks * TICK),
    st.integers(-60, 60).map(lambda ticks: FORWARD + ticks * TICK),
)
LENGTHS = st.integers(1, 150).map(lambda ticks: ticks * TICK)
SPOTS = st.lists(
    st.builds(Spot, row=st.integers(0, 20), offset=st.integers(0, TICKS_A_ROW - 1), length=st.integers(1, 15)),
    max_size=9,
)


def walls(rows, zone=CHICAGO):
    return [f"{row.start.astimezone(zone):%H:%M}" for row in rows]


def ticks_of(one):
    begins = one.row * TICKS_A_ROW + one.offset
    return set(range(begins, begins + one.length))


@given(MOMENTS, LENGTHS, ZONES)
def test_rows_follow_one_another_as_time_does_and_hold_all_of_it(first, length, zone):
    rows = time_rows(first, first + length, zone=zone)
    assert rows[0].start <= first
    assert rows[-1].end >= first + length
    assert all(before.end == after.start for before, after in pairwise(rows))
    assert all(row.start.astimezone(zone).minute % 15 == 0 for row in rows)


@given(MOMENTS, LENGTHS, ZONES)
def test_a_wall_time_that_is_read_on_two_rows_says_so_and_no_other(first, length, zone):
    rows = time_rows(first, first + length, zone=zone)
    read = walls(rows, zone)
    day_or_less = [row for row in rows if row.start < rows[0].start + timedelta(hours=20)]
    for row, wall in zip(day_or_less, read, strict=False):
        if read[: len(day_or_less)].count(wall) > 1:
            assert row.twice


@given(MOMENTS, LENGTHS, LENGTHS, ZONES)
def test_a_visit_lies_at_its_own_time_to_five_minutes(first, before, length, zone):
    start = first.replace(minute=first.minute // 5 * 5, second=0, microsecond=0)
    rows = time_rows(start, start + before + length, zone=zone)
    found = spot(start + before, start + before + length, rows)
    assert found is not None
    assert rows[found.row].start + found.offset * TICK == start + before
    assert found.length * TICK == length


@given(SPOTS)
def test_what_shares_time_lies_side_by_side(spots):
    lanes = side_by_side(spots)
    for n, one in enumerate(spots):
        assert 0 <= lanes[n].number < lanes[n].among
        for m in range(n):
            if ticks_of(one) & ticks_of(spots[m]):
                assert lanes[n].number != lanes[m].number
                assert lanes[n].among == lanes[m].among


@given(SPOTS)
def test_lanes_are_as_wide_as_they_can_be(spots):
    most = max((sum(tick in ticks_of(one) for one in spots) for tick in range(120)), default=0)
    assert max((lane.among for lane in side_by_side(spots)), default=0) == most


@given(SPOTS)
def test_a_visit_covers_the_rows_that_it_takes_a_part_of(spots):
    for one in spots:
        assert set(rows_of(one)) == {tick // TICKS_A_ROW for tick in ticks_of(one)}


@pytest.mark.parametrize(
    ("first", "read"),
    [
        (BACK, ["01:00", "01:15", "01:30", "01:45", "01:00", "01:15", "01:30", "01:45", "02:00"]),
        (FORWARD, ["01:00", "01:15", "01:30", "01:45", "03:00"]),
    ],
)
def test_the_doubled_hour_has_its_rows_twice_and_the_one_that_never_was_has_none(first, read):
    rows = time_rows(first, first + timedelta(hours=2), zone=CHICAGO)
    assert walls(rows)[: len(read)] == read
    assert [row.twice for row in rows[:8]] == [first == BACK] * 8 if first == BACK else not any(r.twice for r in rows)


def test_what_ends_before_the_board_begins_is_not_on_it():
    rows = time_rows(BACK, BACK + TICK, zone=CHICAGO)
    assert spot(rows[0].start - TICK, rows[0].start, rows) is None

"""Intervals of a day: what ends at midnight lasts until 24:00."""

from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.intervals_in_words import interval_in_words
from scheduler.wall_time import ends_later, outside, overlapping

QUARTERS = 96


def clock(quarter):
    """Return the wall time of a quarter of an hour of the day; the last one, 24:00, is midnight."""
    minutes = timedelta(minutes=15 * (quarter % QUARTERS))
    return time(minutes.seconds // 3600, minutes.seconds // 60 % 60)


def interval(pair):
    return clock(pair[0]), clock(pair[1])


def covered(pair):
    return set(range(*pair))


def quarters(start, end):
    first, last = (one.hour * 4 + one.minute // 15 for one in (start, end))
    return set(range(first, last or QUARTERS))


PAIRS = st.tuples(st.integers(0, QUARTERS - 1), st.integers(1, QUARTERS)).filter(lambda pair: pair[0] < pair[1])


@given(PAIRS, PAIRS)
def test_two_intervals_share_time_when_they_share_a_quarter_of_an_hour(one, other):
    assert overlapping(interval(one), interval(other)) == bool(covered(one) & covered(other))


@given(PAIRS, st.lists(PAIRS, max_size=4))
def test_what_of_dr_li_s_day_lies_outside_is_found_quarter_by_quarter(wanted, opened):
    left = outside(interval(wanted), [interval(pair) for pair in opened])
    found = [quarter for one in left for quarter in quarters(*one)]
    assert sorted(found) == sorted(covered(wanted).difference(*map(covered, opened)))


@pytest.mark.parametrize(("starts", "ends", "later"), [(9, 0, True), (0, 0, True), (9, 9, False), (10, 9, False)])
def test_an_interval_ends_later_than_it_starts_or_at_midnight(starts, ends, later):
    assert ends_later(time(starts), time(ends)) is later


def test_the_end_of_the_day_is_written_24_00():
    assert interval_in_words(time(9, 30), time(18)) == "9:30\N{NO-BREAK SPACE}AM–6:00\N{NO-BREAK SPACE}PM"
    assert interval_in_words(time(18), time()) == "6:00\N{NO-BREAK SPACE}PM–midnight"

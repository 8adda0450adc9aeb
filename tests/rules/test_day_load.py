"""How full somebody's time is: what is taken and what is left make the whole, to the minute."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.web.desk.board.load import LEAST, Load, added, load_of

NINE = datetime(2026, 10, 6, 9, tzinfo=UTC)
TICK = timedelta(minutes=5)
PERIODS = st.lists(
    st.tuples(st.integers(0, 90), st.integers(1, 20)).map(lambda p: (NINE + p[0] * TICK, NINE + sum(p) * TICK)),
    max_size=8,
)


def ticks(periods):
    return {NINE + n * TICK for n in range(-5, 130) if any(a <= NINE + n * TICK < b for a, b in periods)}


def day(start=0, end=60):
    return [(NINE + start * TICK, NINE + end * TICK)]


@given(PERIODS)
def test_what_is_taken_and_what_is_left_make_the_working_time(taken):
    found = load_of(day(), taken)
    assert found.open == 60 * TICK
    assert found.taken == len(ticks(taken) & ticks(day())) * TICK
    assert 0 <= found.percent <= 100


@given(PERIODS)
def test_holes_are_free_long_enough_and_none_is_left_out(taken):
    found = load_of(day(), taken)
    assert not ticks(found.holes) & ticks(taken)
    assert all(end - start >= LEAST for start, end in found.holes)
    left = sorted(ticks(day()) - ticks(taken) - ticks(found.holes))
    assert all(at + 2 * TICK not in left or at + TICK not in left for at in left)  # shorter than a quarter of an hour


@pytest.mark.parametrize(
    ("taken", "load"), [(0, Load.FREE), (20, Load.QUIET), (40, Load.HALF), (54, Load.BUSY), (55, Load.FULL)]
)
def test_how_full_it_is_has_a_word(taken, load):
    assert load_of(day(), day(0, taken) if taken else []).load is load


def test_whoever_does_not_work_is_not_free():
    assert load_of([], day()).load is Load.CLOSED
    assert load_of([], day()).percent == 0


def test_several_people_are_as_full_as_all_of_their_time():
    both = added([load_of(day(), day(0, 60)), load_of(day(), [])])
    assert both.percent == 50

"""What a table about groups of people does not show, so that nobody can be made out: also not by subtraction."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from booking.reports import suppression
from booking.reports.suppression import unshown

LINES = st.lists(st.integers(0, 60).flatmap(lambda whole: st.tuples(st.just(whole), st.integers(0, whole))), max_size=7)
"""Of so many appointments so many: two counts and, with them, the rest."""


@pytest.mark.parametrize(
    ("lines", "hidden", "together"),
    [
        ([(40,), (30,)], set(), False),
        (
            [(40,), (10,), (30,)],
            {1, 2},
            False,
        ),  # ten alone would be all less the others: the next smallest goes with it
        ([(40,), (10,), (9,), (30,)], {1, 2}, False),  # nineteen together tell neither
        ([(40,), (3,), (4,), (30,)], {1, 2, 3}, False),  # seven together would still be few
        ([(3,)], {0}, True),
        ([(3,), (0,)], {0, 1}, True),
        ([(0,), (0,)], set(), False),
        ([(50, 3, 47), (60, 20, 40), (70, 30, 40)], {0, 1}, False),  # three of fifty are few, whatever fifty is
        ([(50, 45, 5), (60, 20, 40), (70, 30, 40)], {0, 1}, False),  # so are the five who are left
    ],
)
def test_a_line_of_few_is_not_shown_nor_another_from_which_it_could_be_reckoned(lines, hidden, together):
    assert unshown(lines) == (hidden, together)


@given(LINES)
def test_whoever_takes_what_is_shown_from_all_of_them_learns_of_no_count_under_eleven(lines):
    counts = [(whole, part, whole - part) for whole, part in lines]
    hidden, together = unshown(counts)
    for place, line in enumerate(counts):
        assert place in hidden or all(count == 0 or count >= 11 for count in line)
    if not together:
        left = [sum(counts[place][column] for place in hidden) for column in range(3)]
        assert all(count == 0 or count >= 11 for count in left)
        assert len(hidden) != 1


def test_twin_without_the_second_look_one_line_alone_could_be_reckoned(monkeypatch):
    monkeypatch.setattr(suppression, "_can_be_reckoned", lambda _hidden, _lines: False)
    assert unshown([(40,), (10,), (30,)]) == ({1}, False)

"""The life cycle is the table that was agreed, read aloud."""

from pathlib import Path

import pytest
import yaml

from booking.status import MOVES, OCCUPYING, Move, Status, after

AGREED = yaml.safe_load((Path(__file__).parents[1] / "data" / "appointment-status.yaml").read_text())
BEFORE_ANY = {"none": None}
BY_OTHER_MEANS = {"hold"}
"""A hold is a row of its own: booking from it is booking from nothing."""


def agreed_moves():
    return {
        (BEFORE_ANY[start] if start in BEFORE_ANY else Status(start), Move(name)): Status(end)
        for name, ways in AGREED["moves"].items()
        for start, end in ways.items()
        if start not in BY_OTHER_MEANS
    }


def test_the_table_of_moves_is_the_agreed_one():
    assert agreed_moves() == MOVES


def test_the_states_are_fhir_s_ten():
    assert {status.value for status in Status} == set(AGREED["states"])


def test_the_states_that_take_time_are_the_agreed_ones():
    assert {status.value for status in OCCUPYING} == set(AGREED["occupying"])


@pytest.mark.parametrize("what", Move)
@pytest.mark.parametrize("status", [None, *Status])
def test_a_move_leads_where_the_table_says_or_nowhere(status, what):
    assert after(status, what) == agreed_moves().get((status, what))


def test_what_was_entered_in_error_never_comes_back():
    assert not [move for move in Move if after(Status.ENTERED_IN_ERROR, move)]

"""The life cycle is the table that was agreed, read aloud."""

from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from booking.management.commands.life_cycle import page
from booking.status import BEFORE, MOVES, OCCUPYING, Move, Status, after, last_not_undone

AGREED = yaml.safe_load((Path(__file__).parents[1] / "data" / "appointment-status.yaml").read_text())
NOTHING = "none"
BY_OTHER_MEANS = {"hold"}
"""A hold is a row of its own: booking from it is booking from nothing."""


def agreed_moves():
    return {
        (None if start == NOTHING else Status(start), Move(name)): end if end == BEFORE else Status(end)
        for name, ways in AGREED["moves"].items()
        for start, end in ways.items()
        if start not in BY_OTHER_MEANS
    }


def test_the_table_of_moves_is_the_agreed_one():
    assert agreed_moves() == MOVES


def test_the_states_are_fhir_s_without_its_waiting_list():
    assert {status.value for status in Status} == set(AGREED["states"])


def test_the_states_that_take_time_are_the_agreed_ones():
    assert {status.value for status in OCCUPYING} == set(AGREED["occupying"])


@pytest.mark.parametrize("status", [None, *Status])
def test_a_move_leads_where_the_table_says_or_nowhere(status):
    for what in Move:
        agreed = agreed_moves().get((status, what))
        assert after(status, what, before=Status.PENDING) == (Status.PENDING if agreed == BEFORE else agreed), what


def test_what_nothing_came_before_is_not_undone():
    assert after(Status.ARRIVED, Move.UNDO, before=None) is None


@dataclass(frozen=True)
class Done:
    move: Move
    undoes_a_move: bool = False


BOOKED, MOVED, BACK = Done(Move.BOOK), Done(Move.RESCHEDULE), Done(Move.RESCHEDULE, undoes_a_move=True)
ARRIVED, CHECKED_IN, UNDONE = Done(Move.ARRIVE), Done(Move.CHECK_IN), Done(Move.UNDO)


@pytest.mark.parametrize(
    ("history", "last"),
    [
        ([], None),
        ([BOOKED, ARRIVED], ARRIVED),
        ([BOOKED, ARRIVED, CHECKED_IN, UNDONE], ARRIVED),
        ([BOOKED, ARRIVED, CHECKED_IN, UNDONE, UNDONE], BOOKED),
        ([BOOKED, MOVED], MOVED),
        ([BOOKED, MOVED, BACK], BOOKED),
        ([BOOKED, MOVED, ARRIVED, UNDONE], MOVED),
    ],
)
def test_dana_who_presses_undo_twice_undoes_the_last_two_acts(history, last):
    assert last_not_undone(history) is last


def test_what_was_entered_in_error_never_comes_back():
    assert not [move for move in Move if after(Status.ENTERED_IN_ERROR, move)]


def test_the_page_of_the_life_cycle_is_drawn_from_the_table():
    assert (Path(__file__).parents[2] / "docs" / "life-cycle.md").read_text() == "".join(f"{line}\n" for line in page())

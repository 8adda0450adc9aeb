"""What the rule says of who is late: nothing changes, a shorter one, or another time."""

from datetime import timedelta
from itertools import product

import pytest

from booking.lateness import LateRule, WhenLate, late_start
from scheduler.public import lengths

MINUTE = timedelta(minutes=1)
SHIPPED = LateRule(grace=15 * MINUTE, percent=60)
FOLLOWUP = (
    ("intake", 10, "hands"),
    ("needling", 10, "hands"),
    ("retention", 30, "nearby"),
    ("removal", 5, "hands"),
    ("dress_advice", 5, "free"),
    ("turnover", 10, "none"),
)
CUPS = (
    ("intake", 5, "hands"),
    ("cups_on", 5, "hands"),
    ("retention", 10, "nearby"),
    ("cups_off", 5, "hands"),
    ("dress_advice", 5, "free"),
)
RESTED = tuple((name, 45 if name == "retention" else length, who) for name, length, who in FOLLOWUP)
"""The same, of somebody who rests for longer."""


@pytest.mark.parametrize(
    ("late", "now", "answer", "left"),
    [
        (10, FOLLOWUP, WhenLate.AS_PLANNED, 45),
        (15, FOLLOWUP, WhenLate.AS_PLANNED, 40),
        (16, FOLLOWUP, WhenLate.SHORTER, 35),
        (20, FOLLOWUP, WhenLate.SHORTER, 35),
        (21, FOLLOWUP, WhenLate.ANOTHER_TIME, 30),
        (25, FOLLOWUP, WhenLate.ANOTHER_TIME, 30),
        (35, RESTED, WhenLate.SHORTER, 35),
        (40, RESTED, WhenLate.ANOTHER_TIME, 30),
        (15, CUPS, WhenLate.AS_PLANNED, 10),
        (16, CUPS, WhenLate.ANOTHER_TIME, 5),
        (90, FOLLOWUP, WhenLate.ANOTHER_TIME, 0),
    ],
)
def test_who_is_late_is_treated_as_long_as_enough_is_left(late, now, answer, left):
    planned = CUPS if now is CUPS else FOLLOWUP
    found = late_start(late * MINUTE, planned, now, SHIPPED)
    assert (found.answer, found.left) == (answer, left)
    assert found.whole == lengths.contact(planned)


def test_what_is_shorter_ends_when_it_was_planned_to_and_says_which_parts_give_way():
    found = late_start(18 * MINUTE, FOLLOWUP, FOLLOWUP, SHIPPED)
    assert found.begins_later == 20 * MINUTE
    assert found.segments == lengths.lasting(FOLLOWUP, FOLLOWUP, 40, percent=60)
    assert found.least == 40


def test_what_the_rule_lets_be_shorter_is_what_the_lengths_allow():
    for minutes, grace in product(range(1, 61), (0, 15)):
        found = late_start(minutes * MINUTE, FOLLOWUP, FOLLOWUP, LateRule(grace=grace * MINUTE, percent=60))
        assert (found.answer is WhenLate.SHORTER) is (grace < minutes <= 20)
        assert (found.segments is not None) is (found.answer is WhenLate.SHORTER)

"""What the rule says of who is late: nothing changes, a shorter one, or another time."""

from datetime import timedelta

import pytest

from booking.lateness import LateRule, WhenLate, late_start

MINUTE = timedelta(minutes=1)
RULE = LateRule(grace=15 * MINUTE, percent=60)


@pytest.mark.parametrize(
    ("late", "contact", "answer", "left"),
    [
        (15, 60, WhenLate.AS_PLANNED, 45),
        (16, 60, WhenLate.SHORTER, 44),
        (24, 60, WhenLate.SHORTER, 36),
        (25, 60, WhenLate.ANOTHER_TIME, 35),
        (15, 20, WhenLate.AS_PLANNED, 5),
        (90, 60, WhenLate.ANOTHER_TIME, 0),
    ],
)
def test_who_is_late_is_treated_as_long_as_enough_is_left(late, contact, answer, left):
    found = late_start(late * MINUTE, contact * MINUTE, RULE)
    assert (found.answer, found.left) == (answer, left * MINUTE)

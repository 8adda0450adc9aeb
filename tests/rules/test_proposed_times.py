"""Until when a time that is proposed is kept: long enough to answer, and whoever does not can still be called."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from booking.closures import TIME_TO_CALL, WHILE_CALLED, proposal_end

NOW = datetime(2026, 10, 5, 13, tzinfo=UTC)
MINUTE, LONGEST = timedelta(minutes=1), timedelta(days=3)
AHEAD = st.integers(1, 30 * 24 * 60).map(lambda minutes: NOW + minutes * MINUTE)
BY_NOW = st.one_of(AHEAD, st.integers(-120, 60).map(lambda minutes: NOW + minutes * MINUTE))
"""When an appointment begins whose patient is asked: it may have begun."""


@given(start=BY_NOW, instead=AHEAD)
def test_nobody_who_does_not_answer_is_called_too_late_and_no_answer_comes_too_late(start, instead):
    ends = proposal_end(start, instead, longest=LONGEST, at=NOW)
    assert NOW < ends <= min(instead, NOW + LONGEST)
    if start - NOW >= 2 * TIME_TO_CALL:
        assert start - ends >= TIME_TO_CALL
        assert ends - NOW >= min(TIME_TO_CALL, instead - NOW)
    else:  # they are called at once, and it is theirs meanwhile
        assert ends == min(instead, NOW + WHILE_CALLED)


def test_whose_appointment_is_far_has_as_long_as_the_site_gives():
    assert proposal_end(NOW + 4 * LONGEST, NOW + 5 * LONGEST, longest=LONGEST, at=NOW) == NOW + LONGEST

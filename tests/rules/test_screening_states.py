"""How somebody stands before a visit: by the answers that count, what was decided about them, and the time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.screening.questionnaire import Outcome
from booking.screening.state import (
    APPROVED,
    DECLINED,
    Response,
    ScreeningState,
    answers_count_from,
    is_taken_back,
    screening_state,
)
from tests.rules.test_screening import POLICY

CHICAGO = ZoneInfo("America/Chicago")
STARTS = datetime(2026, 12, 8, 16, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def state(*responses, at=STARTS - HOUR, policy=POLICY):
    return screening_state(policy, responses, starts_at=STARTS, zone=CHICAGO, at=at)


def gave(outcome, *, before=DAY, **facts):
    return Response(outcome=outcome, answered_at=STARTS - before, **facts)


@pytest.mark.parametrize(
    ("response", "expected"),
    [
        (gave(Outcome.PROCEED), ScreeningState.CLEAR),
        (gave(Outcome.PROCEED_MASKED), ScreeningState.CLEAR),
        (gave(Outcome.REVIEW), ScreeningState.IN_REVIEW),
        (gave(Outcome.REVIEW, decision=APPROVED), ScreeningState.CLEAR),
        (gave(Outcome.REVIEW, decision=DECLINED), ScreeningState.STAY_AWAY),
        (gave(Outcome.REBOOK), ScreeningState.STAY_AWAY),
        (gave(Outcome.REBOOK, decision=APPROVED), ScreeningState.CLEAR),
        (gave(Outcome.REBOOK, visit_moved=True, earliest_day=STARTS.date()), ScreeningState.UNANSWERED),
        (gave(Outcome.REBOOK, visit_moved=True, earliest_day=STARTS.date() + DAY), ScreeningState.STAY_AWAY),
        (gave(Outcome.SEEK_CARE), ScreeningState.SEEK_CARE),
        (gave(Outcome.SEEK_CARE, decision=DECLINED), ScreeningState.SEEK_CARE),
        (gave(Outcome.SEEK_CARE, decision=APPROVED), ScreeningState.CLEAR),
    ],
)
def test_one_set_of_answers_with_what_was_decided_gives_one_word(response, expected):
    assert state(response) is expected


def test_the_last_answers_count_be_they_better_or_worse():
    assert state(gave(Outcome.REBOOK, before=2 * DAY), gave(Outcome.PROCEED)) is ScreeningState.CLEAR
    assert state(gave(Outcome.PROCEED, before=2 * DAY), gave(Outcome.REBOOK)) is ScreeningState.STAY_AWAY


def test_only_those_let_in_who_are_not_asked_or_may_come():
    assert {one for one in ScreeningState if one.lets_in} >= {ScreeningState.NOT_ASKED, ScreeningState.CLEAR}
    kept_out = {ScreeningState.UNANSWERED, ScreeningState.IN_REVIEW, ScreeningState.STAY_AWAY, ScreeningState.SEEK_CARE}
    assert not any(one.lets_in for one in kept_out)


def test_answers_count_from_the_evening_before_they_would_be_valid():
    since = answers_count_from(POLICY, STARTS, CHICAGO)
    assert since == datetime(2026, 12, 4, 18, tzinfo=CHICAGO)
    assert state(at=since - HOUR) is ScreeningState.NOT_YET
    assert state(at=since) is ScreeningState.UNANSWERED
    early = Response(outcome=Outcome.PROCEED, answered_at=since - HOUR)
    assert state(early, at=since) is ScreeningState.UNANSWERED


def test_where_nothing_is_asked_nothing_is_known():
    assert state(gave(Outcome.REBOOK), policy=None) is ScreeningState.NOT_ASKED


TODAY = STARTS.date() - 2 * DAY
FIRST = STARTS.date() + 5 * DAY


@pytest.mark.parametrize(
    ("before", "on", "visit_on", "looked_at"),
    [
        (gave(Outcome.REBOOK, earliest_day=FIRST), TODAY, STARTS.date(), True),
        (gave(Outcome.REBOOK, earliest_day=FIRST, visit_moved=True), TODAY, STARTS.date() - DAY, True),
        (gave(Outcome.REBOOK, earliest_day=FIRST, visit_moved=True), TODAY, FIRST, True),
        (gave(Outcome.REBOOK, earliest_day=FIRST, visit_moved=True), FIRST - DAY, FIRST, False),
        (gave(Outcome.REBOOK, earliest_day=FIRST), FIRST - DAY, STARTS.date(), True),
        (gave(Outcome.REBOOK, earliest_day=FIRST), FIRST, FIRST + DAY, False),
        (gave(Outcome.REBOOK, earliest_day=FIRST, decision=APPROVED), TODAY, STARTS.date(), False),
        (gave(Outcome.REVIEW, visit_moved=True), TODAY, STARTS.date(), True),
        (gave(Outcome.PROCEED), TODAY, STARTS.date(), False),
    ],
)
def test_who_was_to_stay_away_and_now_says_that_nothing_applies_is_looked_at_wherever_the_visit_went(
    before, on, visit_on, looked_at
):
    assert is_taken_back(before, gave(Outcome.PROCEED), on=on, visit_on=visit_on) is looked_at

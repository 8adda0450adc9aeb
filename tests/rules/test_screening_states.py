"""How somebody stands before a visit: by the answers that count, what was decided about them, and the time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from booking.screening.questionnaire import Outcome
from booking.screening.state import (
    APPROVED,
    DECLINED,
    Response,
    ScreeningState,
    answers_count_from,
    beside_earlier,
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


# -- answers given anew ------------------------------------------------------------------------------------------------

TODAY, VISIT_ON = date(2026, 12, 5), date(2026, 12, 8)
SOON, LATE = date(2026, 12, 6), date(2026, 12, 14)


def after(*before, now, on=TODAY):
    """Return what answers come to on a day, after others: the outcome, the first day, and whether somebody looks."""
    found = beside_earlier(before, now, on=on, visit_on=VISIT_ON)
    return found.outcome, found.earliest_day, found.reviewed


def again(*before, now, on=TODAY):
    """Return what answers come to after others that were noted, each beside those before it, today."""
    noted = []
    for one in before:
        noted.append(beside_earlier(noted, one, on=TODAY, visit_on=VISIT_ON))
    return after(*noted, now=now, on=on)


HELP = gave(Outcome.SEEK_CARE, reviewed=True)
AWAY, FEVER = gave(Outcome.REBOOK, earliest_day=LATE), gave(Outcome.REBOOK, earliest_day=SOON)
NOBODY_KNOWS = gave(Outcome.REBOOK, reviewed=True)
WELL, COUGH = gave(Outcome.PROCEED), gave(Outcome.REVIEW, reviewed=True)
CALL = gave(Outcome.VIRTUAL)


@pytest.mark.parametrize("now", [WELL, gave(Outcome.PROCEED_MASKED), COUGH, FEVER, CALL])
@pytest.mark.parametrize("then", [(), (WELL,), (FEVER,), (COUGH, WELL)])
def test_who_said_that_they_need_help_is_talked_with_whatever_they_answer_after_that(then, now):
    outcome, _day, reviewed = again(HELP, *then, now=now)
    assert (outcome, reviewed) == (Outcome.SEEK_CARE, True)


def test_who_needed_help_answers_for_themselves_once_somebody_has_decided():
    assert after(replace(HELP, decision=APPROVED), now=WELL) == (Outcome.PROCEED, None, False)
    declined = replace(HELP, decision=DECLINED, earliest_day=LATE)
    assert after(declined, now=WELL) == (Outcome.SEEK_CARE, LATE, True)
    assert after(declined, now=WELL, on=LATE) == (Outcome.PROCEED, None, False)


@pytest.mark.parametrize("then", [(), (FEVER,), (WELL,), (COUGH,), (FEVER, WELL), (WELL, FEVER)])
def test_who_was_to_stay_away_for_days_is_looked_at_when_they_answer_less(then):
    assert again(AWAY, *then, now=WELL) == (Outcome.REVIEW, LATE, True)
    assert again(AWAY, *then, now=FEVER) == (Outcome.REBOOK, LATE, True)
    assert again(AWAY, *then, now=WELL, on=SOON) == (Outcome.REVIEW, LATE, True)
    assert again(AWAY, *then, now=WELL, on=LATE) == (Outcome.PROCEED, None, False)


def test_who_answers_the_same_or_worse_is_away_as_long_and_nobody_has_more_to_look_at():
    assert after(AWAY, now=AWAY) == after(FEVER, now=AWAY) == (Outcome.REBOOK, LATE, False)
    assert after(AWAY, now=HELP) == (Outcome.SEEK_CARE, LATE, True)


@pytest.mark.parametrize("then", [(), (WELL,), (FEVER,), (FEVER, WELL)])
def test_where_nobody_knew_until_when_a_day_is_told_and_somebody_looks_all_the_same(then):
    assert again(NOBODY_KNOWS, *then, now=FEVER) == (Outcome.REBOOK, SOON, True)
    assert again(NOBODY_KNOWS, *then, now=WELL, on=LATE) == (Outcome.REVIEW, None, True)


def test_a_worse_answer_takes_nobodys_review_away():
    assert after(COUGH, now=FEVER) == (Outcome.REBOOK, SOON, True)


@pytest.mark.parametrize("before", [AWAY, COUGH, NOBODY_KNOWS, FEVER])
def test_whom_somebody_let_come_is_let_in_by_answers_given_anew(before):
    assert after(replace(before, decision=APPROVED), now=WELL) == (Outcome.PROCEED, None, False)
    assert after(replace(before, decision=APPROVED), now=FEVER) == (Outcome.REBOOK, SOON, False)


@pytest.mark.parametrize(
    ("before", "on", "visit_on", "looked_at"),
    [
        (AWAY, TODAY, VISIT_ON, True),
        (replace(AWAY, visit_moved=True), TODAY, VISIT_ON - DAY, True),
        (replace(AWAY, visit_moved=True), TODAY, LATE, True),
        (replace(AWAY, visit_moved=True), LATE - DAY, LATE, False),
        (AWAY, LATE - DAY, LATE, True),
        (AWAY, LATE, LATE + DAY, False),
        (replace(COUGH, visit_moved=True), TODAY, VISIT_ON, True),
        (replace(HELP, visit_moved=True), TODAY, VISIT_ON, True),
        (WELL, TODAY, VISIT_ON, False),
    ],
)
def test_who_was_to_stay_away_and_answers_less_is_looked_at_wherever_the_visit_went(before, on, visit_on, looked_at):
    assert beside_earlier([before], WELL, on=on, visit_on=visit_on).reviewed is looked_at


def test_a_visit_that_is_a_call_keeps_nobody_away():
    assert after(AWAY, now=CALL) == (Outcome.VIRTUAL, None, False)

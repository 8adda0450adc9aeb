"""Answers given anew: what is less is looked at, and a cry for help is one until somebody has decided about it."""

import pytest

from booking.models import ScreeningResponse
from booking.screening.queries import screening_of
from booking.screening.reviews import to_review
from core.refusals import Invalid
from tests.booking.stories.test_reviews_taken_back import LATER, approve, mask, say
from tests.factories.booking import DAY, HOUR, MINUTE
from tests.factories.scheduler import AT


@pytest.mark.parametrize("companion", [0, 1])
def test_who_needs_help_is_talked_with_also_where_they_answer_again(visit, companion):
    say(visit, emergency=True, companion=companion)
    row = say(visit, companion=companion, at=LATER)
    assert to_review(None, at=LATER) == [row]
    assert screening_of(visit, at=LATER, companion=companion).state == "seek-care"
    for decide in (approve, mask):
        with pytest.raises(Invalid):
            decide(row, LATER + MINUTE)
    approve(row, LATER + MINUTE, talked=True)
    assert say(visit, companion=companion, at=LATER + 2 * MINUTE).outcome == "review"  # a cough, and no cry for help


@pytest.mark.parametrize("emergency", [True, False])
def test_nobody_looks_later_at_answers_because_they_were_given_anew(visit, emergency):
    due_at = say(visit, emergency=emergency).due_at
    assert say(visit, at=LATER).due_at == due_at
    assert say(visit, emergency=True, at=AT + 6 * HOUR).due_at == due_at  # and overdue by then
    approve(say(visit, at=AT + 7 * HOUR), AT + 7 * HOUR, talked=True)
    assert say(visit, at=AT + 8 * HOUR).due_at > AT + 8 * HOUR


def test_who_answers_less_while_days_away_are_ahead_stays_home_as_long_and_is_looked_at(visit):
    say(visit)
    first_day = AT.date() + 9 * DAY
    ScreeningResponse.objects.update(outcome="rebook", reviewed=False, earliest_day=first_day)
    assert to_review(None, at=AT) == []
    row = say(visit, at=LATER)
    assert (row.outcome, row.earliest_day, row.reviewed) == ("review", first_day, True)
    approve(row, LATER + MINUTE)
    assert screening_of(visit, at=LATER + MINUTE).state == "clear"

"""Whose time is taken away while they are to stay at home is offered no time before they may come."""

from datetime import date

import pytest
import time_machine

from booking.actions.impact import settling
from booking.actions.impact.absences import AwayPeriod
from booking.models import Appointment, ScreeningResponse
from tests.booking.stories.test_reviews_taken_back import say
from tests.factories.booking import DAY, chicago, make_visit, slot_id
from tests.factories.policies import adopt_screening

pytestmark = pytest.mark.django_db
NOW = chicago(5, 9)
FIRST_DAY = date(2026, 10, 9)


@pytest.fixture(autouse=True)
def clock():
    """Monday morning."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.mark.parametrize("stays_away", [True, False])
def test_no_time_of_a_day_before_that_is_among_the_choices(alice, dana, kim, dr_li, stays_away):
    adopt_screening()
    visit = make_visit(alice.record, slot_id(dr_li, chicago(6, 10)), at=NOW - DAY)
    say(visit)
    outcome = {"outcome": "rebook", "earliest_day": FIRST_DAY} if stays_away else {"outcome": "proceed"}
    ScreeningResponse.objects.update(reviewed=False, **outcome)
    away = AwayPeriod(practitioner=dr_li, starts_at=chicago(6, 9), ends_at=chicago(6, 12))
    (one,) = settling.plan(away, by=dana.principal, at=NOW).suggested
    days = {time.slot.start.astimezone(visit.site.tz).date() for time in one.times}
    assert days
    assert any(day < FIRST_DAY for day in days) is not stays_away
    assert Appointment.objects.get().period == visit.period

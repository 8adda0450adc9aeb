"""Many tries in the same moment: no more of them pass than are allowed."""

from datetime import timedelta

import pytest

from core import clock, rates
from core.models import RateCount
from core.rates import Rate
from tests.races.together import Gate, at_once

TEN = Rate("guesses", burst=10, pause=timedelta(minutes=6))
CROWD = 24


def passed():
    at = clock.now()
    return at_once([lambda: TEN.take("dana", at=at)] * CROWD).count(None)


@pytest.mark.django_db(transaction=True)
def test_of_two_dozen_guesses_at_once_ten_are_looked_at():
    assert passed() == 10


@pytest.mark.django_db(transaction=True)
def test_a_count_that_is_read_first_and_written_later_lets_more_through(monkeypatch):
    gate = Gate(CROWD)

    def read_then_write(self, whom, *, at):
        held = RateCount.objects.filter(pk="dana").first()
        gate.wait()
        paid_at = max(held.paid_at if held else at, at) + self.pause
        RateCount.objects.update_or_create(pk="dana", defaults={"paid_at": paid_at})
        return None if paid_at <= at + self.burst * self.pause else paid_at

    monkeypatch.setattr(rates.Rate, "take", read_then_write)
    assert passed() > 10

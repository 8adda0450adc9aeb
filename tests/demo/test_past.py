"""What a newcomer finds under Reports: figures of each kind, also of groups of people, and which are not shown."""

import pytest
import time_machine
from django.test import Client

from core.models import User
from tests.booking.pages.walk import text_of
from tests.demo_clinic import OPENED_AT

pytestmark = pytest.mark.usefixtures("clinic")


@pytest.fixture
def reports(clock):
    """Return what the page of reports says to the scheduler of Lakeside."""
    browser = Client()
    browser.force_login(User.objects.get(username="scheduler"))
    return lambda **asked: text_of(browser.get("/desk/reports/", asked))


@pytest.fixture
def clock(clinic):
    """The moment at which the clinic was opened."""
    with time_machine.travel(OPENED_AT, tick=False) as traveller:
        yield traveller


def test_there_are_reviews_and_reminders_to_look_at(reports):
    said = reports(about="checks")
    assert "There is nothing to draw" not in said.partition("Until a clinician had decided")[2]


def test_groups_of_people_are_shown_of_a_quarter_and_those_of_few_are_not(reports):
    said = reports(by="language")
    assert "From July 1, 2026 to September 30, 2026." in said
    assert "There is nothing to measure on these days" not in said
    assert "not shown" in said
    lead = said.partition("Days from booking to appointment")[2].partition(" All ")[0]
    assert "English" in lead
    assert "English not shown" not in lead

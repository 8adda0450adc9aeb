"""Weeks for each who treats, and months for all: how full each day is, in words, and where somebody is free."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.models import Site, User
from core.roles import Role
from scheduler.models import Absence, Practitioner
from tests.booking.pages.walk import text_of
from tests.factories.admin import sign_in
from tests.factories.booking import chicago, make_person, make_visit, slot_id
from tests.factories.scheduler import AT, lay_out, make_practitioner

WEEK, MONTH = "/desk/week/?day=2026-10-06", "/desk/month/?day=2026-10-06"


def book(name, start, who="Grace Okoro"):
    record = make_person(Site.objects.get(key="lakeside"), name).record
    return make_visit(record, slot_id(Practitioner.objects.get(name=who), start), at=AT - timedelta(days=4))


@pytest.fixture(scope="module")
def week_once(clinic, once_a_module):
    """Grace has one patient on Tuesday, and Boris is away on Wednesday."""
    with once_a_module(), time_machine.travel(AT, tick=False):
        book("Olga Reyes", chicago(6, 10))
        boris = Practitioner.objects.get(name="Boris Ivanov")
        Absence.objects.create(practitioner=boris, period=(chicago(7, 0), chicago(8, 0)))


@pytest.fixture
def dana(week_once, site):
    return sign_in(Client(), "dana", Role.SCHEDULER, site)


def row(page, name):
    after = text_of(page).replace("\xa0", " ").partition(f" {name}")[2]
    return after.partition("Grace Okoro")[0].partition("How full a day is")[0]


def test_a_week_says_how_full_each_day_is_and_when_somebody_is_free(dana):
    page = dana.get(WEEK)
    grace = row(page, "Grace Okoro")
    assert "Tuesday, October 6: quiet 8 % 1 appointment 9:00–10:00 AM 10:35–11:00 AM 11:05 AM–5:00 PM" in grace
    assert "Monday, October 5: free 0 % 9:00 AM–5:00 PM" in grace
    assert "Saturday, October 10: not working" in grace
    assert "Wednesday, October 7: away" in row(page, "Boris Ivanov")


def test_a_month_says_how_full_its_days_are(dana):
    said = text_of(dana.get(MONTH)).replace("\xa0", " ")
    assert "October 2026" in said
    assert "Tuesday, October 6 quiet 4 % 1 appointment" in said
    assert "Saturday, October 3 not working" in said
    assert "November" not in said


def test_each_day_leads_to_its_board_and_the_board_to_both(dana):
    assert 'href="/desk/?site=lakeside&amp;day=2026-10-06"' in dana.get(WEEK).content.decode()
    board = dana.get("/desk/?day=2026-10-06").content.decode()
    assert 'href="/desk/week/?site=lakeside&amp;day=2026-10-06"' in board
    assert 'href="/desk/month/?site=lakeside&amp;day=2026-10-06"' in board


def test_whoever_treats_sees_their_own_weeks_alone(dana, site):
    grace = sign_in(Client(), "grace", Role.PRACTITIONER, site)
    Practitioner.objects.filter(name="Grace Okoro").update(user=User.objects.get(username="grace"))
    assert "Boris" not in text_of(grace.get(WEEK))
    assert "Tuesday, October 6 quiet 8 %" in text_of(grace.get(MONTH)).replace("\xa0", " ")


@pytest.mark.parametrize("address", [WEEK, MONTH])
def test_more_people_and_appointments_cost_no_more_queries(dana, site, address):
    dana.get(address)
    with CaptureQueriesContext(connection) as few:
        dana.get(address)
    for number in range(3):
        make_practitioner(site, name=f"Colleague {number}")
    lay_out(weeks=3)
    book("Una Vogel", chicago(8, 9), who="Colleague 0")
    with CaptureQueriesContext(connection) as many:
        dana.get(address)
    assert len(many) == len(few)

"""Who asks for an appointment that is looked at first is told so before and after, and by mail."""

import re

import pytest
from django.core import mail

from booking.models import Appointment
from core import clock as core_clock
from notifications.actions import dispatch
from tests.booking.pages.stories.test_codes import code, second, type_code
from tests.booking.pages.walk import TIMES, a_time, book, hidden_on, slots_on, text_of, to_check
from tests.factories.policies import publish_policy

TAKES = 8
"""The number of a time that somebody can look at before: Thursday morning."""


@pytest.fixture
def reviewed(alice):
    """First visits are looked at until a day before."""
    publish_policy("booking", {"review": [{"reason": "first-visit", "business_days": 1, "until_hours_before": 24}]})


def test_alice_is_told_that_somebody_looks_at_it_first_and_until_when_her_time_is_kept(alice, reviewed):
    check = to_check(alice, TAKES)
    assert "We look at this before it is booked" in text_of(check)
    assert "We usually answer by Tuesday, October 6" in text_of(check)
    assert "Ask for this appointment" in text_of(check)
    page = alice.get(alice.post("/book/done/", hidden_on(check))["Location"])
    assert "We are checking your request, and write to you when we know." in text_of(page)
    assert "You are booked" not in text_of(page)
    dispatch.run(now=core_clock.now)
    assert [one.subject for one in mail.outbox] == ["We have your request"]
    said = re.sub(r"\s+", " ", mail.outbox[0].body)
    assert "We are checking your request" in said
    assert "We have your request. With the link below you can see, move or cancel your request." in said
    assert "your appointment" not in said


def test_nobody_reads_of_a_check_where_nothing_is_looked_at(alice):
    assert "We look at this" not in text_of(to_check(alice))


def test_the_code_shows_the_address_to_be_hers_and_books_nothing_that_is_still_looked_at(alice, reviewed):
    book(alice, TAKES)
    check = to_check(alice, week=1)
    assert alice.post("/book/done/", hidden_on(check))["Location"] == "/book/code/"
    assert "Ask for this appointment" in text_of(alice.get("/book/code/"))
    dispatch.run(now=core_clock.now)
    mailed = re.search(r"/m/[^/\s]+/", mail.outbox[-1].body)[0]
    assert "Yes: ask for it, this is my address" in text_of(alice.get(mailed))
    page = alice.get(type_code(alice, code())["Location"])
    assert "We are checking your request" in text_of(page)
    visit = second()
    assert (visit.status, (visit.period.lower - visit.kept_until).total_seconds()) == ("proposed", 24 * 3600)
    assert {one.status for one in Appointment.objects.all()} == {"proposed"}
    dispatch.run(now=core_clock.now)
    asked = [one.body for one in mail.outbox if one.subject == "We have your request"]
    links = re.findall(r"/m/[^/\s]+/", "".join(asked))
    assert len(set(links)) == 2, "of both requests, she has the way back to it"


def test_no_time_is_offered_that_nobody_can_look_at_before(alice, reviewed):
    soonest = slots_on(alice.get(TIMES))[0]
    assert alice.post("/book/hold/", {"slot": soonest}).status_code == 302
    assert "Tuesday, October 6" not in text_of(alice.get(TIMES))
    page = alice.post("/book/hold/", {"slot": a_time()})
    assert page.status_code == 409
    assert "This time is too soon for that: choose a later one, or call us." in text_of(page)


def test_without_the_check_the_same_time_is_offered(alice):
    assert "Tuesday, October 6" in text_of(alice.get(TIMES))

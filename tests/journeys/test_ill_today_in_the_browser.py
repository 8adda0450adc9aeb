"""Dr Li is ill: from any page of the desk Dana needs three clicks, four until further notice, for all appointments."""

import json

import pytest
from django.test import Client

from booking.models import Appointment, CalendarEdit
from core.roles import Role
from scheduler.models import Absence
from tests.booking.pages.walk import book, slots_on
from tests.journeys.people import DESK, SMALL_PHONE, TIMES
from tests.journeys.test_patient_pages import faults_by_day_and_by_night
from tests.journeys.test_screening import signed_in

pytestmark = [pytest.mark.journey, pytest.mark.full]

CLICKS = 4
"""The tab, the name, until further notice, and the press that does all of it."""


@pytest.fixture
def visits(clinic):
    """Appointments of Alice and Ben, of whom the first is of whoever cannot come."""
    book(Client(), slot=slots_on(Client().get(TIMES))[8])
    book(Client(), slot=slots_on(Client().get(TIMES))[12], name="Ben Brown", email="ben@example.test",
         birth_date="5/6/1955")  # fmt: skip
    return list(Appointment.objects.select_related("practitioner").order_by("pk"))


def on_the_way(page, name):
    """Yield what is clicked, one after the other."""
    yield page.get_by_role("link", name="Ill today", exact=True)
    yield page.get_by_role("link", name=name, exact=True)
    yield page.get_by_role("link", name="Until further notice", exact=True)
    yield page.get_by_role("button", name="Enter the absence, and do this", exact=True)


def test_dana_settles_all_appointments_of_somebody_who_is_ill_in_four_clicks_and_takes_it_back(
    open_page, visits, service_url
):
    page, clicks, who = open_page(DESK, script=False), 0, visits[0].practitioner.name
    signed_in(page, Role.SCHEDULER, service_url)
    page.goto("/desk/calls/")
    for target in on_the_way(page, who):
        with page.expect_navigation():
            target.click()
        clicks += 1
    assert clicks == CLICKS
    assert page.get_by_text(f"{who} is away.").count() == 1
    assert Absence.objects.count() == 1
    settled = {one["appointment"] for one in CalendarEdit.objects.get().done}
    theirs = [one for one in visits if one.practitioner.name == who]
    assert settled == {str(one.public_id) for one in theirs}
    with page.expect_navigation():
        page.get_by_role("button", name="Take back").click()
    assert page.get_by_text("It is taken back, and everybody is where they were.").count() == 1
    assert not Absence.objects.exists()
    now = Appointment.objects.select_related("practitioner").order_by("pk")
    assert [(one.practitioner, one.period) for one in now] == [(one.practitioner, one.period) for one in visits]


def test_the_page_can_be_used_by_everybody(open_page, visits, service_url):
    page, wrong = open_page(SMALL_PHONE), {}
    signed_in(page, Role.SCHEDULER, service_url)
    who = visits[0].practitioner
    named = f"?who={who.public_id}&last="
    for name, query in (("who", ""), ("what fits", named), ("wrong", f"{named}x")):
        page.goto(f"/desk/away/{query}")
        wrong[name] = faults_by_day_and_by_night(page)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wrong[name] += [f"{wider} too wide"] if wider > 0 else []
    assert not any(wrong.values()), json.dumps(wrong, indent=1)


ENTER = "Enter the absence, and do this"
UNDER_WAY = "It is being done. That takes some seconds, and longer while many people are at work."
AS_IF_SLOW = """window.pressed = 0; document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) window.pressed += 1;
  event.preventDefault();
})"""
"""Counts what would be sent, and lets no answer come."""


def press_twice_while_nothing_comes(page, who, service_url):
    """Let Dana enter an absence whose answer does not come, and press again after a second; return what was sent."""
    signed_in(page, Role.SCHEDULER, service_url)
    page.goto(f"/desk/away/?who={who.public_id}&last=")
    page.evaluate(AS_IF_SLOW)
    for _ in range(2):
        page.get_by_role("button", name=ENTER, exact=True).click()
        page.wait_for_timeout(900)
    return page.evaluate("window.pressed")


def test_while_it_is_saved_the_page_says_so_and_takes_no_second_press(open_page, visits, service_url):
    page = open_page(SMALL_PHONE)
    assert press_twice_while_nothing_comes(page, visits[0].practitioner, service_url) == 1
    assert UNDER_WAY in page.get_by_role("status").first.inner_text()
    assert page.get_by_text("You may leave this page").is_visible()
    assert page.locator("progress").is_visible()
    assert not faults_by_day_and_by_night(page)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert page.get_by_text(UNDER_WAY).count() == 0


def test_twin_without_its_script_nothing_is_said_and_each_press_is_sent(open_page, visits, service_url):
    page = open_page(DESK)
    page.route("**/long_work*.js", lambda route: route.abort())
    assert press_twice_while_nothing_comes(page, visits[0].practitioner, service_url) == len((ENTER, ENTER))
    assert page.get_by_text(UNDER_WAY).count() == 0

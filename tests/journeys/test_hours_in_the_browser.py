"""Dr Li works otherwise from now on: from any page of the desk Dana needs four clicks, beside the hours she types."""

import json

import pytest
from django.test import Client

from booking.models import Appointment, CalendarEdit
from core.roles import Role
from scheduler.models import WorkingHours
from tests.booking.pages.walk import book, slots_on
from tests.journeys.desk_pages import unfold_tabs
from tests.journeys.people import PHONE, SMALL_PHONE, TIMES
from tests.journeys.test_patient_pages import faults_by_day_and_by_night
from tests.journeys.test_screening import signed_in

pytestmark = [pytest.mark.journey, pytest.mark.full]

CLICKS = 4
"""The tab, the name, the press that shows what it does, and the one that does all of it."""


@pytest.fixture
def visit(clinic):
    """Alice's appointment."""
    book(Client(), slot=slots_on(Client().get(TIMES))[8])
    return Appointment.objects.select_related("practitioner").get()


def pressed(page, role, name):
    with page.expect_navigation():
        page.get_by_role(role, name=name, exact=True).click()
    return 1


def test_dana_changes_a_week_and_settles_who_stands_outside_in_four_clicks_and_takes_it_back(
    open_page, visit, service_url
):
    page, who = open_page(PHONE, script=False), visit.practitioner
    before = set(WorkingHours.objects.filter(practitioner=who).values_list("weekday", "starts", "ends", "valid_to"))
    signed_in(page, Role.SCHEDULER, service_url)
    page.goto("/desk/calls/")
    unfold_tabs(page)
    clicks = pressed(page, "link", "Hours") + pressed(page, "link", who.name)
    for field in page.locator(".week-hours input").all():
        field.fill("")
    clicks += pressed(page, "button", "Show what it does")
    assert WorkingHours.objects.filter(practitioner=who, valid_to=None).exists()  # shown, and nothing done
    clicks += pressed(page, "button", "Save the hours, and do this")
    assert clicks == CLICKS
    assert page.get_by_text(f"The hours of {who.name} are saved").count() == 1
    assert [one["appointment"] for one in CalendarEdit.objects.get().done] == [str(visit.public_id)]
    with page.expect_navigation():
        page.get_by_role("button", name="Take back").click()
    assert page.get_by_text("It is taken back, and everybody is where they were.").count() == 1
    assert (
        set(WorkingHours.objects.filter(practitioner=who).values_list("weekday", "starts", "ends", "valid_to"))
        == before
    )
    now = Appointment.objects.select_related("practitioner").get()
    assert (now.practitioner, now.period) == (who, visit.period)


def test_the_pages_can_be_used_by_everybody(open_page, visit, service_url):
    page, wrong, who = open_page(SMALL_PHONE), {}, f"/desk/hours/?who={visit.practitioner.public_id}"
    signed_in(page, Role.SCHEDULER, service_url)
    for address in (
        who,
        f"{who}&show=1",
        f"{who}&show=1&d1-1-from=x",
        "/desk/closures/holidays/",
        "/desk/closures/places/",
        "/desk/closures/places/?show=1",
    ):
        page.goto(address)
        wrong[address] = faults_by_day_and_by_night(page)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wrong[address] += [f"{wider} too wide"] if wider > 0 else []
    assert not any(wrong.values()), json.dumps(wrong, indent=1)

"""Alice at home behind her link: reminders, calendar, what she needs; ill and well again; each page for everybody."""

import json
from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Page

from booking.models import AccessNeeds, Appointment, CalendarFeed, MessagePreferences
from core import clock
from tests.booking.pages.walk import booked_and_proven, slots_on
from tests.journeys.people import PHONE, SMALL_PHONE, TIMES, follow, press, times
from tests.journeys.test_patient_pages import faults_by_day_and_by_night

pytestmark = pytest.mark.journey


@pytest.fixture
def visit(clinic):
    browser = Client()
    return booked_and_proven(browser, slot=slots_on(browser.get(TIMES))[-1], at=clock.now())


def settles(page: Page, visit: str) -> Iterator[str]:
    """Let Alice say how she is written to, have her calendar, and ask for what she needs."""
    page.goto(f"{visit}mine/")
    yield "birth date"
    page.get_by_label("Date of birth").fill("3/27/1961")
    press(page, "Go on")
    yield "mine"
    follow(page, "Reminders and language")
    yield "reminders"
    page.get_by_label("No, I do not need reminders").check()
    page.get_by_label("Not before").select_option("10:00")
    press(page, "Save")
    yield "reminders saved"
    follow(page, "Back to my appointments")
    follow(page, "Appointments in my calendar")
    yield "calendar"
    press(page, "Make my calendar link")
    yield "calendar made"
    page.goto(visit)
    follow(page, "Do you need an interpreter")
    yield "needs"
    page.get_by_label("My service dog comes along").check()
    press(page, "Save")
    yield "needs saved"


def is_ill_and_well_again(page: Page, visit: str) -> Iterator[str]:
    """Let Alice call it off because she is ill, and have it back."""
    page.goto(visit)
    follow(page, "Cancel it")
    assert times(page).count() == 3
    yield "cancel"
    page.get_by_label("I am ill").check()
    press(page, "Cancel my appointment")
    yield "ill"
    press(page, "Undo")
    yield "well again"


def test_every_page_of_her_own_can_be_used_by_everybody(open_page, visit):
    page, wrong = open_page(SMALL_PHONE), {}
    for part in (settles, is_ill_and_well_again):
        for name in part(page, visit):
            wrong[name] = faults_by_day_and_by_night(page)
    assert not any(wrong.values()), json.dumps(wrong, indent=1)
    assert not MessagePreferences.objects.get().reminders
    assert CalendarFeed.objects.filter(revoked_at=None).count() == 1
    assert AccessNeeds.objects.get().needs == ["service-animal"]
    assert Appointment.objects.get().status == "booked"


def test_each_page_works_without_a_script_and_with_letters_twice_as_large(open_page, visit):
    assert len(list(settles(open_page(SMALL_PHONE, script=False), visit))) == 8
    page = open_page(PHONE)
    page.goto(f"{visit}mine/")
    page.get_by_label("Date of birth").fill("3/27/1961")
    press(page, "Go on")
    for part in ("mine/", "mine/messages/", "mine/calendar/", "needs/", "cancel/"):
        page.goto(f"{visit}{part}")
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, part

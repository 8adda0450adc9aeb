"""Alice says how she is, on her phone; Dana at the desk and a clinician see what follows."""

import json

import pytest
from django.conf import settings
from django.test import Client

from booking.models import Appointment, ScreeningResponse
from core.models import Site
from core.roles import Role
from tests.booking.pages.walk import book, slots_on
from tests.factories.admin import sign_in
from tests.factories.policies import adopt_screening
from tests.journeys.people import PHONE, SMALL_PHONE, TIMES, choose, follow, press
from tests.journeys.test_patient_pages import faults, violations

pytestmark = pytest.mark.journey


@pytest.fixture
def visit(clinic):
    """Where Alice's visit of the coming days is found, at a clinic that asks how people are."""
    adopt_screening()
    return book(alice := Client(), slot=slots_on(alice.get(TIMES))[8])


def says(page, visit):
    """Let Alice answer in every way, and stop on each page with its name."""
    page.goto(f"{visit}screening/")
    yield "questions"
    press(page, "No, none of these")
    yield "can come"
    follow(page, "Somebody comes with me")
    yield "questions for a companion"
    page.goto(f"{visit}screening/?step=tick")
    yield "ticks"
    press(page, "Continue")
    yield "ticks with errors"
    page.get_by_label("That is usual for me").first.check()
    press(page, "Continue")
    yield "looked at"
    page.goto(f"{visit}screening/?step=tick")
    page.get_by_label("Very short of breath").check()
    press(page, "Continue")
    yield "get help"
    page.goto(f"{visit}screening/?step=tick")
    page.get_by_label("A positive test").check()
    press(page, "Continue")
    yield "days"
    press(page, "Continue")
    yield "days with errors"
    page.get_by_label("I am not sure").check()
    page.get_by_label("Ill, at home").check()
    page.get_by_label("The day of the test").fill("1/2/2026")
    press(page, "Continue")


def signed_in(page, role, service_url):
    """Let somebody of the staff be signed in in this window."""
    client = sign_in(Client(), f"staff-{role}", role, Site.objects.get(key="lakeside"))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": service_url}])


def test_everybody_can_answer_on_a_small_phone_by_day_and_by_night(open_page, visit):
    page, wrong = open_page(SMALL_PHONE), {}
    for name in says(page, visit):
        wrong[name] = faults(page)
        page.emulate_media(color_scheme="dark")
        wrong[name] += violations(page, "color-contrast")
        page.emulate_media(color_scheme="light")
    assert not any(wrong.values()), json.dumps(wrong, indent=1)


def test_alice_moves_to_a_new_time_in_two_presses_without_javascript(open_page, visit):
    page = open_page(PHONE, script=False)
    before = Appointment.objects.get().period.lower
    page.goto(f"{visit}screening/?step=tick")
    page.get_by_label("Vomiting or diarrhea").check()
    press(page, "Continue")
    assert page.get_by_role("heading", level=1).inner_text() == "Please stay home for now"
    choose(page, 0)
    press(page, "Move my appointment")
    assert page.get_by_role("heading", level=1).inner_text() == "Your appointment has moved"
    assert Appointment.objects.get().period.lower != before


def test_the_pages_of_the_desk_can_be_used_by_everybody(open_page, visit, service_url):
    page, wrong = open_page(PHONE), {}
    signed_in(page, Role.SCHEDULER, service_url)
    on = Appointment.objects.select_related("site").get()
    day = on.period.lower.astimezone(on.site.tz).date().isoformat()
    page.goto(f"/desk/arrivals/?day={day}")
    wrong["arrivals"] = faults(page)
    follow(page, "Ask the questions")
    wrong["read aloud"] = faults(page)
    page.get_by_label("That is usual for me").first.check()
    press(page, "Continue with what is ticked")
    assert "A clinician looks at it" in page.content()
    signed_in(page, Role.CLINICIAN, service_url)
    page.goto("/desk/health/")
    wrong["to look at"] = faults(page)
    press(page, "May come")
    assert ScreeningResponse.objects.get().decision == "approved"
    assert not any(wrong.values()), json.dumps(wrong, indent=1)

"""Dana finds somebody whose name she mistypes, by keyboard from any page, and comes to their appointment."""

import json
from datetime import date

import pytest
from django.test import Client

from booking.actions.patients import patients
from booking.models import Appointment, Patient
from core import clock
from core.models import Site
from core.principal import Principal
from core.roles import Role
from tests.booking.pages.walk import book, slots_on
from tests.journeys.people import DESK, PHONE, TIMES, follow, press
from tests.journeys.test_patient_pages import faults_by_day_and_by_night
from tests.journeys.test_screening import signed_in

pytestmark = pytest.mark.journey


@pytest.fixture
def alice(clinic):
    """Alice has booked; a guest of her name and birth date has a record as well."""
    browser = Client()
    book(browser, slot=slots_on(browser.get(TIMES))[0], name="Alice Adams", email="alice@example.test")
    alice = Patient.objects.get()
    facts = {"name": "Alice Ann Adams", "birth_date": alice.birth_date, "email": "ann@example.test"}
    site, at = Site.objects.get(key="lakeside"), clock.now()
    patients.register(**facts, site=site, by=Principal.system("test"), at=at, guest=True)
    patients.register(
        name="Otto Brandt", birth_date=date(1950, 1, 1), email="otto@example.test", site=site,
        by=Principal.system("test"), at=at,
    )  # fmt: skip
    return alice


def test_from_any_page_by_a_mistyped_name_to_the_person_and_their_appointment(open_page, alice, service_url):
    page, wrong = open_page(DESK), {}
    signed_in(page, Role.SCHEDULER, service_url)
    page.goto("/desk/calls/")
    page.keyboard.press("Control+k")
    with page.expect_navigation():
        page.keyboard.type("Adasm Alise\n")
    assert "These names are much like it" in page.locator("main").inner_text()
    assert page.locator(".found h2").all_inner_texts() == ["Alice Adams", "Alice Ann Adams"]
    wrong["found"] = faults_by_day_and_by_night(page)
    with page.expect_navigation():
        page.locator(".found h2 a").first.press("Enter")
    assert page.locator("h1").inner_text() == "Alice Adams"
    wrong["person"] = faults_by_day_and_by_night(page)
    page.get_by_text("Correct this record").click()
    wrong["correct"] = faults_by_day_and_by_night(page)
    with page.expect_navigation():
        page.locator("section[aria-labelledby=coming] a").first.click()
    assert page.url.endswith(f"/desk/appointments/{Appointment.objects.get().public_id}/")
    assert not any(wrong.values()), json.dumps(wrong, indent=1)


def test_on_a_phone_without_script_two_records_become_one(open_page, alice, service_url):
    page, wrong = open_page(PHONE, script=False), []
    signed_in(page, Role.SCHEDULER, service_url)
    page.goto(f"/desk/patients/{alice.public_id}/")
    press(page, "It is the same person")
    wrong.append(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
    press(page, "Yes: make them one record")
    assert "has one record now" in page.locator("main").inner_text()
    assert "This may be the same person" not in page.locator("main").inner_text()
    wrong.append(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
    page.goto("/desk/find/?find=Zzyzx")
    assert "Try their date of birth" in page.locator("main").inner_text()
    follow(page, "Enter them")
    assert wrong == [0, 0]


def test_the_keys_can_be_switched_off(open_page, alice, service_url):
    page = open_page(DESK)
    signed_in(page, Role.SCHEDULER, service_url)
    page.goto("/desk/find/")
    page.get_by_text("Keys", exact=True).click()
    page.get_by_label("Ctrl and K, or /").uncheck()
    page.goto("/desk/calls/")
    page.keyboard.press("/")
    assert not page.evaluate("document.activeElement.matches('[data-find]')")
    page.goto("/desk/find/")
    page.get_by_text("Keys", exact=True).click()
    page.get_by_label("Ctrl and K, or /").check()
    page.locator("h1").click()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.matches('[data-find]')")

"""Dana's day at the door, in a browser: on paper, with the keyboard alone, and beside a colleague."""

import json
import re
from datetime import datetime, time, timedelta

import pytest
from django.test import Client

from booking.actions import call_requests, calls
from booking.models import Appointment, CallReason
from core import clock
from core.models import Site, User
from core.principal import Principal
from core.roles import Role
from scheduler.models import Practitioner
from tests.booking.pages.walk import as_seen, book, slots_on
from tests.factories.admin import sign_in
from tests.factories.policies import adopt_screening, publish_screening
from tests.journeys.people import DESK, SMALL_PHONE, TIMES, follow, press
from tests.journeys.test_patient_pages import faults_by_day_and_by_night
from tests.journeys.test_screening import signed_in

pytestmark = [pytest.mark.journey, pytest.mark.full]

FULL_DAY = 40
TWICE_AS_LARGE = "document.documentElement.style.fontSize = '200%'"
FILL = f"""() => {{ const rows = document.querySelector("table.day tbody");
  while (rows.rows.length < {FULL_DAY}) rows.append(rows.rows[rows.rows.length % 2].cloneNode(true)); }}"""


@pytest.fixture
def two_today(clinic):
    """Alice and Ben come today; both have said at home that they are well. Temperatures are taken."""
    adopt_screening()
    publish_screening({"temperature_at_door": True}, at=clock.now() - timedelta(days=1))  # for all of today
    names = ("Alice Adams", "Benjamin Montgomery-Featherstone")
    for number, name in enumerate(names):
        browser = Client()
        address = book(browser, slot=slots_on(browser.get(TIMES))[number], name=name, email=f"{number}@example.test")
        # Until midnight, so that at no hour of the day their time is over, which takes a line more on paper.
        today = clock.now().astimezone(clinic.tz).date()
        starts, ends = (datetime.combine(today, hour, clinic.tz) for hour in (time(22 + number), time(23, 59)))
        mine = Appointment.objects.filter(patient__name=name)
        mine.update(period=(starts, ends), practitioner=Practitioner.objects.all()[number])
        browser.post(f"{address}screening/", {"none": "1"})
    return names


def status_of(name):
    return Appointment.objects.get(patient__name=name).status


@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_forty_visits_are_printed_on_one_page(open_page, two_today, service_url, paper):
    page = open_page(DESK)
    signed_in(page, Role.SCHEDULER, service_url)
    page.goto("/desk/arrivals/")
    page.evaluate(FILL)
    assert page.locator("table.day tbody tr").count() == FULL_DAY
    assert len(re.findall(rb"/Type /Page\b(?!s)", page.pdf(format=paper))) == 1
    page.evaluate("() => document.querySelector('table.day').style.lineHeight = '2.5'")  # the twin: this is too much
    assert len(re.findall(rb"/Type /Page\b(?!s)", page.pdf(format=paper))) > 1


def test_dana_checks_in_with_the_keyboard_alone_and_undoes_it_with_one_key(open_page, two_today, service_url):
    page, (alice, ben) = open_page(DESK), two_today
    signed_in(page, Role.SCHEDULER, service_url)
    page.goto("/desk/arrivals/")
    page.locator("input[name=temperature]").first.focus()
    page.keyboard.type("98.6")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert status_of(alice) == "checked-in"
    with page.expect_navigation():
        page.keyboard.press("u")
    assert status_of(alice) == "booked"
    page.keyboard.press("ArrowDown")
    with page.expect_navigation():
        page.keyboard.press("a")
    assert (status_of(alice), status_of(ben)) == ("booked", "arrived")


def test_a_colleague_s_act_appears_and_what_is_being_typed_stays(open_page, two_today, service_url):
    page, (alice, ben) = open_page(DESK), two_today
    signed_in(page, Role.SCHEDULER, service_url)
    page.goto("/desk/arrivals/")
    first = page.locator("tbody tr").first
    first.locator("input[name=temperature]").fill("98")
    nora = sign_in(Client(), "nora", Role.SCHEDULER, Appointment.objects.first().site)
    for name in (alice, ben):
        visit = Appointment.objects.get(patient__name=name)
        nora.post(f"/desk/arrivals/{visit.public_id}/arrive/", as_seen(visit))
    page.locator("tbody tr").nth(1).get_by_text("arrived").wait_for()
    assert first.locator("input[name=temperature]").input_value() == "98"
    assert "booked" in first.inner_text()


def test_the_pages_at_the_door_can_be_used_by_everybody(open_page, two_today, service_url):
    page, wrong = open_page(SMALL_PHONE), {}
    signed_in(page, Role.SCHEDULER, service_url)
    for name in _ways(page):
        wrong[name] = faults_by_day_and_by_night(page)
        page.evaluate(TWICE_AS_LARGE)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wrong[name] += [f"at 200 % {wider} too wide"] if wider > 0 else []
    assert not any(wrong.values()), json.dumps(wrong, indent=1)


def _ways(page):
    page.goto("/desk/arrivals/")
    yield "door"
    page.locator("input[name=temperature]").first.fill("986")
    press(page, "Nothing new: check in")
    yield "door with errors"
    follow(page, "Something is new")
    yield "what is new"
    press(page, "None of these")
    yield "what is new with errors"
    page.goto("/desk/walk-in/")
    page.get_by_text("Enter somebody new").click()
    yield "walk-in"
    press(page, "Enter")
    yield "walk-in with errors"
    page.get_by_label("Full name").fill("Olga Reyes")
    page.locator("main").get_by_label("Date of birth").fill("3/4/1955")
    page.locator("main").get_by_label("Phone").fill("(312) 555-0123")
    press(page, "Enter")
    yield "times for a walk-in"
    with page.expect_navigation():
        page.locator("button[name=slot]").first.click()
    yield "questions for a walk-in"
    page.get_by_label("Vomiting or diarrhea").first.check()
    page.get_by_label("Temperature").fill("98.6") if page.get_by_label("Temperature").count() else None
    press(page, "Continue with what is ticked") if page.get_by_text("Continue with what").count() else press(
        page, "Book"
    )
    yield "a walk-in who cannot come in, or is booked"
    page.goto("/desk/absences/")
    yield "suggested absences"
    call_requests.ask(
        site=Site.objects.get(key="lakeside").pk, name="Olga Reyes-Wolfeschlegelstein", phone="+13125550123",
        first=True, by=Principal.system("visitor"), at=clock.now(),
    )  # fmt: skip
    calls.raise_for([Appointment.objects.earliest("period").pk], CallReason.NOT_REACHED, at=clock.now())
    page.goto("/desk/to-do/")
    page.keyboard.press("?")
    assert "to the field that finds somebody" in page.locator("[data-key-list]").inner_text()
    yield "to do, with the list of its keys"
    follow(page, "Call, and note that it is done")
    page.keyboard.press("?")
    assert "D Done: they were called" in page.locator("[data-key-list]").inner_text()
    yield "calls, with the list of their keys"
    page.locator("[data-row]").first.focus()
    with page.expect_navigation():
        page.keyboard.press("d")
    assert "is called. Until tonight you can undo it below." in page.locator("main").inner_text()
    yield "calls that are done"


def test_grace_answers_on_her_phone_without_javascript(open_page, two_today, service_url):
    page = open_page(SMALL_PHONE, script=False)
    signed_in(page, Role.PRACTITIONER, service_url)
    Practitioner.objects.filter(name="Grace Okoro").update(user=User.objects.get(username=f"staff-{Role.PRACTITIONER}"))
    page.goto("/desk/")
    assert page.get_by_role("heading", level=1).inner_text() == "How are you today?"
    press(page, "None of these")
    assert page.get_by_role("heading", level=1).inner_text() == "You can see patients today"

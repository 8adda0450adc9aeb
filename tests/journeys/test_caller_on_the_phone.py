"""Dana books for somebody on the phone with the keyboard alone, and her presses are counted."""

from datetime import date, timedelta

import pytest

from booking.actions.patients import patients
from booking.models import Appointment, SuitabilityResponse
from core import clock
from core.principal import Principal
from core.roles import Role
from tests.factories.policies import adopt_suitability
from tests.journeys.people import DESK, SMALL_PHONE, follow, press
from tests.journeys.test_patient_pages import faults_by_day_and_by_night
from tests.journeys.test_screening import signed_in

pytestmark = [pytest.mark.journey, pytest.mark.full]

MOST_PRESSES = 15
"""Beside the name, and one press for each page of questions."""


class Keys:
    """The keyboard of a page: what is typed is not counted, what is pressed is, the questions apart."""

    def __init__(self, page):
        self.page, self.presses, self.questions = page, 0, 0
        self.browser = page.context.new_cdp_session(page)

    def type(self, text, *, into):
        """Type into the field where the page has put them."""
        self.page.wait_for_function("name => document.activeElement.name === name", arg=into)
        self.page.keyboard.type(text)

    def press(self, key):
        self.presses += 1
        self.page.keyboard.press(key)

    def enter(self):
        with self.page.expect_navigation():
            self.press("Enter")

    def letter(self, letter):
        """Press Alt and a letter: the browser looks itself which element has it as its access key."""
        self.presses += 1
        self._alt(letter)

    def go(self, letter):
        with self.page.expect_navigation():
            self.letter(letter)

    def answer_none(self):
        while self.page.get_by_role("button", name="None of these").count():
            with self.page.expect_navigation():
                self._alt("n")
            self.questions += 1

    def _alt(self, letter):
        key = {
            "modifiers": 1,
            "key": letter,
            "code": f"Key{letter.upper()}",
            "windowsVirtualKeyCode": ord(letter.upper()),
        }
        self.browser.send("Input.dispatchKeyEvent", {"type": "keyDown", "unmodifiedText": letter, **key})
        self.browser.send("Input.dispatchKeyEvent", {"type": "keyUp", **key})


@pytest.fixture
def asking(clinic):
    adopt_suitability()
    return clinic


@pytest.fixture
def olga(asking):
    return patients.register(
        name="Olga Reyes", birth_date=date(1955, 3, 4), email="", phone="+13125550123", site=asking,
        by=Principal.system("test"), at=clock.now(),
    )  # fmt: skip


def test_whoever_is_known_is_booked_with_few_presses(open_page, olga, service_url):
    page = open_page(DESK)
    signed_in(page, Role.SCHEDULER, service_url)
    page.goto("/desk/book/")
    keys = Keys(page)
    keys.type("Reyes", into="find")
    keys.enter()
    keys.go("c")  # the first who is found
    keys.go("c")  # the soonest time
    keys.answer_none()
    keys.go("c")  # book
    visit = Appointment.objects.get()
    assert (visit.status, visit.patient.name) == ("booked", "Olga Reyes")
    assert SuitabilityResponse.objects.exists()
    assert keys.presses == 4


def test_somebody_new_who_hopes_for_a_day_is_booked_with_fifteen_presses_at_most(open_page, asking, service_url):
    page = open_page(DESK)
    signed_in(page, Role.SCHEDULER, service_url)
    page.goto("/desk/book/")
    keys = Keys(page)
    keys.type("Lena Kowalski", into="find")
    keys.enter()
    keys.type("3/27/1961", into="birth_date")  # nobody is found: the name stands there, and it goes on with this
    keys.press("Tab")
    keys.type("312 555 0188", into="phone")
    keys.enter()
    keys.letter("d")  # from which day on
    week = clock.now().astimezone(asking.tz).date() + timedelta(days=7)
    keys.type(f"{week:%m/%d/%Y}", into="since")
    keys.enter()
    keys.go("c")
    keys.answer_none()
    keys.go("c")
    visit = Appointment.objects.get()
    assert (visit.status, visit.patient.name) == ("booked", "Lena Kowalski")
    assert visit.period.lower.astimezone(asking.tz).date() >= week
    assert keys.presses <= MOST_PRESSES


def test_whoever_stands_at_the_desk_has_the_first_time_with_as_few(open_page, olga, service_url):
    page = open_page(DESK)
    signed_in(page, Role.SCHEDULER, service_url)
    page.goto("/desk/walk-in/")
    keys = Keys(page)
    keys.type("Reyes", into="find")
    keys.enter()
    keys.go("c")  # the first who is found
    keys.go("c")  # the soonest time
    keys.answer_none()
    keys.go("c")  # book, and check in where it is today
    visit = Appointment.objects.get()
    assert (visit.patient.name, visit.status in {"booked", "checked-in"}) == ("Olga Reyes", True)
    assert keys.presses == 4


def test_the_pages_for_a_caller_can_be_used_by_everybody(open_page, olga, service_url):
    page, wrong = open_page(SMALL_PHONE), {}
    signed_in(page, Role.SCHEDULER, service_url)
    for name in ways(page):
        wrong[name] = faults_by_day_and_by_night(page)
    assert not any(wrong.values()), wrong


def ways(page):
    """Book for Olga, and stop on each page with its name."""
    page.goto("/desk/book/?find=reyes")
    yield "found"
    follow(page, "This person")
    yield "times"
    page.get_by_label("Do they hope for").fill("3 am")
    press(page, "Show times")
    yield "why not"
    page.locator("button[name=slot]").first.click()
    yield "questions"
    while page.get_by_role("button", name="None of these").count():
        press(page, "None of these")
    yield "check"
    press(page, "Book")
    yield "booked"

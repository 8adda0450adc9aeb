"""Behind her link Alice books again, moves and cancels by three clicks each, and types nothing."""

import pytest
from django.test import Client
from playwright.sync_api import Page

from booking.models import Appointment
from core import clock
from tests.booking.pages.walk import booked_and_proven, slots_on
from tests.journeys.people import PHONE, TIMES, times

pytestmark = pytest.mark.journey
MOST = 3
COUNTED = """() => {
    const add = name => sessionStorage.setItem(name, 1 + Number(sessionStorage.getItem(name)));
    addEventListener("click", event => event.isTrusted && event.detail && add("clicks"), true);
    addEventListener("keydown", () => add("keys"), true);
}"""


@pytest.fixture
def at_home(clinic, open_page):
    """Alice on the page of her appointment; her clicks and keys are counted by the browser."""
    browser = Client()
    visit = booked_and_proven(browser, slot=slots_on(browser.get(TIMES))[-1], at=clock.now())
    page = open_page(PHONE)
    page.add_init_script(f"({COUNTED})()")
    page.goto(visit)
    return page


def counted(page: Page) -> tuple[int, int]:
    """Return how many clicks and keys it took."""
    return tuple(page.evaluate(f"Number(sessionStorage.getItem('{name}'))") for name in ("clicks", "keys"))


def one_click(page: Page, role: str, words: str) -> None:
    with page.expect_navigation():
        page.get_by_role(role, name=words).first.click()


def takes_the_first_time(page: Page) -> None:
    with page.expect_navigation():
        times(page).first.click()


def test_from_her_appointments_alice_books_the_same_again(at_home):
    at_home.goto(f"{at_home.url.partition('?')[0]}mine/")
    at_home.get_by_label("Date of birth").fill("3/27/1961")
    one_click(at_home, "button", "Go on")
    at_home.evaluate("sessionStorage.clear()")  # whoever has shown once who they are is asked no more
    with at_home.expect_navigation():
        at_home.locator("h2:has-text('Book again') + ul a").first.click()
    takes_the_first_time(at_home)
    one_click(at_home, "button", "Book this appointment")
    assert counted(at_home) == (MOST, 0)
    assert Appointment.objects.filter(status="booked").count() == 2


def test_alice_moves_it(at_home):
    before = Appointment.objects.get().period
    one_click(at_home, "link", "Move it")
    takes_the_first_time(at_home)
    one_click(at_home, "button", "Move my appointment")
    clicks, keys = counted(at_home)
    assert (1 < clicks <= MOST, keys) == (True, 0)
    assert Appointment.objects.get().period != before


def test_alice_cancels_it(at_home):
    one_click(at_home, "link", "Cancel it")
    one_click(at_home, "button", "Cancel my appointment")
    clicks, keys = counted(at_home)
    assert (1 < clicks <= MOST, keys) == (True, 0)
    assert Appointment.objects.get().status == "cancelled"

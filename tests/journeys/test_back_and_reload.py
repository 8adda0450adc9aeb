"""Back, Forward and reload on every step: nothing typed is lost, nothing is sent twice, the last person is not read."""

import re
from datetime import date

import pytest
from django.test import Client
from playwright.sync_api import Error

from booking.actions.patients import patients
from booking.models import Appointment
from core import clock
from core.http import post_redirect_get
from core.principal import Principal
from core.roles import Role
from tests.booking.pages.walk import booked_and_proven, slots_on
from tests.factories.policies import adopt_suitability
from tests.factories.scheduler import lay_out
from tests.journeys.people import DESK, PHONE, TIMES, choose, follow, press, times
from tests.journeys.test_screening import signed_in

pytestmark = pytest.mark.journey
QUESTIONS = "/book/acu_manual/questions/?visit=first"
NONE = "No, none of these"
PROBLEM, ENDED, BOOKED = "There is a problem", "This page has ended", "This is booked"


@pytest.fixture
def asking(clinic):
    adopt_suitability()
    lay_out(at=clock.now(), weeks=7)
    return clinic


def goes_back_and_forth(page) -> None:
    """Go back, forward again, and reload: each shows a page, and in the end the one that was there."""
    before = page.locator("main").inner_text()
    for step in (page.go_back, page.go_forward, page.reload):
        answer = step()
        assert answer is not None
        assert page.locator("main h1").count() == 1, page.url
    assert page.locator("main").inner_text() == before


def typed(page, label: str) -> str:
    return page.get_by_label(label).input_value()


def answers_the_questions(page) -> None:
    """Answer page after page, each badly first where it can be."""
    page.goto(QUESTIONS)
    page.get_by_label("Date of birth").fill("4/19/61")
    press(page, NONE)
    assert page.get_by_text(PROBLEM).is_visible()
    assert typed(page, "Date of birth") == "4/19/61"
    goes_back_and_forth(page)
    assert typed(page, "Date of birth") == "4/19/61"
    page.get_by_label("Date of birth").fill("4/19/1961")
    press(page, NONE)
    while page.get_by_role("button", name=NONE).count():
        press(page, "Continue")  # nothing is chosen
        assert page.get_by_text(PROBLEM).is_visible()
        goes_back_and_forth(page)
        press(page, NONE)
        goes_back_and_forth(page)


def says_who(page) -> None:
    choose(page, times(page).count() - 1)
    page.get_by_label("Full name").fill("Alice Adams")
    press(page, "Continue")
    assert page.get_by_text(PROBLEM).is_visible()
    goes_back_and_forth(page)
    assert typed(page, "Full name") == "Alice Adams"
    page.get_by_label("E-mail").fill("alice@example.test")
    press(page, "Continue")


def nothing_of_alice_is_before(page, *says: str) -> None:
    """Go back page by page to the first: none says who she is, and what was answered has ended."""
    before = []
    while page.go_back() is not None:
        before.append(page.content())
    for words in (ENDED, *says):
        assert words in " ".join(before)
    assert not [one for one in before if "Alice" in one or "alice@" in one or "4/19" in one]


@pytest.mark.parametrize("script", [True, False])
def test_alice_goes_back_and_reloads_on_each_step_and_books_once(asking, open_page, script):
    page = open_page(PHONE, script=script)
    answers_the_questions(page)
    says_who(page)
    goes_back_and_forth(page)
    page.get_by_role("button", name="Book this appointment").dblclick()
    page.get_by_role("heading", name="You are booked").wait_for()
    page.reload()
    assert Appointment.objects.count() == 1
    nothing_of_alice_is_before(page, BOOKED)
    assert Appointment.objects.count() == 1


def lose(route) -> None:
    """Let what is sent arrive, and its answer get lost on the way."""
    route.fetch(max_redirects=0)
    route.abort()


@pytest.mark.parametrize("way", ["go_back", "reload"])
def test_who_lost_the_network_at_the_last_press_learns_that_it_is_booked_and_books_once(clinic, open_page, way):
    page = open_page(PHONE)
    page.goto(TIMES)
    choose(page, times(page).count() - 1)
    page.get_by_label("Full name").fill("Alice Adams")
    page.get_by_label("E-mail").fill("alice@example.test")
    page.get_by_label("Date of birth").fill("4/19/1961")
    press(page, "Continue")
    page.route("**/book/done/", lose)
    page.get_by_role("button", name="Book this appointment").click()
    page.wait_for_url("chrome-error://**")
    page.unroute("**/book/done/")
    getattr(page, way)()
    page.get_by_role("heading", name="booked").wait_for()
    assert Appointment.objects.count() == 1


def test_twin_without_an_address_back_meets_a_form_to_send_again(asking, open_page, monkeypatch):
    monkeypatch.setattr(post_redirect_get, "wants_pages", lambda _request: False)
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        answers_the_questions(open_page(PHONE))


def test_who_sits_there_next_reads_nothing_of_alice(asking, open_page):
    page = open_page(PHONE)
    answers_the_questions(page)
    says_who(page)
    press(page, "Stop, and forget what I typed")
    nothing_of_alice_is_before(page)


def is_told_what_is_wrong(page, button: str) -> None:
    """Press a button beside which something is wrong: it is said, and stays said."""
    press(page, button)
    assert page.get_by_text(PROBLEM).is_visible()
    goes_back_and_forth(page)


def test_behind_her_link_alice_goes_back_and_reloads_as_well(clinic, open_page):
    browser, page = Client(), open_page(PHONE)
    address = booked_and_proven(browser, slot=slots_on(browser.get(TIMES))[-1], at=clock.now())
    page.goto(f"{address}contact/")
    page.get_by_label("Date of birth").fill("3/28/1961")
    is_told_what_is_wrong(page, "Go on")
    assert typed(page, "Date of birth") == "3/28/1961"
    page.get_by_label("Date of birth").fill("3/27/1961")
    press(page, "Go on")
    page.get_by_label("E-mail").fill("alice at example")
    is_told_what_is_wrong(page, "Save")
    assert typed(page, "E-mail") == "alice at example"
    page.goto(f"{address}cancel/")
    page.get_by_label("I cannot come").check()
    press(page, "Cancel my appointment")
    goes_back_and_forth(page)
    assert Appointment.objects.get().status == "cancelled"


@pytest.fixture
def olga(asking):
    return patients.register(
        name="Olga Reyes", birth_date=date(1955, 3, 4), email="", phone="+13125550123", site=asking,
        by=Principal.system("test"), at=clock.now(),
    )  # fmt: skip


@pytest.mark.parametrize("way", ["book", "walk-in"])
def test_dana_goes_back_and_reloads_while_she_books_for_somebody(olga, open_page, service_url, way):
    page = open_page(DESK)
    signed_in(page, Role.SCHEDULER, service_url)
    page.goto(f"/desk/{way}/?find=reyes")
    follow(page, "This person")
    choose(page, 0)
    while page.get_by_role("button", name="None of these").count():
        is_told_what_is_wrong(page, "Continue with what is chosen")
        press(page, "None of these")
        goes_back_and_forth(page)
    page.get_by_role("button", name="Book").first.dblclick()
    page.wait_for_url(re.compile("/(done|booked)/"))
    visit = Appointment.objects.get()
    page.go_back()
    assert str(visit.public_id) in page.url, "booked: what was answered is shown no more"

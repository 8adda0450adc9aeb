"""Back, Forward and reload on every step: nothing typed is lost, nothing is sent twice, the last person is not read."""

import pytest
from playwright.sync_api import Error

from booking.models import Appointment
from core import clock
from core.http import post_redirect_get
from tests.factories.policies import adopt_suitability
from tests.factories.scheduler import lay_out
from tests.journeys.people import PHONE, choose, press, times

pytestmark = pytest.mark.journey
QUESTIONS = "/book/acu_manual/questions/?visit=first"
NONE = "No, none of these"
PROBLEM, ENDED = "There is a problem", "This page has ended"


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


def nothing_of_alice_is_before(page) -> None:
    """Go back page by page to the first: none says who she is, and what was answered has ended."""
    before = []
    while page.go_back() is not None:
        before.append(page.content())
    assert ENDED in " ".join(before)
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
    nothing_of_alice_is_before(page)
    assert Appointment.objects.count() == 1


def test_twin_without_an_address_back_meets_a_form_to_send_again(asking, open_page, monkeypatch):
    monkeypatch.setattr(post_redirect_get, "_navigates", lambda _request: False)
    with pytest.raises(Error, match="ERR_CACHE_MISS"):
        answers_the_questions(open_page(PHONE))


def test_who_sits_there_next_reads_nothing_of_alice(asking, open_page):
    page = open_page(PHONE)
    answers_the_questions(page)
    says_who(page)
    press(page, "Stop, and forget what I typed")
    nothing_of_alice_is_before(page)

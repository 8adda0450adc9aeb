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
from tests.journeys.health_pages import every_page, large_letters, pages_of_most, usual_letters
from tests.journeys.people import DESK, PHONE, SMALL_PHONE, TIMES, choose, follow, press
from tests.journeys.test_patient_pages import LONGEST_WORD_OVERHANGS, faults, faults_by_day_and_by_night

pytestmark = pytest.mark.journey


@pytest.fixture
def visit(clinic):
    """Where Alice's visit of the coming days is found, at a clinic that asks how people are."""
    adopt_screening()
    return book(alice := Client(), slot=slots_on(alice.get(TIMES))[8])


def signed_in(page, role, service_url):
    """Let somebody of the staff be signed in in this window."""
    client = sign_in(Client(), f"staff-{role}", role, Site.objects.get(key="lakeside"))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": service_url}])


AT_TWO_METRES = {"h1": 44, ".big": 28, ".answered": 24}
"""Pixels of a phone that is 390 wide, or some 65 mm: letters of 4 to 6 mm."""

LIKE_ANOTHER = {"ticks", "days", "the visit, answered", "looked at and approved"}

LETTERS = "all => all.map(e => parseFloat(getComputedStyle(e).fontSize))"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("pages", [pages_of_most, pytest.param(every_page, marks=pytest.mark.full)])
def test_everybody_can_answer_on_a_small_phone_by_day_and_by_night(open_page, visit, pages):
    page, wrong = open_page(SMALL_PHONE), {}
    for name in pages(page, visit):
        if name in LIKE_ANOTHER and pages is pages_of_most:
            continue
        wrong[name] = faults_by_day_and_by_night(page)
    assert not any(wrong.values()), json.dumps(wrong, indent=1)


@pytest.mark.full
@pytest.mark.parametrize("size", [PHONE, DESK])
def test_every_page_can_be_read_with_letters_twice_as_large(open_page, visit, size):
    page, wrong = open_page(size), {}
    for name in every_page(page, visit):
        large_letters(page)
        by, broken = page.evaluate(WIDER), page.evaluate(LONGEST_WORD_OVERHANGS)
        wrong[name] = [f"wider by {by}"] * (by > 0) + [f"a word breaks, {broken}"] * (broken > 0)
        usual_letters(page)
    assert not any(wrong.values()), json.dumps(wrong, indent=1)


@pytest.mark.full
def test_what_is_shown_at_the_door_is_printed_on_one_page_and_what_cannot_be_pressed_is_not(open_page, visit):
    page, pages = open_page(PHONE), {}
    for name in every_page(page, visit):
        if page.locator(".pass.good").count():
            pages[name] = page.pdf(format="Letter").count(b"/Type /Page\n")
        page.emulate_media(media="print")
        assert not [one for one in page.locator("button, a.button").all() if one.is_visible()], name
        assert page.get_by_role("heading", level=1).is_visible()
        page.emulate_media(media="screen")
    assert len(pages) >= 4
    assert set(pages.values()) == {1}, pages


def test_alice_shows_at_two_metres_where_and_when_she_comes_and_when_she_answered(open_page, visit):
    page = open_page(PHONE, script=False)
    taps = 1  # the mail's link
    page.goto(f"{visit}screening/")
    press(page, "No, none of these")
    taps += 1
    shown = page.locator(".pass").inner_text()
    on = Appointment.objects.select_related("site").get()
    start = on.period.lower.astimezone(on.site.tz)
    for words in ("You can come", "Lakeside", f"{start:%A, %B} {start.day}", "Answered"):
        assert words in shown
    for what, least in AT_TWO_METRES.items():
        assert min(page.eval_on_selector_all(f".pass {what}", LETTERS)) >= least, what
    assert page.locator(".pass .answered").bounding_box()["y"] < PHONE[1]
    follow(page, "Somebody comes with me")
    press(page, "No, none of these")
    taps += 2
    assert taps <= 5
    assert page.get_by_role("heading", level=1).inner_text() == "Your companion can come"
    follow(page, "My own page for the door")
    assert page.get_by_role("link", name="Your companion can come").is_visible()


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

"""Whoever treats, with a phone in one hand: from sign-in to done, without script, and the pages behind one fold."""

from datetime import datetime, time, timedelta

import pytest

from booking.models import Appointment
from core import clock
from core.models import RoleAssignment, Site, User
from core.roles import Role
from scheduler.models import Practitioner
from tests.factories.booking import make_person, make_visit, slot_id
from tests.factories.policies import LONG_AGO
from tests.journeys.desk_pages import employ, signs_in, unfold_tabs
from tests.journeys.people import PHONE, SMALL_PHONE
from tests.journeys.test_patient_pages import faults_by_day_and_by_night

pytestmark = [pytest.mark.journey, pytest.mark.full]

THUMB = 44
"""Pixels that are hit with a thumb."""

SMALL = """all => all.filter(one => one.offsetParent).map(one => [one.textContent.trim(), one.getBoundingClientRect()])
  .filter(([, box]) => box.height < 44).map(([words]) => words)"""


@pytest.fixture
def boris(clinic):
    """Boris Ivanov, who signs in, and has Olga today and Tom tomorrow."""
    employ("boris", Role.PRACTITIONER)
    user, found = User.objects.get(username="boris"), Practitioner.objects.get(name="Boris Ivanov")
    found.user = user
    found.save()
    today = clock.now().astimezone(clinic.tz).date()
    for days, name in enumerate(("Olga Reyes", "Tom Silva")):
        start = datetime.combine(today + timedelta(days=days), time(19), clinic.tz)
        record = make_person(clinic, name).record
        make_visit(record, slot_id(found, start, visit="followup"), at=start - timedelta(days=2))
    return found


def test_boris_marks_his_day_with_one_press_each_and_takes_one_back(open_page, boris):
    page = open_page(SMALL_PHONE, script=False)
    signs_in(page, "boris")
    assert page.locator("h1").inner_text().startswith("My day")
    for words in ("Arrived", "Start", "Undo: started", "Start"):
        card = page.locator("li.card")
        with page.expect_navigation():
            card.get_by_role("button", name=words).click()
    assert page.locator("li.card .state").inner_text() == "being treated"
    olga = Appointment.objects.get(patient__name="Olga Reyes")
    assert olga.started_at is not None
    with page.expect_navigation():
        page.get_by_role("link", name="Day after").click()
    assert page.get_by_role("link", name="Tom Silva").count() == 1


def test_a_second_tap_right_after_the_first_reaches_no_button(open_page, boris):
    page = open_page(SMALL_PHONE, script=False)
    signs_in(page, "boris")
    with page.expect_navigation():
        page.get_by_role("button", name="Arrived").click()
    box = page.get_by_role("button", name="Start").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(1500)
    assert page.locator("li.card .state").inner_text() == "arrived"
    with page.expect_navigation():
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.locator("li.card .state").inner_text() == "being treated"


def test_what_he_presses_is_wide_enough_for_a_thumb_and_all_of_it_is_read(open_page, boris):
    page, wrong = open_page(SMALL_PHONE), {}
    signs_in(page, "boris")
    for name, address in (("my day", "/desk/my-day/"), ("calendar", "/desk/my-day/calendar/")):
        page.goto(address)
        if found := faults_by_day_and_by_night(page):
            wrong[name] = found
        assert page.locator("main").locator("button, .button").evaluate_all(SMALL) == [], name
    assert not wrong, wrong


def test_the_pages_are_behind_one_fold_that_says_where_he_is_and_what_waits(open_page, boris):
    RoleAssignment.objects.create(user=boris.user, role=Role.SCHEDULER, site=Site.objects.get(), starts_at=LONG_AGO)
    page = open_page(PHONE)
    signs_in(page, "boris")
    page.goto("/desk/my-day/")
    fold = page.locator("nav[aria-label=Desk] summary")
    assert fold.inner_text().split("\n")[0].startswith("My day")
    assert fold.bounding_box()["height"] >= THUMB
    assert page.get_by_role("link", name="Day board").count() == 0  # neither seen nor read out
    assert page.locator(".tabs").bounding_box()["height"] <= 2 * 60
    fold.focus()
    page.keyboard.press("Enter")
    here = page.locator("nav[aria-label=Desk] a[aria-current=page]:visible")
    assert here.inner_text() == "My day"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "My day"
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "/desk/?site=" in page.url
    unfold_tabs(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert faults_by_day_and_by_night(page) == []

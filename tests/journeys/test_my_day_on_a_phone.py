"""Whoever treats, with a phone in one hand: from sign-in to done, without script, and the pages behind one fold."""

from datetime import datetime, time, timedelta

import pytest

from booking.actions import appointments
from booking.models import Appointment
from booking.status import Move
from core import clock
from core.models import RoleAssignment, Site, User
from core.roles import Role
from scheduler.models import Practitioner
from tests.factories.booking import SYSTEM, make_person, make_visit, slot_id
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


@pytest.mark.parametrize("script", [True, False])
def test_a_second_tap_right_after_the_first_reaches_no_button(open_page, boris, script):
    page = open_page(SMALL_PHONE, script=script)
    signs_in(page, "boris")
    page.get_by_role("button", name="Arrived").click()
    page.get_by_role("button", name="Start").wait_for()
    box = page.get_by_role("button", name="Start").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(1500)
    assert page.locator("li.card .state").inner_text() == "arrived"
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.get_by_text("being treated").wait_for()


def lower_edge(card) -> float:
    box = card.bounding_box()
    return box["y"] + box["height"]


def test_two_cards_that_are_tapped_one_right_after_the_other_each_get_their_own_act(open_page, boris, clinic):
    start = datetime.combine(clock.now().astimezone(clinic.tz).date(), time(16), clinic.tz)
    una = make_person(clinic, "Una West").record
    make_visit(una, slot_id(boris, start, visit="followup"), at=start - timedelta(days=2))
    page = open_page(SMALL_PHONE)
    signs_in(page, "boris")
    opened, cards = page.url, page.locator("li.card")
    cards.nth(0).locator(".do").evaluate("one => one.scrollIntoView({block: 'start'})")
    taps = [cards.nth(n).get_by_role("button", name="Arrived").bounding_box() for n in (0, 1)]
    below = lower_edge(cards.nth(1))
    for box in taps:  # where they lay before either was pressed
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    cards.nth(1).get_by_text("arrived", exact=True).wait_for()
    cards.nth(0).get_by_text("arrived", exact=True).wait_for()
    stands = dict(Appointment.objects.values_list("patient__name", "status"))
    assert (stands["Olga Reyes"], stands["Una West"], stands["Tom Silva"]) == ("arrived", "arrived", "booked")
    assert (page.url, abs(lower_edge(cards.nth(1)) - below) <= 1) == (opened, True)


def test_what_is_refused_is_said_on_the_card_that_was_pressed(open_page, boris):
    page = open_page(SMALL_PHONE)
    signs_in(page, "boris")
    olga = Appointment.objects.get(patient__name="Olga Reyes")
    appointments.move(olga.public_id, Move.ARRIVE, by=SYSTEM, at=clock.now())
    appointments.move(olga.public_id, Move.UNDO, by=SYSTEM, at=clock.now())
    page.get_by_role("button", name="Arrived").click()
    assert "Olga Reyes" in page.locator("li.card [role=alert]").inner_text()
    page.wait_for_timeout(1300)
    page.get_by_role("button", name="Arrived").click()
    page.get_by_role("button", name="Start").wait_for()


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

"""The day board under a finger: a swipe pans, a rest lifts, what only rested stays, and a button takes a move back."""

from datetime import datetime, time, timedelta

import pytest

from booking.models import Appointment
from core import clock
from core.roles import Role
from scheduler.models import Practitioner
from tests.factories.booking import make_person, make_visit, slot_id
from tests.journeys.people import PHONE
from tests.journeys.test_screening import signed_in

pytestmark = pytest.mark.journey

RESTS = 700
"""Milliseconds that a finger rests: more than what lifts an appointment."""


class Finger:
    """One finger on a page, where it is, in pixels."""

    def __init__(self, page):
        self.page, self.touch = page, page.context.new_cdp_session(page)
        self.x = self.y = 0.0

    def down(self, locator):
        box = locator.bounding_box()
        self.x, self.y = box["x"] + 30, box["y"] + box["height"] / 2
        self._send("touchStart")

    def to(self, *, dx=0, dy=0, steps=6):
        for _each in range(steps):
            self.x, self.y = self.x + dx / steps, self.y + dy / steps
            self._send("touchMove")

    def rest(self):
        self.page.wait_for_timeout(RESTS)

    def up(self):
        self.touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    def _send(self, kind):
        self.touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": self.x, "y": self.y}]})


@pytest.fixture
def olga(clinic):
    """Olga comes to Boris Ivanov at ten, the day after tomorrow."""
    day = clock.now().astimezone(clinic.tz).date() + timedelta(days=2)
    start = datetime.combine(day, time(10), clinic.tz)
    boris = Practitioner.objects.get(name="Boris Ivanov")
    made_at = clock.now() - timedelta(days=1)
    return make_visit(make_person(clinic, "Olga Reyes").record, slot_id(boris, start, visit="followup"), at=made_at)


@pytest.fixture
def board(open_page, olga, service_url):
    page = open_page(PHONE)
    signed_in(page, Role.SCHEDULER, service_url)
    page.goto(f"/desk/?day={olga.period.lower.astimezone(olga.site.tz):%Y-%m-%d}")
    page.locator(".v", has_text="Olga").scroll_into_view_if_needed()
    return page


def begins_at():
    visit = Appointment.objects.select_related("site").get()
    return f"{visit.period.lower.astimezone(visit.site.tz):%H:%M}"


def test_whoever_only_rests_a_finger_moves_nobody(board):
    finger = Finger(board)
    finger.down(board.locator(".v", has_text="Olga"))
    finger.rest()
    board.locator(".board.moving").wait_for()
    finger.to(dy=3, steps=1)  # no finger is quite still
    finger.rest()
    finger.up()
    board.get_by_role("status").filter(has_text="Left where it was").wait_for()
    assert begins_at() == "10:00"


def test_a_swipe_pans_and_takes_nothing_along(board):
    finger = Finger(board)
    finger.down(board.locator(".v", has_text="Olga"))
    finger.to(dy=-120)
    finger.up()
    assert not board.locator(".board.moving").count()
    assert begins_at() == "10:00"


def test_what_a_finger_moved_is_taken_back_by_a_button(board):
    finger = Finger(board)
    finger.down(board.locator(".v", has_text="Olga"))
    finger.rest()
    board.locator(".board.moving").wait_for()
    before = board.locator("table.board").bounding_box()["y"]
    finger.to(dy=90)
    board.get_by_role("status").filter(has_text=": fits").wait_for()
    assert board.locator("table.board").bounding_box()["y"] == before  # nothing that is told pushes it away
    finger.up()
    told = board.get_by_role("alert").filter(has_text="Olga Reyes is at")
    told.wait_for()
    assert begins_at() != "10:00"
    told.get_by_role("button", name="Undo").click()
    board.get_by_role("status").filter(has_text="Undone").wait_for()
    assert begins_at() == "10:00"


def test_held_at_the_edge_the_board_goes_on(board):
    finger = Finger(board)
    finger.down(board.locator(".v", has_text="Olga"))
    finger.rest()
    board.locator(".board.moving").wait_for()
    scroll = board.locator(".board-scroll")
    box, before = scroll.bounding_box(), scroll.evaluate("one => one.scrollTop")
    finger.to(dy=min(box["y"] + box["height"], PHONE[1]) - finger.y - 10)
    finger.rest()
    assert scroll.evaluate("one => one.scrollTop") > before
    finger.to(dy=-300)
    board.keyboard.press("Escape")
    finger.up()


def test_a_tap_on_a_free_time_offers_to_book_it(board):
    board.locator("tbody tr", has_text="3:00").locator("td:not(.b):not(.c)").first.click()
    told = board.get_by_role("alert").filter(has_text="free")
    told.get_by_role("button", name="Close").click()
    assert not told.is_visible()
    board.locator("tbody tr", has_text="3:00").locator("td:not(.b):not(.c)").first.click()
    with board.expect_navigation():
        told.get_by_role("button", name="Book this time").click()
    assert "/desk/book/" in board.url

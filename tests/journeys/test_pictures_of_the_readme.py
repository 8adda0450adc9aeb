"""What the README shows, as the demo clinic has it on a working morning.

With SCREENS set to a folder, each leaves its picture there.
"""

import os
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from core.models import User
from tests.journeys.people import DESK, PHONE, TIMES, choose, press, times
from tests.journeys.pictures import resize
from tests.journeys.working_morning import working_morning

pytestmark = [pytest.mark.journey, pytest.mark.full, pytest.mark.timeout(900)]

WIDE = (1440, 1000)
ON_THE_BOARD = ("booked", "arrived", "checked in", "done", "did not come", "cancelled")


@pytest.fixture(autouse=True)
def clinic(transactional_db):
    with working_morning():
        yield


def alice_books(page):
    """Let Alice answer, choose a time and book, and stop on what is shown of that."""
    page.goto("/")
    yield "start"
    page.goto(TIMES)
    page.get_by_label("Date of birth").fill("3/27/1961")
    while page.get_by_role("button", name="none of these").count():
        press(page, "none of these")
    yield "times"
    choose(page, 2)
    page.get_by_label("Full name").fill("Alice Adams")
    page.get_by_label("E-mail").fill("alice@example.test")
    press(page, "Continue")
    press(page, "Book this appointment")
    yield "booked"


def keep(page, name, *, whole):
    """Keep a picture where somebody asked for them."""
    if place := os.environ.get("SCREENS"):
        page.screenshot(path=Path(place) / f"{name}.png", full_page=whole)


def test_a_patient_books_on_a_phone_and_the_board_shows_each_state(open_page, service_url):
    page = open_page(PHONE)
    for name in alice_books(page):
        keep(page, name, whole=True)
        if name == "times":  # later she would be asked anew first
            resize(page, DESK)
            assert times(page).first.is_visible()
            keep(page, "times-wide", whole=False)
            resize(page, PHONE)

    board = open_page(WIDE)
    client = Client()
    client.force_login(User.objects.get(username="scheduler"))
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    board.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": service_url}])
    board.goto("/desk/")
    words = board.locator("#board-table").inner_text()
    assert not [state for state in ON_THE_BOARD if state not in words]
    now = board.locator("#now").bounding_box()
    assert WIDE[1] / 4 < now["y"] < WIDE[1] * 3 / 4
    keep(board, "board", whole=False)

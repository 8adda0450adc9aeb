"""Another length in a browser: by keys and by the lower edge on the board, with two clicks on its page."""

import pytest

from booking.models import Appointment
from core.roles import Role
from tests.journeys.people import SMALL_PHONE
from tests.journeys.test_day_board import WIDE, Ear, book, day  # noqa: F401  (a fixture)
from tests.journeys.test_patient_pages import faults_by_day_and_by_night
from tests.journeys.test_screening import signed_in

pytestmark = [pytest.mark.journey, pytest.mark.full]


def minutes(name):
    period = Appointment.objects.get(patient__name=name).period
    return int((period.upper - period.lower).total_seconds()) // 60


@pytest.fixture
def board(open_page, day, service_url):  # noqa: F811
    page = open_page(WIDE)
    signed_in(page, Role.SCHEDULER, service_url)
    page.goto(f"/desk/?day={day}")
    return page


def test_olga_is_there_for_five_minutes_more_with_three_keys_and_as_long_as_before_with_one(board):
    assert minutes("Olga Reyes") == 60
    board.locator(".v", has_text="Olga").focus()
    ear = Ear(board)
    ear.press("l", announced="Length of Olga Reyes: 60 minutes")
    ear.press("ArrowDown", announced="65 minutes, until 11:05")
    with board.expect_response(lambda answer: answer.url.endswith("/resize/")):
        ear.press("Enter", announced="is there until 11:05")
    assert minutes("Olga Reyes") == 65
    with board.expect_response(lambda answer: answer.url.endswith("/undo/")):
        ear.press("u", announced="Undone")
    assert minutes("Olga Reyes") == 60
    ear.press("l", announced="Length of Olga Reyes")
    ear.press("Escape", announced="Left as long as it was")
    assert [said for _key, _focus, said in ear.heard][1] == "65 minutes, until 11:05 AM: fits"


def test_the_lower_edge_is_drawn_with_a_mouse_and_the_server_decides(board):
    visit = board.locator(".v", has_text="Olga")
    box = visit.bounding_box()
    edge = box["x"] + box["width"] / 2, box["y"] + box["height"] - 3
    board.mouse.move(*edge)
    board.mouse.down()
    board.locator(".ghost").wait_for()
    board.mouse.move(edge[0], edge[1] + box["height"] / 4, steps=4)
    board.get_by_role("status").filter(has_text="75 minutes").wait_for()
    with board.expect_response(lambda answer: answer.url.endswith("/resize/")):
        board.mouse.up()
    board.get_by_role("status").filter(has_text="is there until 11:15").wait_for()
    assert minutes("Olga Reyes") == 75
    assert "/appointments/" not in board.url


def test_it_takes_two_clicks_on_its_page_without_any_script(open_page, day, service_url):  # noqa: F811
    page = open_page(SMALL_PHONE)
    signed_in(page, Role.SCHEDULER, service_url)
    olga = Appointment.objects.get(patient__name="Olga Reyes")
    page.goto(f"/desk/appointments/{olga.public_id}/")
    page.get_by_role("link", name="Length", exact=True).click()
    assert not faults_by_day_and_by_night(page)
    page.get_by_role("button", name="50 minutes").click()
    page.get_by_text("50 minutes, a length of its own").wait_for()
    assert minutes("Olga Reyes") == 50

"""Dana closes an afternoon, or public holidays: what becomes of each who is inside is chosen before it is closed."""

from types import SimpleNamespace

import pytest
import time_machine

from booking.models import Appointment, CalendarEdit
from booking.status import Status
from scheduler.models import Closure
from tests.booking.impact_pages import browser, form_of
from tests.booking.pages.walk import text_of
from tests.factories.booking import chicago, make_visit, slot_id
from tests.factories.scheduler import AT, lay_out

CLOSE, HOLIDAYS = "/desk/closures/new/", "/desk/closures/holidays/"
AFTERNOON = {
    "therapy": "", "first_on": "10/6/2026", "starts": "12:30 pm", "last_on": "10/6/2026", "ends": "", "name": "Water",
}  # fmt: skip

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    """Monday morning."""
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def tuesday(lakeside, dana, dr_li, alice, ben):
    """On Tuesday Alice comes at ten and Ben at one."""
    make_visit(alice.record, slot_id(dr_li, chicago(6, 10)))
    make_visit(ben.record, slot_id(dr_li, chicago(6, 13)))
    return SimpleNamespace(lakeside=lakeside, dana=dana, dr_li=dr_li, alice=alice, ben=ben)


def of(person):
    return Appointment.objects.get(patient=person.record)


def test_part_of_a_day_is_closed_with_what_becomes_of_each_and_taken_back_on_its_day(tuesday, clock):
    desk = browser(tuesday.dana)
    page = desk.post(CLOSE, AFTERNOON)
    said = text_of(page)
    assert "1 appointment is to be settled." in said
    assert "Ben Adams" in said
    assert "Alice Adams" not in said
    assert not Closure.objects.exists()
    pressed = AFTERNOON | form_of(page) | {"sure": "settle", "all": "cancel"}
    assert "It is closed. Cancelled: 1." in text_of(desk.post(CLOSE, pressed, follow=True))
    assert (of(tuesday.ben).status, of(tuesday.ben).cancel_reason) == (Status.CANCELLED, "closure")
    assert of(tuesday.alice).status == Status.BOOKED
    clock.shift(60 * 60)  # long after the ten minutes in which a cancel keeps its time
    desk, (edit,) = browser(tuesday.dana), CalendarEdit.objects.all()
    assert "Water" in text_of(desk.get("/desk/closures/"))
    back = desk.post(f"/desk/closures/entered/{edit.public_id}/undo/", follow=True)
    assert "everybody is where they were" in text_of(back)
    assert of(tuesday.ben).status == Status.BOOKED
    assert not Closure.objects.exists()


def test_who_is_inside_can_be_left_for_later_as_before(tuesday):
    desk = browser(tuesday.dana)
    shown = desk.post(CLOSE, AFTERNOON | {"sure": "1"}, follow=True)
    assert "1 person" in text_of(shown)
    assert of(tuesday.ben).status == Status.BOOKED
    assert not CalendarEdit.objects.exists()


def test_what_was_booked_since_is_seen_before_anything_is_closed(tuesday, mallory):
    desk = browser(tuesday.dana)
    page = desk.post(CLOSE, AFTERNOON)
    make_visit(mallory.record, slot_id(tuesday.dr_li, chicago(6, 15)))
    again = desk.post(CLOSE, AFTERNOON | form_of(page) | {"sure": "settle"})
    assert again.status_code == 422
    assert "Which appointments it touches has changed." in text_of(again)
    assert "2 appointments are to be settled." in text_of(again)
    assert not Closure.objects.exists()


def test_the_public_holidays_of_a_year_are_closed_on_with_who_is_booked_or_kept_open(tuesday):
    lay_out(weeks=9)
    make_visit(tuesday.alice.record, slot_id(tuesday.dr_li, chicago(11, 10, month=11)))
    desk = browser(tuesday.dana)
    said = text_of(desk.get(HOLIDAYS))
    assert "Wednesday, November 11, 2026 Veterans Day 1 Nobody has decided yet" in said
    assert "Thanksgiving" in said
    opened = text_of(desk.post(HOLIDAYS, {"open": "2026-10-12"}, follow=True))
    assert "October 12, 2026 Columbus Day 0 Open" in opened
    address = f"{HOLIDAYS}close/?day=2026-11-11&day=2026-11-26"
    page = desk.get(address)
    assert "1 appointment is to be settled." in text_of(page)
    desk.post(address, form_of(page))
    assert sorted(str(one.first_on) for one in Closure.objects.filter(confirmed=True)) == ["2026-11-11", "2026-11-26"]
    assert "Thanksgiving Day 0 Closed" in text_of(desk.get(HOLIDAYS))
    assert desk.get(f"{HOLIDAYS}close/?day=2026-11-12").status_code == 404

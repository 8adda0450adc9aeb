"""Dana closes a place from a day on: whoever is in it goes to another one, and for whom none is left is shown."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine

from booking.models import Appointment, CalendarEdit
from scheduler.models import Place, PlaceClosure
from tests.booking.impact_pages import address_of, browser, form_of
from tests.booking.pages.reviewing import send
from tests.booking.pages.walk import text_of
from tests.factories.booking import chicago, make_person, make_visit, slot_id
from tests.factories.scheduler import AT

PLACES = "/desk/closures/places/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock():
    """Monday morning."""
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def tuesday(lakeside, dana, dr_li, alice):
    """On Tuesday at ten Alice comes to Dr Li."""
    make_visit(alice.record, slot_id(dr_li, chicago(6, 10)))
    return SimpleNamespace(lakeside=lakeside, dana=dana, dr_li=dr_li, alice=alice)


def of(person):
    return Appointment.objects.get(patient=person.record)


def asked(*places):
    return {"place": [str(one.public_id) for one in places], "first": "", "last": "", "why": "Floor", "show": "1"}


def test_whoever_is_in_a_place_that_is_closed_goes_to_another_one_at_the_same_time(tuesday, mailoutbox):
    send()
    mailoutbox.clear()
    desk, before = browser(tuesday.dana), of(tuesday.alice)
    page = desk.get(PLACES, asked(before.place))
    assert "Same time, with Dr Li, in" in text_of(page)
    assert "Nothing is sent" in text_of(page)
    assert not PlaceClosure.objects.exists()
    assert "Moved: 1" in text_of(desk.post(address_of(page), form_of(page), follow=True))
    now = of(tuesday.alice)
    assert (now.period, now.practitioner) == (before.period, before.practitioner)
    assert now.place != before.place
    send()
    assert mailoutbox == []
    make_visit(make_person(tuesday.lakeside, "Carol Cole").record, slot_id(tuesday.dr_li, chicago(8, 10)))
    assert not Appointment.objects.filter(place=before.place).exists()  # nobody is put there any more
    edit = CalendarEdit.objects.get()
    assert "everybody is where they were" in text_of(desk.post(f"{PLACES}{edit.public_id}/undo/", follow=True))
    assert of(tuesday.alice).place == before.place
    assert not PlaceClosure.objects.exists()


def test_whoever_comes_soon_goes_to_another_place_as_well(tuesday):
    before = of(tuesday.alice)
    with time_machine.travel(before.period.lower - timedelta(minutes=50), tick=False):
        desk = browser(tuesday.dana)
        page = desk.get(PLACES, asked(before.place))
        first = text_of(page).partition("Alice Adams")[2]
        assert first.strip().startswith("Same time, with Dr Li, in"), first[:200]
        assert "Moved: 1" in text_of(desk.post(address_of(page), form_of(page), follow=True))
    now = of(tuesday.alice)
    assert (now.period, now.place == before.place) == (before.period, False)


def test_where_no_place_is_left_it_is_said_and_the_place_is_opened_again(tuesday):
    desk = browser(tuesday.dana)
    page = desk.get(PLACES, asked(*Place.objects.all()))
    said = text_of(page)
    assert "1 appointment is to be settled. For 1 nothing is free." in said
    desk.post(address_of(page), form_of(page))
    shown = desk.get(PLACES)
    assert "until further notice" in text_of(shown)
    for one in PlaceClosure.objects.all():
        desk.post(f"{PLACES}{one.public_id}/open/")
    assert not PlaceClosure.objects.exists()


def test_what_is_not_chosen_or_not_understood_is_said_beside_it(tuesday):
    page = browser(tuesday.dana).get(PLACES, {"show": "1", "first": "someday", "last": "x", "why": ""})
    assert page.status_code == 422
    for said in ("Choose at least one place.", "Give it a name", "Please type a day such as"):
        assert said in text_of(page)

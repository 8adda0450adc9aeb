"""At the door of a day that is over: what is still to be said of it, and nothing that comes too late."""

import pytest
from django.test import Client

from booking.models import Appointment, ScreeningResponse
from booking.status import Status
from core.models import Site, User
from core.roles import Role
from tests.booking.pages.walk import as_seen, go_on, text_of
from tests.factories.admin import sign_in

DAY = 24 * 60 * 60
DOOR = "/desk/arrivals/"
YESTERDAY = f"{DOOR}?day=2026-10-06"


@pytest.fixture
def visit(screened_once, alice, clock):
    """Where Alice's visit of today is found; it is Tuesday, eight in the morning."""
    address = go_on(alice, screened_once)
    clock.shift(DAY)
    return address


@pytest.fixture
def dana(visit):
    return sign_in(Client(), "dana", Role.SCHEDULER, Site.objects.get(key="lakeside"))


def a_day_later(clock, dana):
    clock.shift(DAY)
    dana.force_login(User.objects.get(username="dana"))  # sessions end after a while


def test_a_visit_of_yesterday_that_nobody_closed_is_named_until_somebody_does(alice, visit, dana, clock):
    a_day_later(clock, dana)
    assert "Nobody has said yet who came: Tuesday, October 6 (1)" in text_of(dana.get(DOOR))
    assert "Was here" in text_of(dana.get(YESTERDAY))
    for move in ("arrive", "fulfil"):
        dana.post(f"{DOOR}{Appointment.objects.get().public_id}/{move}/?day=2026-10-06", as_seen())
    assert Appointment.objects.get().status == Status.FULFILLED
    assert "Nobody has said yet" not in text_of(dana.get(DOOR))


def test_of_a_day_that_is_over_nobody_is_to_be_asked_or_helped_any_more(alice, visit, dana, clock):
    alice.post(f"{visit}screening/", {"emergency": "on"})
    a_day_later(clock, dana)
    page = text_of(dana.get(YESTERDAY))
    assert "Said that they needed help" in page
    assert "Needs help now" not in page
    assert "Ask the questions" not in page
    assert "Please get help now" not in text_of(alice.get(visit))
    ScreeningResponse.objects.all().delete()
    assert "Nobody asked them" in text_of(dana.get(YESTERDAY))

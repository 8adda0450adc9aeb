"""A policy is published from now on, on a day on which people are here already: nobody who came in is asked anew."""

import pytest
from django.test import Client

from booking.models import Appointment, ScreeningResponse
from booking.screening.policies import ScreeningAudience
from booking.screening.queries import screening_of
from core import clock as core_clock
from core.models import Policy, Site
from core.policies.actions import policies as actions
from core.roles import Role
from tests.booking.pages.walk import go_on, hidden_on, text_of
from tests.factories.admin import sign_in
from tests.factories.policies import SOMEBODY, publish_screening

HOUR, A_DAY = 60 * 60, 24 * 60 * 60
STRICT = {"temperature_at_door": True, "valid_hours": 12, "mask": "all", "notices": ["masks_for_all"]}


@pytest.fixture
def visit(screened_once, alice, clock):
    """Where Alice's visit of today at one is found; she answered yesterday, and it is noon."""
    address = go_on(alice, screened_once)
    alice.post(f"{address}screening/", {"none": "1"})
    clock.shift(A_DAY + 4 * HOUR)
    return address


@pytest.fixture
def dana(visit):
    return sign_in(Client(), "dana", Role.SCHEDULER, Site.objects.get(key="lakeside"))


def press(client, move):
    where = f"/desk/arrivals/{Appointment.objects.get().public_id}/{move}/"
    assert client.post(where, {"nothing_new": "1"}).status_code == 302


def from_now_on(clock, *, audience=ScreeningAudience.PATIENT):
    """Publish a stricter policy, before Alice's visit begins."""
    clock.shift(60)
    publish_screening(STRICT, audience=audience)
    clock.shift(60)


def test_who_is_checked_in_is_not_asked_anew_by_a_policy_that_was_published_since(alice, visit, dana, clock):
    press(dana, "check-in")
    from_now_on(clock)
    door = text_of(dana.get("/desk/arrivals/"))
    assert "Ask now" not in door
    assert "May come in" in door
    link = text_of(alice.get(f"{visit}screening/"))
    assert "You can come" in link
    token = {"appointment": str(Appointment.objects.get().public_id)}
    assert dana.get("/api/v1/screening/questions/", token).json()["state"] == "clear"


def test_who_waits_to_be_checked_in_is_asked_anew(visit, dana, clock):
    press(dana, "arrive")
    from_now_on(clock)
    assert "Ask now" in text_of(dana.get("/desk/arrivals/"))


def test_who_was_checked_in_by_mistake_is_asked_by_the_new_policy(visit, dana, clock):
    press(dana, "check-in")
    from_now_on(clock)
    press(dana, "undo")
    assert "Ask now" in text_of(dana.get("/desk/arrivals/"))


def test_nobody_is_asked_who_came_in_before_anybody_was_asked(visit, dana, clock):
    press(dana, "check-in")
    ScreeningResponse.objects.all().delete()
    from_now_on(clock)
    door = text_of(dana.get("/desk/arrivals/"))
    assert "Ask now" not in door
    assert screening_of(Appointment.objects.get(), at=core_clock.now()).state == "not-asked"


def test_who_is_here_and_falls_ill_says_so_and_the_door_sees_it(alice, visit, dana, clock):
    press(dana, "check-in")
    from_now_on(clock)
    address = f"{visit}screening/?step=again"
    seen = hidden_on(alice.get(address))
    alice.post(address, seen | {"emergency": "on"})
    assert "Needs help now" in text_of(dana.get("/desk/arrivals/"))


def test_the_dry_run_counts_nobody_as_asked_anew_who_is_here(visit, dana, clock):
    press(dana, "check-in")
    at = core_clock.now()
    content = Policy.objects.filter(key="screening", audience="patient").latest("version").content | STRICT
    draft = actions.draft("screening", content, by=SOMEBODY, at=at, audience="patient")
    (said, *_) = actions.impact(draft, actions.publication(draft, at=at), at=at)
    assert "patients of 0 have answered already" in said


def test_whoever_came_along_is_not_asked_anew_either(alice, visit, dana, clock):
    alice.post(f"{visit}screening/?who=1", {"none": "1"})
    press(dana, "check-in")
    from_now_on(clock, audience=ScreeningAudience.COMPANION)
    door = text_of(dana.get("/desk/arrivals/"))
    assert "Companion: May come in" in door
    assert "if nothing is new" not in door

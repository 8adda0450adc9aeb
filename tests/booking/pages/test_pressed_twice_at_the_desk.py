"""A button about health answers that is pressed twice: nobody is noted to have said what they were not asked."""

from datetime import date

import pytest
from django.test import Client

from booking.actions import patients
from booking.models import Appointment, ScreeningResponse
from core import clock as core_clock
from core.models import Site
from core.principal import Principal
from core.roles import Role
from tests.booking.pages.walk import go_on, hidden_on, slots_on, text_of
from tests.factories.admin import sign_in
from tests.factories.policies import adopt_screening

DAY = 24 * 60 * 60
FEVER, COUGH = "fever_or_chills_24h", "new_cough_breathless_sore_throat_runny_nose"


@pytest.fixture
def visit(screened_once, alice, clock):
    """Where Alice's visit of today is found."""
    address = go_on(alice, screened_once)
    clock.shift(DAY)
    return f"{address}screening/"


@pytest.fixture
def dana(visit):
    return sign_in(Client(), "dana", Role.SCHEDULER, Site.objects.get(key="lakeside"))


def test_alice_s_answers_pressed_twice_are_one_and_a_decision_about_them_stands(alice, visit):
    said = {f"{COUGH}-usual": "on"} | hidden_on(alice.get(visit))
    assert said["seen"] == ""
    alice.post(visit, said)
    carol = sign_in(Client(), "carol", Role.CLINICIAN, Site.objects.get(key="lakeside"))
    carol.post(f"/desk/health/{ScreeningResponse.objects.get().public_id}/approved/")
    assert alice.post(visit, said)["Location"] == visit
    assert ScreeningResponse.objects.get().decision == "approved"


def test_days_that_are_asked_for_are_noted_once_as_well(alice, visit):
    asked = alice.post(visit, {FEVER: "on"} | hidden_on(alice.get(visit)))
    for _press in range(2):
        assert alice.post(visit, hidden_on(asked)).status_code == 302
    assert ScreeningResponse.objects.count() == 1


def test_what_is_new_at_the_door_pressed_twice_makes_no_answers_to_what_nobody_asked(alice, visit, dana):
    alice.post(visit, {"none": "1"})
    there = f"/desk/arrivals/{Appointment.objects.get().public_id}/questions/?who=0&step=new"
    sent = {"none": "1", "seen": hidden_on(dana.get(there))["seen"]}
    for _press in range(2):
        assert dana.post(there, sent).status_code == 302
    assert ScreeningResponse.objects.get().answered_by.startswith("link:")


def test_a_fever_at_the_door_pressed_twice_is_noted_once(alice, visit, dana):
    alice.post(visit, {"none": "1"})
    there = f"/desk/arrivals/{Appointment.objects.get().public_id}/questions/?who=0&step=new"
    sent = {FEVER: "on", "days": "1", "seen": hidden_on(dana.get(there))["seen"]}
    for _press in range(2):
        assert dana.post(there, sent).status_code == 302
    assert [one.outcome for one in ScreeningResponse.objects.order_by("pk")] == ["proceed", "rebook"]


def test_questions_read_aloud_pressed_twice_are_noted_once_and_blame_nobody(visit, dana):
    there = f"/desk/arrivals/{Appointment.objects.get().public_id}/questions/?who=0"
    sent = {"none": "check-in", "seen": hidden_on(dana.get(there))["seen"]}
    for _press in range(2):
        assert dana.post(there, sent).status_code == 302
    assert ScreeningResponse.objects.count() == 1
    assert Appointment.objects.get().status == "checked-in"


def test_a_walk_in_with_a_fever_is_sent_home_by_the_second_press_as_by_the_first(site, clock):
    adopt_screening()
    clock.shift(DAY)
    olga = patients.register(
        name="Olga Reyes", birth_date=date(1955, 3, 4), email="", phone="+13125550123", site=site,
        by=Principal.system("test"), at=core_clock.now(),
    )  # fmt: skip
    dana, there = sign_in(Client(), "dana", Role.SCHEDULER, site), f"/desk/walk-in/{olga.public_id}/"
    asked = dana.post(f"{there}time/", {"slot": slots_on(dana.get(there))[0]})["Location"]
    first, second = (dana.post(asked, {FEVER: "on", "days": "1"}) for _press in range(2))
    assert first.status_code == second.status_code == 200
    assert text_of(first) == text_of(second)
    assert not Appointment.objects.exists()

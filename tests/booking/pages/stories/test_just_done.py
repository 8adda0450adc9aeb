"""What a page says was done just now was done: an address that somebody typed is not believed."""

from datetime import date

import pytest
from django.test import Client

from booking.models import Appointment, ScreeningResponse
from booking.status import Status
from core import clock as core_clock
from core.models import Site
from core.roles import Role
from scheduler.actions import calendars
from tests.booking.pages.walk import go_on, hidden_on, slots_on, text_of
from tests.factories.admin import sign_in
from tests.factories.booking import SYSTEM
from tests.factories.policies import adopt_screening

COUGH, TEST = "new_cough_breathless_sore_throat_runny_nose", "positive_covid_flu_rsv_10d"
POSITIVE = {TEST: "on", "days": "1", "tested_on": "10/4/2026", "severity": "mild", "weak_immune_system": "no"}


@pytest.fixture
def visit(screened_once, alice):
    """Where Alice's visit of tomorrow is found, at a clinic that asks how people are."""
    return go_on(alice, screened_once)


@pytest.fixture
def dana(site):
    return sign_in(Client(), "dana", Role.SCHEDULER, site)


@pytest.mark.parametrize(
    ("typed", "believed"),
    [("booked", "You are booked"), ("moved", "Your appointment has moved"), ("kept", "Your appointment stands"),
     ("cancelled", "We confirm this"), ("anything", "Anything")],
)  # fmt: skip
def test_alice_reads_what_she_did_last_and_nothing_that_an_address_makes_up(alice, visit, typed, believed):
    assert (believed in text_of(alice.get(f"{visit}?news={typed}"))) is (typed == "booked")


def test_alice_who_moved_reads_that_and_not_that_she_has_just_booked(alice, visit):
    chosen = alice.post(f"{visit}move/", {"slot": slots_on(alice.get(f"{visit}move/"))[0]})
    moved = alice.post(f"{visit}move/check/", hidden_on(alice.get(chosen["Location"])), follow=True)
    assert "Your appointment has moved" in text_of(moved)
    assert "You are booked" not in text_of(alice.get(f"{visit}?news=booked"))


def test_dana_reads_once_how_many_are_told_of_a_closure_and_no_number_that_is_typed(visit, dana, site):
    closed = {"first_on": date(2026, 10, 6), "last_on": date(2026, 10, 11), "name": "Flood"}
    made = calendars.add_closure(site, therapy=None, by=SYSTEM, at=core_clock.now(), **closed)
    where = f"/desk/closures/{made.row.public_id}/"
    for typed in ("told=7", "proposed=1"):
        page = text_of(dana.get(f"{where}?{typed}"))
        assert "told now" not in page
        assert "Another time is proposed." not in page
    assert "1 person is told now." in text_of(dana.post(f"{where}tell/", {}, follow=True))
    assert "told now" not in text_of(dana.get(where))
    assert "They were told already." in text_of(dana.post(f"{where}tell/", {}, follow=True))


# --- giving a time back ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [None, {"none": "1"}, {f"{COUGH}-usual": "on"}, {"emergency": "on"}])
def test_a_time_is_not_given_back_as_ill_by_who_need_not_stay_home(alice, visit, said):
    if said:
        alice.post(f"{visit}screening/", said)
    refused = alice.post(f"{visit}screening/give-back/")
    assert refused.status_code == 409
    assert "Nothing was changed. You can cancel or move this appointment on its page." in text_of(refused)
    assert Appointment.objects.get().status == Status.BOOKED


def test_the_time_of_who_is_ill_is_given_back_once_however_often_it_is_pressed(alice, visit):
    alice.post(f"{visit}screening/", POSITIVE)
    for _press in range(2):
        assert alice.post(f"{visit}screening/give-back/").status_code == 302
    assert Appointment.objects.get().cancel_reason == "illness"
    assert Appointment.objects.get().changes.filter(move="cancel").count() == 1


def test_twin_without_the_rule_alice_would_give_it_back_as_ill_who_is_well(alice, visit, monkeypatch):
    monkeypatch.setattr("booking.actions.screening.staying_home.may_give_back", lambda *_, **__: True)
    assert alice.post(f"{visit}screening/give-back/").status_code == 302
    assert Appointment.objects.get().status == Status.CANCELLED


def test_a_time_that_is_open_is_not_given_back_as_closed(alice, visit):
    assert alice.post(f"{visit}closed/give-back/")["Location"] == f"{visit}cancel/"
    assert Appointment.objects.get().status == Status.BOOKED


# --- what whoever walks in is told ----------------------------------------------------------------------------------


def walk_in(dana, said):
    """Let Ben walk in, and answer; return the page with what to tell him."""
    person = {"name": "Ben Brown", "birth_date": "3/27/1961", "phone": "312 555 0187", "email": ""}
    there = dana.post("/desk/walk-in/?site=lakeside", person)["Location"]
    slot = slots_on(dana.get(there))[0]
    asked = dana.post(there.partition("?")[0] + "time/?site=lakeside", {"slot": slot})["Location"]
    return text_of(dana.post(asked, said, follow=True))


def test_a_walk_in_is_told_once_of_masks(site, dana):
    adopt_screening()
    assert walk_in(dana, {"household_positive_10d": "on"}).count("wear a mask") == 1


def test_a_walk_in_is_told_first_that_a_clinician_looks_at_it(site, dana):
    adopt_screening()
    page = walk_in(dana, {f"{COUGH}-usual": "on"})
    assert "One of our clinicians looks at your answers first. Please wait here until then." in page
    assert ScreeningResponse.objects.get().outcome == "review"
    assert page.count("wear a mask") == 1


def test_a_walk_in_who_is_well_hears_what_everybody_hears(site, dana):
    adopt_screening()
    page = walk_in(dana, {"none": "1"})
    assert "wear a mask in waiting rooms" in page
    assert "clinicians looks" not in page
    assert Site.objects.get(key="lakeside").phone in page

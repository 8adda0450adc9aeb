"""A button about health answers that is pressed twice: nobody is noted to have said what they were not asked."""

from datetime import date, timedelta

import pytest
from django.test import Client

from booking.actions import appointments
from booking.actions.patients import patients
from booking.models import Appointment, ScreeningResponse
from booking.status import Move, Status
from core import clock as core_clock
from core.models import Site, User
from core.principal import Principal
from core.roles import Role
from tests.booking.pages.walk import as_seen, go_on, hidden_on, slots_on, text_of
from tests.factories.admin import sign_in
from tests.factories.booking import SYSTEM, read_slot, slot_id
from tests.factories.policies import adopt_screening

DAY = 24 * 60 * 60
DOOR = "/desk/arrivals/"
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


@pytest.fixture
def nora(visit):
    """Nora's browser, at the second desk."""
    return sign_in(Client(), "nora", Role.SCHEDULER, Site.objects.get(key="lakeside"))


def at_work(client, name="dana"):
    """Let somebody sign in again: sessions end after a while."""
    client.force_login(User.objects.get(username=name))
    return client


def the_visit():
    return Appointment.objects.get()


def press(client, move, **sent):
    return client.post(f"{DOOR}{the_visit().public_id}/{move}/", as_seen() | sent)


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


def wrongly_missed(clock, dana):
    """Move Alice's visit from one to eleven, and note by mistake that she did not come; return when it was."""
    alice, at = the_visit(), core_clock.now()
    sooner = read_slot(slot_id(alice.practitioner, alice.period.lower - timedelta(hours=2)))
    appointments.move(alice.public_id, Move.RESCHEDULE, by=SYSTEM, at=at, slot=sooner, override_reason="Comes early")
    clock.shift((sooner.start - at).total_seconds() + 30 * 60)
    assert press(at_work(dana), "no-show").status_code == 302
    return sooner.start


def test_of_two_who_press_undo_the_second_takes_nothing_back_that_they_did_not_see(visit, dana, nora, clock):
    eleven = wrongly_missed(clock, dana)
    old = hidden_on(at_work(nora, "nora").get(DOOR))
    assert press(dana, "undo").status_code == 302
    second = press(nora, "undo", seen=old["seen"])
    assert second.status_code == 409
    assert "dana changed this meanwhile: Alice Adams is booked" in text_of(second)
    assert (the_visit().status, the_visit().period.lower) == (Status.BOOKED, eleven)


def test_twin_without_the_look_at_what_was_seen_the_second_undo_moves_her_back(visit, dana, nora, clock, monkeypatch):
    eleven = wrongly_missed(clock, dana)
    old = hidden_on(at_work(nora, "nora").get(DOOR))
    press(dana, "undo")
    monkeypatch.setattr("booking.actions.as_seen.refuse_changed", lambda *_: None)
    press(nora, "undo", seen=old["seen"])
    assert the_visit().period.lower > eleven


def test_what_began_earlier_and_is_written_later_is_seen_at_the_door(visit, dana):
    alice, at = the_visit(), core_clock.now()
    press(dana, "arrive")
    etag = dana.get(DOOR)["ETag"]
    # Of two at once the one that began first may end last: its moment is no later than what was seen already.
    Appointment.objects.filter(pk=alice.pk).update(note="Has a stick", noted_at=at, updated_at=at)
    assert dana.get(DOOR, headers={"If-None-Match": etag}).status_code == 200

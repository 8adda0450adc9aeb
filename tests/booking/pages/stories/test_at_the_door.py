"""At the door: who comes today is found, asked once more, measured, and checked in, by several desks at once."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from booking.actions import arrivals
from booking.actions.calls import heard_in_person
from booking.models import Appointment, ScreeningResponse
from booking.screening.outcomes import ScreeningAnswers
from booking.screening.policies import ScreeningPolicy
from booking.screening.queries import answers_of
from booking.screening.questionnaire import AnswerChoice
from booking.status import Status
from core import clock as core_clock
from core.models import RoleAssignment, Site, User
from core.principal import Principal
from core.refusals import Forbidden
from core.roles import Role
from tests.booking.pages.walk import as_seen, book, go_on, hidden_on, slots_on, text_of
from tests.factories.admin import sign_in
from tests.factories.policies import publish_screening
from tests.factories.scheduler import AT

DAY = 24 * 60 * 60
FEVER, COUGH = "fever_or_chills_24h", "new_cough_breathless_sore_throat_runny_nose"
DOOR = "/desk/arrivals/"


@pytest.fixture
def visit(screened_once, alice, clock):
    """Where Alice's visit of today is found; it is Tuesday, eight in the morning."""
    address = go_on(alice, screened_once)
    clock.shift(DAY)
    return address


@pytest.fixture
def dana(visit):
    """Dana's browser, at the first desk."""
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


def answer(client, visit, said=None, who=0):
    return client.post(f"{visit}screening/" + (f"?who={who}" if who else ""), said or {"none": "1"})


def press(client, move, **sent):
    return client.post(f"{DOOR}{the_visit().public_id}/{move}/", as_seen() | sent)


def nothing_new(client, **sent):
    return press(client, "check-in", nothing_new="1", **sent)


def questions(client, said, *, new=False, who=0):
    """Open the questions at the desk, and send what is said."""
    address = f"{DOOR}{the_visit().public_id}/questions/?who={who}" + ("&step=new" if new else "")
    return client.post(address, {"seen": hidden_on(client.get(address)).get("seen", "")} | said)


def test_who_answered_at_home_is_asked_what_is_new_and_checked_in_with_one_press(alice, visit, dana):
    answer(alice, visit)
    assert "Nothing new: check in" in text_of(dana.get(DOOR))
    assert nothing_new(dana).status_code == 302
    assert the_visit().status == Status.CHECKED_IN
    assert ScreeningResponse.objects.get().rechecked_by == f"user:{User.objects.get(username='dana').pk}"


def test_nobody_is_checked_in_before_they_were_asked_once_more(alice, visit, dana):
    answer(alice, visit)
    refused = press(dana, "check-in")
    assert refused.status_code == 409
    assert "Alice Adams: Please ask at the door what is new" in text_of(refused)
    assert the_visit().status == Status.BOOKED


def test_without_the_guard_alice_would_pass_the_door_unasked(alice, visit, dana, monkeypatch):
    answer(alice, visit)
    monkeypatch.setattr(ScreeningPolicy, "rechecks", False)
    assert press(dana, "check-in").status_code == 302
    assert the_visit().status == Status.CHECKED_IN


def test_who_has_a_fever_since_is_not_let_in(alice, visit, dana):
    answer(alice, visit)
    asked = text_of(dana.get(f"{DOOR}{the_visit().public_id}/questions/?step=new"))
    assert "Tick only what is new" in asked
    assert "positive test" not in asked
    questions(dana, {FEVER: "on", "days": "1"}, new=True)
    assert "Must not come in" in text_of(dana.get(DOOR))
    assert "Alice Adams booked , must not come in" in text_of(dana.get("/desk/"))
    to_do = dana.get("/desk/to-do/")
    assert "They must not come in on the day of their appointment Alice Adams" in text_of(to_do)
    stands = to_do.content.decode().count('<a class="tap" href="/desk/')
    assert f"To do ({stands})" in text_of(to_do)
    assert reverse("desk-another-time", args=[the_visit().public_id]) in to_do.content.decode()
    assert nothing_new(dana).status_code == 409
    assert the_visit().status == Status.BOOKED


def test_a_cough_that_is_usual_goes_to_a_clinician_and_then_in_without_more_questions(alice, visit, dana):
    answer(alice, visit)
    questions(dana, {f"{COUGH}-usual": "on"}, new=True)
    assert "A clinician looks at it" in text_of(dana.get(DOOR))
    newest = ScreeningResponse.objects.latest("pk")
    carol = sign_in(Client(), "carol", Role.CLINICIAN, Site.objects.get(key="lakeside"))
    carol.post(f"/desk/health/{newest.public_id}/approved/")
    assert press(dana, "check-in").status_code == 302


def test_a_mask_is_not_forgotten_by_the_question_at_the_door(alice, visit, dana):
    answer(alice, visit, {"household_positive_10d": "on"})
    assert "May come in, with a mask" in text_of(dana.get(DOOR))
    nothing_new(dana)
    assert "May come in, with a mask" in text_of(dana.get(DOOR))


def test_who_has_not_answered_is_asked_aloud_and_checked_in_with_two_presses(visit, dana):
    page = dana.get(DOOR)
    assert "check in" not in text_of(page).partition("What to do")[2].partition("Keys")[0].lower()
    opened = re.search(r'href="([^"]+)" data-key="q"', page.content.decode())[1]  # the first press
    seen = hidden_on(dana.get(opened))["seen"]
    assert dana.post(opened, {"none": "check-in", "seen": seen}).status_code == 302  # the second
    assert the_visit().status == Status.CHECKED_IN


def test_without_a_policy_one_press_checks_in(alice, site, clock):
    book(alice)
    clock.shift(DAY)
    dana = sign_in(Client(), "dana", Role.SCHEDULER, Site.objects.get(key="lakeside"))
    assert "Ask everybody" not in text_of(dana.get(DOOR))
    assert nothing_new(dana).status_code == 302
    assert the_visit().status == Status.CHECKED_IN


@pytest.mark.parametrize("move", ["arrive", "check-in", "no-show"])
def test_each_act_is_one_press_and_undone_with_one(alice, visit, dana, clock, move):
    answer(alice, visit)
    clock.shift(7 * 60 * 60)
    at_work(dana)
    assert press(dana, move, nothing_new="1").status_code == 302
    assert the_visit().status != Status.BOOKED
    assert press(dana, "undo").status_code == 302
    assert the_visit().status == Status.BOOKED
    # As before it: who comes later is asked what is new.
    assert "Nothing new: check in" in text_of(dana.get(DOOR))


# --- the thermometer ------------------------------------------------------------------------------------------------


@pytest.fixture
def measured(alice, visit):
    """The clinic takes temperatures; Alice has answered at home."""
    publish_screening({"temperature_at_door": True})
    answer(alice, visit)


def test_a_temperature_is_taken_where_the_policy_says_so(measured, dana):
    assert "100.4 °F or more is a fever" in text_of(dana.get(DOOR))
    missing = nothing_new(dana)
    assert missing.status_code == 422
    assert "Please take the temperature first" in text_of(missing)
    assert nothing_new(dana, temperature="98.6").status_code == 302
    assert the_visit().status == Status.CHECKED_IN
    assert "temperature_f" not in answers_of(ScreeningResponse.objects.get())


@pytest.mark.parametrize("typed", ["100.4", "101,2", "38.4 C"])
def test_a_fever_keeps_alice_out_and_the_desk_is_told_what_to_do(measured, dana, typed):
    told = text_of(nothing_new(dana, temperature=typed))
    assert f"Alice Adams: {typed} is a fever. They must not come in today" in told
    assert the_visit().status == Status.BOOKED
    assert ScreeningResponse.objects.latest("pk").outcome == "rebook"
    assert nothing_new(dana, temperature="98.6").status_code == 409


def test_what_is_no_temperature_is_asked_again_and_stands_there_still(measured, dana):
    again = nothing_new(dana, temperature="986")
    assert again.status_code == 422
    assert "Nobody has this temperature" in text_of(again)
    assert 'value="986"' in again.content.decode()
    assert the_visit().status == Status.BOOKED


def test_the_temperature_is_asked_for_where_the_questions_are_read_aloud(visit, dana):
    publish_screening({"temperature_at_door": True})
    again = questions(dana, {"none": "check-in"})
    assert again.status_code == 422
    assert "Take the temperature, and type it here" in text_of(again)
    questions(dana, {"none": "check-in", "temperature": "37"})
    assert the_visit().status == Status.CHECKED_IN


def test_nobody_measures_before_help_is_called(visit, dana):
    publish_screening({"temperature_at_door": True})
    assert questions(dana, {"emergency": "on"}).status_code == 302
    assert "Needs help now: call a clinician, and 911" in text_of(dana.get(DOOR))


# --- two desks at once ----------------------------------------------------------------------------------------------


def test_the_second_desk_hears_who_was_quicker_and_is_not_blamed(alice, visit, dana, nora):
    answer(alice, visit)
    nothing_new(dana)
    told = text_of(nothing_new(nora))
    assert "Alice Adams is checked in already: dana noted it at 8:00" in told
    assert "checked in already: you noted it" in text_of(nothing_new(dana))


def test_answers_noted_meanwhile_are_not_overwritten_by_the_second_desk(visit, dana, nora):
    address = f"{DOOR}{the_visit().public_id}/questions/"
    seen = hidden_on(nora.get(address))["seen"]
    questions(dana, {FEVER: "on", "days": "1"})
    told = nora.post(address, {"none": "check-in", "seen": seen})
    assert told.status_code == 409
    assert "Somebody noted answers while you were asking" in text_of(told)
    assert "Must not come in" in text_of(nora.get(DOOR))


def test_a_look_that_finds_nothing_new_is_cheap_and_a_colleague_s_act_is_seen(
    alice, visit, dana, nora, django_assert_max_num_queries
):
    answer(alice, visit)
    etag = dana.get(DOOR)["ETag"]
    with django_assert_max_num_queries(7):
        assert dana.get(DOOR, headers={"If-None-Match": etag}).status_code == 304
    press(nora, "arrive")
    assert dana.get(DOOR, headers={"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize(("by_itself", "then"), [({"X-Poll": "1"}, 302), ({}, 200)])
def test_a_page_that_looks_by_itself_keeps_nobody_signed_in(dana, clock, by_itself, then):
    etag = dana.get(DOOR)["ETag"]
    for _ in range(2):
        clock.shift(8 * 60)
        dana.get(DOOR, headers=by_itself | {"If-None-Match": etag})
    assert dana.get(DOOR).status_code == then


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_that_nobody_can_mean_is_today(dana, day):
    shown = dana.get(f"/desk/arrivals/?day={day}")
    assert text_of(shown) == text_of(dana.get("/desk/arrivals/"))


# --- who comes along, and what the day asks of everybody ------------------------------------------------------------


def test_an_empty_day_leads_to_the_next_on_which_somebody_comes(dana):
    the_day = the_visit().period.lower.date().isoformat()
    before = dana.get(f"{DOOR}?site=lakeside&day=2025-01-04")
    assert f'<a href="{DOOR}?site=lakeside&amp;day={the_day}">' in before.content.decode()
    after = text_of(dana.get(f"{DOOR}?site=lakeside&day=2040-01-04"))
    assert "Nobody comes here on this day." in after
    assert "The next appointments" not in after


def test_companions_are_shown_with_how_they_stand_and_how_many_may_come(alice, visit, dana):
    answer(alice, visit)
    page = text_of(dana.get(DOOR))
    assert "1 person may come along, 12 years old or older." in page
    assert "Masks in the waiting room." in page
    assert "Somebody comes with them" in page
    questions(dana, {FEVER: "on", "days": "1"}, who=1)
    page = text_of(dana.get(DOOR))
    assert "Companion: Must not come in" in page
    assert "Nothing new: check in" in page
    assert "Somebody else comes with them" not in page


def test_where_nobody_may_come_along_the_desk_asks_no_companion(visit, dana):
    publish_screening({"companions_max": 0})
    assert "Patients come alone" in text_of(dana.get(DOOR))
    questions(dana, {"none": "1"}, who=1)
    assert not ScreeningResponse.objects.exists()


# --- finding somebody, days before, other zones ---------------------------------------------------------------------


def found(client, typed):
    return "What to do" in text_of(client.get(DOOR, {"find": typed}))


def test_somebody_is_found_by_what_they_say_at_the_desk(visit, dana):
    the_visit().patient.contacts.create(system="phone", value="+13125550187", rank=2)
    reference = the_visit().reference
    for typed in ("alice", "Adams, Al", "ADÁMS", reference, reference.replace("-", "").lower()[:5], "0187", "312 555"):
        assert found(dana, typed), typed
    for typed in ("Ben", "Adams Carl", "9999", "18"):
        assert not found(dana, typed), typed
    assert "found by “&lt;b&gt;”" in dana.get(DOOR, {"find": "<b>"}).content.decode()


def test_today_is_that_of_the_site_and_its_clock_is_named(visit, dana, clock):
    clock.move_to(datetime(2026, 10, 7, 3, tzinfo=UTC))  # ten in the evening of the sixth in Chicago
    page = text_of(at_work(dana).get(DOOR))
    assert "Tuesday, October 6, Chicago time" in page
    assert the_visit().period.lower.astimezone(ZoneInfo("America/Chicago")).day == 6
    assert "Alice Adams" in page


def test_nobody_is_offered_to_be_checked_in_before_their_day(alice, visit, dana, clock):
    clock.shift(-DAY)
    answer(alice, visit)
    page = text_of(dana.get(f"{DOOR}?day=2026-10-06"))
    assert "Nothing new: check in" not in page
    assert nothing_new(dana).status_code == 409


def test_the_keys_are_those_of_whoever_is_next(alice, ben, visit, dana):
    book(ben, 3, name="Ben Brown", email="ben@example.test")
    answer(alice, visit)
    page = dana.get(DOOR).content.decode()
    assert page.count('accesskey="c"') == 1
    assert page.count('data-key="q"') == 2


def test_over_the_api_nobody_is_checked_in_before_they_were_asked_once_more(alice, visit, dana):
    answer(alice, visit)
    appointment = str(the_visit().public_id)
    check_in = f"/api/v1/appointments/{appointment}/check-in/"
    headers = {"If-Match": dana.get(f"/api/v1/appointments/{appointment}/")["ETag"]}
    refused = dana.post(check_in, {}, content_type="application/json", headers=headers)
    assert refused.json()["code"] == "recheck-needed"
    asked = dana.get(f"/api/v1/screening/questions/?appointment={appointment}").json()
    said = {"appointment": appointment, "answers": dict.fromkeys(asked["recheck"], "no")}
    assert dana.post("/api/v1/screening/rechecks/", said, content_type="application/json").status_code == 201
    assert dana.get(f"/api/v1/screening/questions/?appointment={appointment}").json()["rechecked"]
    assert dana.post(check_in, {}, content_type="application/json", headers=headers).json()["status"] == "checked-in"


def test_alice_does_not_note_herself_what_is_asked_at_the_door(alice, visit, dana):
    answer(alice, visit)
    patient, own = the_visit().patient, User.objects.create_user("alice")
    patient.user = own
    patient.save()
    RoleAssignment.objects.create(user=own, role=Role.PATIENT, starts_at=AT)
    alice.force_login(own)
    said = {"appointment": str(the_visit().public_id), "answers": {FEVER: "no", COUGH: "no"}}
    assert alice.post("/api/v1/screening/rechecks/", said, content_type="application/json").status_code == 403
    with pytest.raises(Forbidden):
        arrivals.recheck(
            the_visit().public_id,
            ScreeningAnswers(answered_on=date(2026, 10, 6), choices={FEVER: AnswerChoice.NO, COUGH: AnswerChoice.NO}),
            by=Principal.of(own, at=core_clock.now()),
            at=core_clock.now(),
        )


# --- another time for whoever must not come in ----------------------------------------------------------------------


def test_who_must_not_come_in_is_moved_with_two_presses_and_the_time_is_free(alice, visit, dana):
    questions(dana, {FEVER: "on", "days": "1"})
    left = the_visit().period.lower
    there = re.search(r'href="([^"]+/times/[^"]*)"', dana.get(DOOR).content.decode())[1]  # the first press
    page = dana.get(there)
    assert "They may come from Thursday, October 8 on" in text_of(page)
    told = dana.post(there, as_seen() | {"slot": slots_on(page)[0]})  # the second
    assert "Moved to Thursday, October 8" in text_of(told)
    assert the_visit().period.lower > left
    assert "Alice Adams" not in text_of(dana.get(DOOR))


def test_a_time_given_back_at_the_door_is_excused(alice, visit, dana):
    questions(dana, {FEVER: "on", "days": "1"})
    told = dana.post(f"{DOOR}{the_visit().public_id}/times/", as_seen() | {"give_back": "1"})
    assert "The time is given back, without a fee" in text_of(told)
    assert (the_visit().status, the_visit().late_cancel) == (Status.CANCELLED, False)
    assert heard_in_person({the_visit().pk}) == {the_visit().pk}, "nobody need call somebody who was told there"
    again = dana.post(f"{DOOR}{the_visit().public_id}/times/", as_seen() | {"give_back": "1"})
    assert again.status_code == 409

"""Somebody told Alice to stay at home: until when is asked, and without that day a clinician says from when on."""

from datetime import date, timedelta

import pytest
from django.test import Client
from knox.models import AuthToken

from booking.models import Appointment, Hold, ScreeningResponse
from booking.screening.queries import answers_of
from core.models import Site, User
from core.roles import Role
from tests.booking.pages.walk import go_on, slots_on, text_of, times_on
from tests.factories.admin import sign_in
from tests.factories.policies import adopt_screening

TOLD = "told_to_isolate"
SAID = {TOLD: "on", "days": "1"}
LAST_DAY = "The last day on which you are to stay at home"


@pytest.fixture
def visit(screened_once, alice):
    """Where Alice's visit of tomorrow is found, at a clinic that asks how people are."""
    return go_on(alice, screened_once)


@pytest.fixture
def page(visit):
    return f"{visit}screening/"


def test_alice_is_asked_until_when_and_may_not_know(alice, page):
    assert LAST_DAY in text_of(alice.post(page, {TOLD: "on"}))
    assert not ScreeningResponse.objects.exists()


def test_alice_knows_the_day_and_hears_the_next_one_with_times(alice, page):
    alice.post(page, SAID | {"isolate_until": "10/9/2026"})
    shown = alice.get(page)
    assert "You can come from Saturday, October 10 on" in text_of(shown)
    assert slots_on(shown)
    assert ScreeningResponse.objects.get().earliest_day == date(2026, 10, 10)
    assert answers_of(ScreeningResponse.objects.get())["isolate_until"] == "2026-10-09"


def test_without_the_day_alice_is_promised_none_and_hears_who_tells_her(alice, page):
    alice.post(page, SAID)
    shown = alice.get(page)
    said = text_of(shown)
    assert "Please stay home for now" in said
    assert "You can come from" not in said
    assert "No time is free" not in said
    assert "One of our clinicians looks at your answers by Monday, October 5" in said
    row = ScreeningResponse.objects.get()
    assert (row.outcome, row.reviewed, row.earliest_day) == ("rebook", True, None)


def test_a_clinician_reads_that_alice_does_not_know_and_tells_her_the_day(alice, page, site):
    alice.post(page, SAID)
    kim = sign_in(Client(), "kim", Role.CLINICIAN, Site.objects.get(key="lakeside"))
    assert "They do not know until when they are to stay at home." in text_of(kim.get("/desk/health/"))
    key = ScreeningResponse.objects.get().public_id
    assert kim.post(f"/desk/health/{key}/declined/", {"from": "10/14/2026"}).status_code == 302
    assert "You can come from Wednesday, October 14 on" in text_of(alice.get(page))


def test_until_somebody_knows_the_day_alice_is_offered_no_time_and_reads_what_to_do(alice, visit, page):
    offered = slots_on(alice.get(f"{visit}move/"))
    alice.post(page, SAID)
    shown = alice.get(f"{visit}move/")
    assert shown["Location"] == page
    assert "Do you know the last day on which you are to stay at home?" in text_of(alice.get(page))
    assert b"Give my time back" in alice.get(page).content
    refused = alice.post(f"{visit}move/", {"slot": offered[0]})
    assert refused.status_code == 409
    assert "Answer the questions again: we show times." in text_of(refused)
    assert not Hold.objects.filter(moving__isnull=False).exists()
    alice.post(page, SAID | {"isolate_until": "10/9/2026"})
    assert slots_on(alice.get(f"{visit}move/"))


def test_no_press_promises_tomorrow_to_alice_of_whom_nobody_knows_until_when(alice, page, site):
    alice.post(page, SAID)
    kim = sign_in(Client(), "kim", Role.CLINICIAN, site)
    shown = kim.get("/desk/health/")
    assert 'name="from" value=""' in shown.content.decode()
    assert 'value="10/' not in shown.content.decode()
    key = ScreeningResponse.objects.get().public_id
    refused = kim.post(f"/desk/health/{key}/declined/", {"from": ""})
    assert refused.status_code == 400
    assert "Say from which day on they may come: nobody knows it yet." in text_of(refused)
    mistyped = kim.post(f"/desk/health/{key}/declined/", {"from": "next week"})
    assert 'value="next week"' in mistyped.content.decode()
    assert "Please type a day such as" in text_of(mistyped)
    token = {"Authorization": f"Token {AuthToken.objects.create(User.objects.get(username='kim'))[1]}"}
    body = {"answers": str(key), "act": "stay-away"}
    over_api = Client().post("/api/v1/screening/reviews/", body, "application/json", headers=token)
    assert (over_api.status_code, over_api.json()["errors"][0]["pointer"]) == (400, "/earliest_day")
    assert (ScreeningResponse.objects.get().decision, "You can come from" in text_of(alice.get(page))) == ("", False)


def test_also_once_alice_takes_her_answer_back_nobody_promises_her_tomorrow(alice, visit, page, site):
    alice.post(page, SAID)
    alice.post(page, {"none": "1"})
    assert alice.get(f"{visit}move/")["Location"] == page
    assert "Do you know the last day on which you are to stay at home?" in text_of(alice.get(page))
    kim = sign_in(Client(), "kim", Role.CLINICIAN, site)
    key = ScreeningResponse.objects.latest("pk").public_id
    assert kim.post(f"/desk/health/{key}/declined/", {"from": ""}).status_code == 400


def test_once_alice_knows_the_day_she_answers_again_and_chooses_a_time(alice, page):
    alice.post(page, SAID)
    alice.post(page, SAID | {"isolate_until": "10/8/2026"})
    assert "You can come from Friday, October 9 on" in text_of(alice.get(page))
    assert Appointment.objects.get().status == "booked"


@pytest.mark.parametrize("typed", ["10/9/2027", "10/4/2026", "12/5/2026", "soon"])
def test_a_day_that_nobody_can_mean_is_asked_again_in_words(alice, page, typed):
    again = alice.post(page, SAID | {"isolate_until": typed})
    assert again.status_code == 422
    assert f'value="{typed}"' in again.content.decode()
    assert not ScreeningResponse.objects.exists()


def test_at_the_door_no_time_of_today_is_offered_to_who_must_not_leave_home(alice, page, clock):
    clock.shift(24 * 60 * 60)
    alice.post(page, SAID)
    dana = sign_in(Client(), "dana", Role.SCHEDULER, Site.objects.get(key="lakeside"))
    shown = dana.get(f"/desk/arrivals/{Appointment.objects.get().public_id}/times/")
    assert "Nobody knows yet from when on they may come" in text_of(shown)
    assert times_on(shown)
    assert not [time for time in times_on(shown) if "20261006" in time]


def test_over_the_api_the_day_is_sent_and_refused_by_its_name(alice, page, site):
    alice.get(page)
    dana = sign_in(Client(), "dana", Role.SCHEDULER, Site.objects.get(key="lakeside"))
    key = str(Appointment.objects.get().public_id)
    asked = dana.get(f"/api/v1/screening/questions/?appointment={key}").json()
    assert asked["follow_ups"]["isolate_until"] == LAST_DAY
    said = {"appointment": key, "answers": {one["id"]: "no" for one in asked["questions"]} | {TOLD: "yes"}}

    def send(**more):
        return dana.post("/api/v1/screening/answers/", said | more, content_type="application/json")

    refused = send(isolate_until=str(date(2026, 10, 5) + timedelta(days=61)))
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == "/isolate_until"
    assert send(isolate_until="2026-10-20").json()["earliest_day"] == "2026-10-21"
    unknown = send().json()
    assert (unknown["earliest_day"], unknown["reviewed"]) == (None, True)


def test_a_walk_in_who_does_not_know_is_sent_home_without_a_promise(alice, site):
    adopt_screening()
    dana = sign_in(Client(), "dana", Role.SCHEDULER, Site.objects.get(key="lakeside"))
    person = {"name": "Ben Brown", "birth_date": "3/27/1961", "phone": "312 555 0187", "email": ""}
    there = dana.post("/desk/walk-in/?site=lakeside", person)["Location"]
    slot = slots_on(dana.get(there))[0]
    asked = dana.post(there.partition("?")[0] + "time/?site=lakeside", {"slot": slot})["Location"]
    said = text_of(dana.post(asked, SAID))
    assert "must not come in today" in said
    assert "Nobody knows yet from when on they may come" in said
    assert "Nothing is free" not in said


def test_a_day_too_soon_is_refused_where_alice_chooses_and_over_the_api_with_what_to_do(alice, visit, page, site):
    offered = slots_on(alice.get(f"{visit}move/"))
    alice.post(page, SAID | {"isolate_until": "10/9/2026"})
    refused = alice.post(f"{visit}move/", {"slot": offered[0]})
    assert refused.status_code == 409
    assert "the first day is Saturday, October 10. Choose a time from then on." in text_of(refused)
    dana, booked = sign_in(Client(), "dana", Role.SCHEDULER, site), Appointment.objects.get()
    asked = {"therapy": "acu_manual", "visit": booked.visit, "from": "2026-10-05T14:00:00Z"}
    every_day = dana.get("/api/v1/slots/", asked).json()["results"]
    found = dana.get("/api/v1/slots/", asked | {"moving": str(booked.public_id)}).json()["results"]
    assert every_day[0]["start"] < "2026-10-10" <= found[0]["start"]
    one = f"/api/v1/slots/{every_day[0]['id']}/"
    assert dana.get(one).json()["free"] is True
    why = dana.get(one, {"moving": str(booked.public_id)}).json()
    assert (why["free"], why["reasons"][-1]["code"]) == (False, "too-soon-to-come")

"""Carol decides about health answers over the API, as she does on her page."""

import json

import pytest
from django.test import Client
from knox.models import AuthToken

from booking.models import Appointment, ScreeningResponse
from booking.web.slot_ids import opened
from core.models import Site, User
from core.roles import Role
from tests.booking.pages.walk import a_time, go_on
from tests.factories.admin import sign_in

REVIEWS = "/api/v1/screening/reviews/"
USUAL = {"new_cough_breathless_sore_throat_runny_nose-usual": "on"}


@pytest.fixture
def answers(screened_once, alice):
    """What Alice answered for her visit of tomorrow, at a clinic that asks how people are."""
    visit = go_on(alice, screened_once)
    alice.post(f"{visit}screening/", USUAL)
    return ScreeningResponse.objects.get()


def token_of(name, role):
    sign_in(Client(), name, role, Site.objects.get(key="lakeside"))
    return {"Authorization": f"Token {AuthToken.objects.create(User.objects.get(username=name))[1]}"}


@pytest.fixture
def carol(site):
    return token_of("carol", Role.CLINICIAN)


def decide(headers, answers, act, **sent):
    body = json.dumps({"answers": str(answers.public_id), "act": act} | sent)
    return Client().post(REVIEWS, body, "application/json", headers=headers)


def test_carol_reads_what_is_to_be_decided_and_lets_alice_come(answers, carol):
    (row,) = Client().get(f"{REVIEWS}?site=lakeside", headers=carol).json()["reviews"]
    assert row["answers"]["answers"]["new_cough_breathless_sore_throat_runny_nose"] == "usual_for_me"
    done = decide(carol, answers, "approve-masked")
    assert done.status_code == 200, done.content
    assert (done.json()["decision"], done.json()["masked"], "answers" in done.json()) == ("approved", True, False)
    assert Client().get(REVIEWS, headers=carol).json()["reviews"] == []
    late = decide(carol, answers, "stay-away")
    assert (late.status_code, late.json()["code"], late.json()["decided_by"]) == (409, "screening-decided", "carol")


def test_alice_is_called_first_or_stays_away_from_a_day_on_and_that_is_taken_back(answers, carol):
    assert decide(carol, answers, "call-first").json()["call_starts_at"].startswith("2026-10-05T")
    assert decide(carol, answers, "stay-away", earliest_day="2026-10-09").json()["earliest_day"] == "2026-10-09"
    assert decide(carol, answers, "take-back").json()["decision"] == ""


def test_what_carol_decided_today_is_listed_and_taken_back_by_its_id(answers, carol):
    decide(carol, answers, "approve")
    (made,) = Client().get(REVIEWS, headers=carol).json()["decided_today"]
    assert (made["answers"], made["decided"]) == (str(answers.public_id), "approved")
    wrong = decide(carol, answers, "take-back", review=str(answers.public_id))
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (400, "/review")
    for _press in range(2):
        assert decide(carol, answers, "take-back", review=made["id"]).json()["decision"] == ""
    assert Client().get(REVIEWS, headers=carol).json()["decided_today"] == []


def test_who_needs_help_now_may_come_only_once_carol_says_that_she_has_talked_with_them(answers, carol):
    ScreeningResponse.objects.update(outcome="seek_care")
    for sent in ({}, {"talked": False}):
        refused = decide(carol, answers, "approve", **sent)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/talked")
    assert decide(carol, answers, "approve", talked=True).json()["decision"] == "approved"


@pytest.mark.parametrize(
    ("decision", "sent", "pointer"),
    [
        ("stay-away", {"talked": True}, "/talked"),
        ("approve", {"review": "00000000-0000-4000-8000-000000000000"}, "/review"),
        ("approve", {"earliest_day": "2026-10-09"}, "/earliest_day"),
        ("call-first", {"call_starts_at": "2026-10-05T15:00:00Z"}, "/call_starts_at"),
        ("stay-away", {"earliest_day": "2026-10-01"}, "/earliest_day"),
        ("shrug", {}, "/act"),
    ],
)
def test_what_nobody_could_do_is_refused_by_its_name(answers, carol, decision, sent, pointer):
    refused = decide(carol, answers, decision, **sent)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == pointer


def test_the_front_desk_hears_by_when_it_is_decided_and_decides_nothing(answers, carol):
    dana = token_of("dana", Role.SCHEDULER)
    assert Client().get(REVIEWS, headers=dana).status_code == 403
    assert decide(dana, answers, "approve").status_code == 403
    visit = Appointment.objects.get().public_id
    asked = Client().get(f"/api/v1/screening/questions/?appointment={visit}", headers=dana).json()
    assert (asked["state"], asked["due_at"]) == ("in-review", "2026-10-05T17:00:00Z")


def test_a_time_is_kept_for_the_patient_alone_and_nobody_believes_another_was(alice, answers, carol):
    ScreeningResponse.objects.update(companion=1)
    refused = decide(carol, answers, "stay-away", slot=opened(a_time(9)))
    assert "for the patient alone" in refused.content.decode()
    assert (refused.status_code, ScreeningResponse.objects.get().decision) == (400, "")

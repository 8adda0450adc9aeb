"""The questions before booking over the API: asked, answered with the booking, and read back by nobody."""

import json
from uuid import uuid4

import pytest

from booking.models import Appointment, SuitabilityResponse
from booking.suitability.answers import answered_no
from booking.suitability.shipped import shipped_rules
from core.roles import Role
from scheduler.models import Practitioner
from tests.api.conftest import client_of
from tests.factories.booking import chicago, make_staff, slot_id
from tests.factories.policies import adopt_suitability

pytestmark = pytest.mark.usefixtures("dr_li")  # all ask for her: she is made once for the module

API = "/api/v1/"
QUESTIONS = API + "suitability/questions/?therapy=acu_manual&visit=first&site=lakeside"
NO = dict(answered_no(shipped_rules()).answers)
THINNER, CLOT = "anticoagulant", "clot_in_leg_or_arm"


@pytest.fixture(autouse=True)
def rules(lakeside):
    """Let Lakeside ask what the shipped rules ask."""
    return adopt_suitability(site=lakeside)


@pytest.fixture
def book(dr_li):
    """Return what books Dr Li over the API."""
    slot = slot_id(dr_li, chicago(13, 10))

    def book(client, **facts):
        key = {"Idempotency-Key": str(uuid4())}
        return client.post(API + "appointments/", {"slot": slot} | facts, format="json", headers=key)

    return book


def ids(answer):
    return [question["id"] for page in answer.json()["pages"] for question in page["questions"]]


def test_alice_is_told_where_the_questions_are_answers_them_and_is_booked(as_alice, book):
    refused = book(as_alice)
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (422, "answers-needed")
    asked = as_alice.get(problem["questions"])
    assert {one["pointer"] for one in problem["errors"]} <= {f"/answers/{one}" for one in ids(asked)}
    booked = book(as_alice, answers=dict.fromkeys(ids(asked), "no"))
    assert (booked.status_code, booked.json()["status"]) == (201, "booked")


def test_questions_stand_on_pages_in_words_with_their_numbers(as_alice, rules):
    shown = as_alice.get(QUESTIONS).json()
    first = shown["pages"][0]
    assert first["title"] == "How are you now?"
    assert first["questions"][0] == {
        "id": "fever_now",
        "text": "A temperature of 100.4 °F (38.0 °C) or more, or chills",
        "choices": ["yes", "no", "not_sure", "prefer_not_to_say"],
        "captures": [],
    }
    assert shown["policy_version"] == rules.version
    assert "(312) 555-0100" in shown["always"]
    assert len(shown["pages"]) <= 5


def test_only_what_can_change_the_outcome_is_asked(as_alice):
    adult = ids(as_alice.get(f"{QUESTIONS}&birth_date=1970-05-01"))
    child = ids(as_alice.get(f"{QUESTIONS}&birth_date=2015-05-01"))
    assert set(child) - set(adult) == {"spleen_removed_and_under_18"}
    assert "taxane_now" not in adult
    electro = ids(as_alice.get(QUESTIONS.replace("acu_manual", "acu_electro")))
    assert "taxane_now" in electro
    assert as_alice.get(QUESTIONS.replace("acu_manual", "screening_call")).json()["pages"] == []


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("therapy=yoga", "therapy"),
        ("therapy=acu_manual&technique=yoga", "technique"),
        ("therapy=acu_manual&site=moon", "site"),
    ],
)
def test_what_there_is_not_is_named(as_alice, query, parameter):
    answer = as_alice.get(f"{API}suitability/questions/?{query}")
    assert answer.status_code == 400
    assert [one["parameter"] for one in answer.json()["errors"]] == [parameter]


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"answers": NO | {"star_sign": "yes"}}, "/answers/star_sign"),
        ({"answers": NO | {"fever_now": "perhaps"}}, "/answers/fever_now"),
        ({"answers": NO | {"platelets": "200"}}, "/answers/platelets"),
        ({"answers": NO, "captures": {CLOT: ["left_arm"]}}, f"/captures/{CLOT}"),
        ({"answers": NO | {CLOT: "yes"}, "captures": {CLOT: ["tail"]}}, f"/captures/{CLOT}"),
        ({"answers": ["no"]}, "/answers"),
        ({"answers": {"fever_now": ["no"]}}, "/answers/fever_now"),
    ],
)
def test_an_answer_that_there_is_not_is_named_and_nothing_is_kept(as_alice, book, sent, pointer):
    refused = book(as_alice, **sent)
    assert refused.status_code == 400
    assert [one["pointer"] for one in refused.json()["errors"]] == [pointer]
    assert not SuitabilityResponse.objects.exists()
    assert not Appointment.objects.exists()


def test_what_a_clinician_looks_at_is_proposed_and_nobody_reads_the_answers_back(as_alice, as_dana, book, alice):
    booked = book(as_dana, patient=str(alice.record.public_id), answers=NO | {THINNER: "yes"}).json()
    assert booked["status"] == "proposed"
    shown = [
        booked,
        as_dana.get(f"{API}appointments/{booked['id']}/changes/").json(),
        as_dana.get(f"{API}patients/{alice.record.public_id}/").json(),
        as_alice.get(f"{API}appointments/{booked['id']}/").json(),
    ]
    for word in (THINNER, "blood", "R16", "clinician_review"):
        assert word not in json.dumps(shown)


def test_in_danger_the_number_comes_first_and_what_is_not_booked_online_says_what_is(as_alice, book):
    called = book(as_alice, answers={"fever_now": "yes", "on_active_cancer_treatment": "yes"})
    assert (called.status_code, called.json()["code"]) == (409, "call-first")
    assert (called.json()["phone"], called.json()["emergency"]) == ("(312) 555-0100", "911")
    blocked = book(as_alice, answers=NO | {"fever_now": "yes"})
    assert (blocked.status_code, blocked.json()["code"]) == (409, "not-bookable-with-answers")
    assert isinstance(blocked.json()["therapies"], list)


def test_a_clinician_who_treats_books_in_her_own_calendar_with_a_reason_whatever_was_answered(
    book, dr_li, lakeside, alice
):
    carol = make_staff("carol", Role.CLINICIAN, Role.PRACTITIONER, site=lakeside)
    blocked = {"patient": str(alice.record.public_id), "answers": NO | {"fever_now": "yes"}}
    said = {"set_aside": "Seen today: an infection of the skin, treated"}
    as_carol = client_of(carol.user)
    assert book(as_carol, **blocked, **said).status_code == 403, "Dr Li's calendar is not hers"
    Practitioner.objects.filter(pk=dr_li.pk).update(user=carol.user)
    assert book(as_carol, **blocked).json()["code"] == "not-bookable-with-answers"
    assert book(as_carol, **blocked, **said).json()["status"] == "booked"


def test_a_scheduler_reads_the_questions_aloud_and_sets_no_answer_aside(as_dana, book, alice):
    whom = {"patient": str(alice.record.public_id)}
    assert book(as_dana, **whom).json()["code"] == "answers-needed"
    assert book(as_dana, set_aside="I know her", **whom).json()["code"] == "clinician-only"
    assert book(as_dana, answers=NO, **whom).status_code == 201


def test_staff_say_that_the_questions_go_by_link_and_nobody_says_so_for_themselves(as_alice, as_dana, book, alice):
    refused = book(as_alice, questions_by_link=True)
    assert (refused.status_code, refused.json()["code"]) == (422, "answers-needed")
    booked = book(as_dana, patient=str(alice.record.public_id), questions_by_link=True)
    assert (booked.status_code, booked.json()["status"]) == (201, "proposed")
    assert "answers" not in json.dumps(booked.json())

"""Carol decides over the API about what waits because of answers, as she does on her page; nobody else reads it."""

import json
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine

from booking.actions import appointments
from booking.actions.suitability import answers_by_link, suitability
from booking.models import Appointment, Clearance, LabValue
from booking.status import Move, Status
from booking.suitability.answers import SuitabilityAnswers, answered_no
from booking.suitability.shipped import shipped_rules
from core.roles import Role
from tests.factories.booking import HOUR, MINUTE, chicago, make_staff, read_slot, slot_id
from tests.factories.policies import adopt_suitability, end_suitability
from tests.factories.scheduler import AT, make_site, offer

pytestmark = pytest.mark.usefixtures("dr_li")  # all ask for her: she is made once for the module

API = "/api/v1/suitability/"
REVIEWS, COUNTS = API + "reviews/", API + "counts/"
NO = answered_no(shipped_rules())
THINNER, SWELLING = "anticoagulant", "lymphoedema_or_nodes_removed"
TEN = chicago(12, 10)
SIGN_IN, LIST = 2, 17


@pytest.fixture(autouse=True)
def _asked(lakeside):
    """Lakeside asks what the shipped rules ask."""
    adopt_suitability(site=lakeside)


@pytest.fixture
def as_carol(sign_in, lakeside):
    """A clinician of Lakeside, who signs in."""
    return sign_in(make_staff("carol", Role.CLINICIAN, site=lakeside))


@pytest.fixture
def as_cora(sign_in, lakeside):
    """Another one."""
    return sign_in(make_staff("cora", Role.CLINICIAN, site=lakeside))


@pytest.fixture
def visit(alice, dr_li):
    """What Alice asks for, who takes a blood thinner, and whose left arm swells."""
    said = NO.answers | {THINNER: "yes", SWELLING: "yes"}
    answers = replace(NO, answers=said, captures={SWELLING: ("left_arm",)})
    slot = read_slot(slot_id(dr_li, TEN))
    return appointments.book(patient=alice.record, by=alice.principal, at=AT, slot=slot, answers=answers)


def reviews(client):
    return client.get(REVIEWS).json()


def decide(client, visit, act, **sent):
    seen = {} if act == "looked-at" else {"version": visit.version}
    return client.post(REVIEWS, {"appointment": str(visit.public_id), "act": act} | seen | sent, format="json")


def enter(client, visit, **sent):
    whole = {"appointment": str(visit.public_id), "taken_on": "2026-10-02"} | sent
    return client.post(COUNTS, whole, format="json")


def now(visit):
    return Appointment.objects.get(pk=visit.pk)


def test_carol_reads_what_alice_wants_what_she_answered_and_what_follows(as_carol, visit):
    (row,) = reviews(as_carol)["reviews"]
    assert (row["appointment"], row["version"], row["status"]) == (str(visit.public_id), visit.version, "proposed")
    assert (row["therapy"], row["due_at"], row["disposition"]) == (
        "acu_manual",
        "2026-10-07T02:00:00Z",
        "clinician_review",
    )
    said = {one["question"]: one for one in row["answers"]}
    assert (said[THINNER]["answer"], said[THINNER]["answer_text"]) == ("yes", "Yes")
    assert said[THINNER]["text"].startswith("You take a blood thinner")
    assert said[SWELLING]["captures"] == ["left_arm"]
    rules = {one["question"]: one for one in row["rules"]}
    assert (rules[THINNER]["disposition"], rules[THINNER]["follows"]) == ("clinician_review", "a clinician looks first")
    assert "avoid left arm" in row["flags"]
    assert [one["question"] for one in row["clearable"]] == [THINNER]
    assert reviews(as_carol)["looked_at_again"] == []


def test_carol_reads_of_her_own_sites_alone_and_of_one_if_she_likes(as_carol, sign_in, visit):
    as_rosa = sign_in(make_staff("rosa", Role.CLINICIAN, site=make_site("riverside")))
    assert reviews(as_rosa)["reviews"] == []
    assert len(as_carol.get(f"{REVIEWS}?site=lakeside").json()["reviews"]) == 1
    assert as_carol.get(f"{REVIEWS}?site=riverside").json()["reviews"] == []
    refused = decide(as_rosa, visit, "approve")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/appointment")


def test_carol_approves_once_however_often_she_sends_it_and_cora_is_told_who_was_first(as_carol, as_cora, visit):
    mark = reviews(as_carol)["reviews"][0]["mark"]
    for _twice in range(2):
        done = decide(as_carol, visit, "approve", mark=mark)
        assert (done.status_code, done.json()["status"]) == (200, "booked")
    assert visit.changes.filter(move=Move.APPROVE).count() == 1
    late = decide(as_cora, visit, "decline").json()
    assert (late["code"], late["stands"]) == ("move-not-allowed", "booked")
    assert late["decided_by"].startswith("carol")
    assert now(visit).status == Status.BOOKED


def test_carol_clears_it_until_a_day_and_an_approval_is_no_clearance(as_carol, visit):
    (row,) = reviews(as_carol)["reviews"]
    for _twice in range(2):
        assert decide(as_carol, visit, "clear", mark=row["mark"], ends_on=row["clearable_until"]).status_code == 200
    (given,) = Clearance.objects.all()
    assert (given.therapy, given.ends_on.isoformat()) == ("acu_manual", row["clearable_until"])


def test_carol_withdraws_what_she_cleared_and_it_is_looked_at_again(as_carol, as_dana, visit):
    decide(as_carol, visit, "clear")
    address = f"{API}clearances/{Clearance.objects.get().public_id}/"
    with time_machine.travel(AT + HOUR, tick=False):
        assert (as_carol.get(address).json()["therapy"], as_dana.get(address).status_code) == ("acu_manual", 404)
        for _twice in range(2):
            assert as_carol.delete(address).status_code == 204
        assert as_carol.get(address).json()["withdrawn_at"] == "2026-10-05T14:00:00Z"


def test_carol_takes_an_approval_back_the_same_day_and_it_waits_again(as_carol, visit):
    decide(as_carol, visit, "clear")
    ((approved,), waiting) = (reviews(as_carol)[name] for name in ("approved_today", "reviews"))
    assert (approved["appointment"], waiting) == (str(visit.public_id), [])
    for _twice in range(2):
        assert decide(as_carol, visit, "take-back", version=approved["version"]).json()["status"] == "proposed"
    (row,) = reviews(as_carol)["reviews"]
    assert row["clearances"] == []


def test_carol_asks_alice_again_by_link_and_decides_once_she_has_answered(as_carol, as_cora, visit, alice):
    (row,) = reviews(as_carol)["reviews"]
    assert [one["unsure"] for one in row["questions"] if one["question"] == THINNER] == [False]
    for _twice in range(2):
        assert decide(as_carol, visit, "ask", questions=[THINNER], stood=row["stood"]).json()["status"] == "pending"
    assert visit.changes.filter(move=Move.AWAIT).count() == 1
    assert decide(as_carol, visit, "ask", questions=[SWELLING], stood=row["stood"]).status_code == 409
    assert decide(as_cora, visit, "approve", stood=row["stood"]).json()["decided_by"].startswith("carol")
    shown = reviews(as_carol)
    ((asked,), waiting) = shown["asked"], shown["reviews"]
    assert (asked["appointment"], asked["answered_at"], waiting) == (str(visit.public_id), None, [])
    unseen = decide(as_carol, visit, "approve", version=row["version"], mark=row["mark"])  # not that Alice is asked
    assert (unseen.status_code, unseen.json()["code"]) == (409, "move-not-allowed")
    said = SuitabilityAnswers(answers={THINNER: "yes"})
    answers_by_link.answer(visit.public_id, said, by=alice.principal, at=AT + MINUTE)
    for seen in ({"stood": asked["stood"]}, {"stood": row["stood"]}, {}):  # nobody has looked at the answer
        late = decide(as_carol, visit, "approve", version=asked["version"], **seen)
        assert (late.status_code, late.json()["code"]) == (409, "move-not-allowed")
    with time_machine.travel(AT + HOUR, tick=False):
        (answered,) = reviews(as_carol)["reviews"]
        seen = {name: answered[name] for name in ("version", "stood", "mark")}
        assert decide(as_carol, visit, "approve", **seen).json()["status"] == "booked"


def test_what_the_rules_say_nothing_of_any_more_is_decided_as_it_was_seen(as_carol, visit):
    end_suitability()
    (row,) = reviews(as_carol)["reviews"]
    seen = {name: row[name] for name in ("version", "stood", "mark")}
    assert (row["mark"], decide(as_carol, visit, "approve", **seen).json()["status"]) == ("", "booked")


def test_what_was_only_approved_is_not_cleared_by_sending_so_afterwards(as_carol, visit):
    decide(as_carol, visit, "approve")
    refused = decide(as_carol, visit, "clear")
    assert (refused.status_code, refused.json()["code"]) == (409, "move-not-allowed")
    assert not Clearance.objects.exists()


def test_carol_declines_with_something_else_and_takes_it_back_the_same_day(as_carol, visit, dr_li, lakeside):
    offer(dr_li, "acupressure", sites=[lakeside])
    (row,) = reviews(as_carol)["reviews"]
    assert "acupressure" in [one["instead"] for one in row["alternatives"]]
    for _twice in range(2):
        assert decide(as_carol, visit, "decline", instead="acupressure").json()["status"] == "cancelled"
    assert decide(as_carol, visit, "decline").status_code == 409
    shown = reviews(as_carol)
    (declined,) = shown["declined_today"]
    assert (declined["instead"], shown["reviews"]) == ("acupressure", [])
    for _twice in range(2):
        assert decide(as_carol, visit, "take-back", version=declined["version"]).json()["status"] == "proposed"


@pytest.mark.parametrize(
    ("act", "sent", "pointer"),
    [
        ("approve", {"ends_on": "2026-11-02"}, "/ends_on"),
        ("approve", {"version": None}, "/version"),
        ("clear", {"instead": "acupressure"}, "/instead"),
        ("clear", {"ends_on": "2026-10-05"}, "/ends_on"),
        ("clear", {"ends_on": "2029-10-05"}, "/ends_on"),
        ("decline", {"mark": "m"}, "/mark"),
        ("decline", {"instead": "cup_wet"}, "/instead"),
        ("take-back", {"all_therapies": True}, "/all_therapies"),
        ("looked-at", {"version": 0}, "/version"),
        ("ask", {"questions": []}, "/questions"),
        ("ask", {"questions": ["star_sign"]}, "/questions"),
        ("shrug", {}, "/act"),
    ],
)
def test_what_does_not_belong_to_a_decision_or_is_not_to_be_had_is_named(as_carol, visit, act, sent, pointer):
    refused = decide(as_carol, visit, act, **sent)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == pointer
    assert now(visit).status == Status.PROPOSED


def test_a_version_is_needed(as_carol, visit):
    body = {"appointment": str(visit.public_id), "act": "approve"}
    refused = as_carol.post(REVIEWS, body, format="json")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/version")


def test_what_carol_has_not_seen_is_looked_at_again_before_it_is_decided(as_carol, visit, alice):
    mark = reviews(as_carol)["reviews"][0]["mark"]
    anew = SuitabilityAnswers(answers={SWELLING: "yes"}, captures={SWELLING: ("right_arm",)})
    suitability.answer(alice.record, anew, site_id=visit.site_id, by=alice.principal, at=AT + MINUTE)
    refused = decide(as_carol, visit, "approve", mark=mark)
    assert (refused.status_code, refused.json()["code"]) == (409, "answered-anew")
    assert decide(as_carol, visit, "approve", version=visit.version + 1).json()["code"] == "request-changed"
    assert now(visit).status == Status.PROPOSED


def test_carol_enters_a_count_reads_it_and_withdraws_it(as_carol, visit):
    for _twice in range(2):
        done = enter(as_carol, visit, platelets=48)
        assert done.status_code == 200, done.content
    (made,) = done.json()["counts"]
    (row,) = reviews(as_carol)["reviews"]
    (shown,) = row["counts"]
    assert (shown["id"], shown["kind"], shown["value"], shown["taken_on"]) == (
        made["id"],
        "platelets",
        "48.000",
        "2026-10-02",
    )
    address = f"{COUNTS}{made['id']}/"
    read = as_carol.get(address)
    assert (read.json()["value"], read.json()["withdrawn_at"]) == ("48.000", None)
    for _twice in range(2):
        assert as_carol.delete(address).status_code == 204
    assert reviews(as_carol)["reviews"][0]["counts"] == []
    assert LabValue.objects.get().withdrawn_at is not None
    assert as_carol.delete(address, headers={"If-Match": read.headers["ETag"]}).status_code == 412


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({"platelets": 48000}, "/platelets"),
        ({"neutrophils": -1}, "/neutrophils"),
        ({}, "/platelets"),
        ({"platelets": 48, "taken_on": "2026-10-06"}, "/taken_on"),
        ({"platelets": 48, "taken_on": "2024-10-06"}, "/taken_on"),
    ],
)
def test_a_count_that_nobody_has_is_refused(as_carol, visit, sent, pointer):
    refused = enter(as_carol, visit, **sent)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == pointer
    assert not LabValue.objects.exists()


def test_what_is_not_booked_online_by_now_carol_books_with_a_reason_alone(as_carol, visit):
    enter(as_carol, visit, platelets=15)
    (row,) = reviews(as_carol)["reviews"]
    refused = decide(as_carol, visit, "approve", mark=row["mark"])
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/set_aside")
    booked = decide(as_carol, visit, "approve", mark=row["mark"], set_aside="A new count is good").json()
    assert booked["status"] == "booked"
    assert "count" not in str(booked)


def test_what_stands_is_looked_at_again_once_a_count_is_low(as_carol, visit):
    decide(as_carol, visit, "approve")
    with time_machine.travel(AT + HOUR, tick=False):
        enter(as_carol, visit, platelets=20)
    (row,) = reviews(as_carol)["looked_at_again"]
    assert (row["appointment"], row["status"], row["due_at"]) == (str(visit.public_id), "booked", None)
    assert decide(as_carol, visit, "looked-at", mark="what was there before").json()["code"] == "answered-anew"
    for _twice in range(2):
        assert decide(as_carol, visit, "looked-at", mark=row["mark"]).json()["status"] == "booked"
    assert reviews(as_carol)["looked_at_again"] == []


def test_whoever_does_not_decide_reads_nothing_and_decides_nothing(as_dana, as_alice, as_frank, as_mallory, visit):
    assert not any(reviews(as_alice).values())
    for client in (as_dana, as_frank):
        assert client.get(REVIEWS).status_code == 403
    for client in (as_dana, as_alice, as_frank, as_mallory):
        assert decide(client, visit, "approve").status_code == 403
        assert enter(client, visit, platelets=48).status_code == 403
    assert now(visit).status == Status.PROPOSED


def test_a_clinician_decides_nothing_about_themselves(sign_in, visit, alice, lakeside):
    both = make_staff("cleo", Role.CLINICIAN, site=lakeside)
    alice.record.user = both.user
    alice.record.save(update_fields=["user"])
    assert decide(sign_in(both), visit, "approve").json()["code"] == "staff-only"
    assert enter(sign_in(both), visit, platelets=150).json()["code"] == "staff-only"
    assert now(visit).status == Status.PROPOSED


@pytest.fixture
def three(visit, ben, mallory, dr_li):
    """Let two more wait."""
    answers = replace(NO, answers=NO.answers | {THINNER: "yes"})
    for number, who in enumerate((ben, mallory), 1):
        slot = read_slot(slot_id(dr_li, TEN + timedelta(hours=2 * number)))
        appointments.book(patient=who.record, by=who.principal, at=AT, slot=slot, answers=answers)


def test_a_list_costs_a_fixed_number_of_queries(as_carol, three, django_assert_max_num_queries):
    reviews(as_carol)  # what is offered is known from now on
    with django_assert_max_num_queries(SIGN_IN + LIST):
        assert len(reviews(as_carol)["reviews"]) == 3


def test_a_key_gives_the_answer_again_and_keeps_no_answers_of_anybody(as_carol, visit):
    body = {"appointment": str(visit.public_id), "act": "approve", "version": visit.version}
    key = {"Idempotency-Key": str(uuid4())}
    first, second = (as_carol.post(REVIEWS, body, format="json", headers=key) for _ in range(2))
    assert second.headers["Idempotency-Replayed"] == "true"
    assert first.json() == second.json()
    assert THINNER not in json.dumps(first.json())

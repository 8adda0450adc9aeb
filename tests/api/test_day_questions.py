"""What is asked on the day over the API; and of all that is asked, nobody reads answers back who may not."""

import json
from dataclasses import replace
from uuid import uuid4

import pytest
import time_machine

from booking.actions import appointments
from booking.models import Appointment, LabValue
from booking.status import Move, Status
from booking.suitability.answers import answered_no
from booking.suitability.shipped import shipped_rules
from core import sealing
from core.http.idempotency import PURPOSE
from core.models import IdempotencyKey
from core.principal import Principal
from core.roles import Role
from tests.api.routes import OPERATIONS
from tests.factories.booking import MINUTE, chicago, make_staff, read_slot, slot_id
from tests.factories.policies import adopt_suitability
from tests.factories.scheduler import AT

pytestmark = pytest.mark.usefixtures("dr_li")  # all ask for her: she is made once for the module

API = "/api/v1/"
NO = answered_no(shipped_rules())
THINNER, FEVER = "anticoagulant", "fever_now"
CHEST = "chest_pain_severe_breathlessness_heavy_bleeding_new_confusion"
WOUND, MEAL = "radiation_site_wound_rash_graft_tumour_port_implant", "not_eaten_or_alcohol_today"
SAID = dict.fromkeys((FEVER, CHEST, WOUND, MEAL), "no")
STARTS = chicago(9, 10)


@pytest.fixture
def carol(lakeside):
    """A clinician of Lakeside."""
    return make_staff("carol", Role.CLINICIAN, site=lakeside)


@pytest.fixture
def as_carol(sign_in, carol):
    return sign_in(carol)


@pytest.fixture
def visit(lakeside, alice, dr_li):
    """What Alice has booked for Friday at ten, who takes a blood thinner: it is Friday, ten minutes before."""
    adopt_suitability(site=lakeside)
    answers, slot = replace(NO, answers=NO.answers | {THINNER: "yes"}), read_slot(slot_id(dr_li, STARTS))
    made = appointments.book(patient=alice.record, by=alice.principal, at=AT, slot=slot, answers=answers)
    appointments.move(made.public_id, Move.APPROVE, by=Principal.system("test"), at=AT + MINUTE)
    with time_machine.travel(STARTS - 10 * MINUTE, tick=False):
        yield made


def asked(client, visit):
    return client.get(f"{API}suitability/day-questions/?appointment={visit.public_id}")


def send(client, path, body, **headers):
    return client.post(API + path, body, format="json", headers={"Idempotency-Key": str(uuid4())} | headers)


def say(client, visit, **answers):
    return send(client, "suitability/day-answers/", {"appointment": str(visit.public_id), "answers": SAID | answers})


def let_in(client, visit):
    return send(client, "suitability/day-decisions/", {"appointment": str(visit.public_id), "act": "let-in"})


def check_in(client, visit):
    return send(client, f"appointments/{visit.public_id}/check-in/", {})


def test_dana_is_told_where_the_questions_of_the_day_are_asks_them_and_checks_alice_in(as_dana, visit):
    refused = check_in(as_dana, visit)
    assert (refused.status_code, refused.json()["code"]) == (409, "day-questions-needed")
    shown = as_dana.get(refused.json()["questions"]).json()
    assert (shown["state"], shown["answers"]) == ("unanswered", None)
    assert [one["id"] for one in shown["questions"]] == [FEVER, CHEST, WOUND, MEAL]
    assert shown["questions"][0]["text"] == "A temperature of 100.4 °F (38.0 °C) or more, or chills"
    for _twice in range(2):
        noted = say(as_dana, visit)
        assert (noted.status_code, noted.json()["state"]) == (201, "clear")
    assert check_in(as_dana, visit).status_code == 200


def test_with_a_fever_a_clinician_reads_it_and_lets_her_in(as_dana, as_carol, visit):
    assert say(as_dana, visit, **{FEVER: "yes"}).json()["state"] == "looked-at"
    refused = check_in(as_dana, visit)
    assert refused.json()["code"] == "clinician-first"
    assert as_dana.get(refused.json()["questions"]).json()["answers"] is None
    assert as_carol.get(refused.json()["questions"]).json()["answers"][FEVER] == "yes"
    assert let_in(as_dana, visit).status_code == 403
    for _twice in range(2):
        assert (let_in(as_carol, visit).json()["state"], let_in(as_carol, visit).status_code) == ("clear", 200)
    assert check_in(as_dana, visit).status_code == 200


def test_whoever_needs_help_is_helped_and_let_in_by_nobody(as_dana, as_carol, visit):
    assert say(as_dana, visit, **{CHEST: "yes"}).json()["state"] == "call"
    for refused in (check_in(as_dana, visit), let_in(as_carol, visit)):
        problem = refused.json()
        assert (problem["code"], problem["phone"], problem["emergency"]) == ("help-first", "(312) 555-0100", "911")
        assert as_carol.get(problem["questions"]).json()["state"] == "call"


@pytest.mark.parametrize(
    ("answers", "pointer"),
    [
        ({FEVER: "perhaps"}, f"/answers/{FEVER}"),
        ({"star_sign": "yes"}, "/answers/star_sign"),
        ({THINNER: "no"}, f"/answers/{THINNER}"),
    ],
)
def test_what_is_not_asked_today_is_not_taken(as_dana, visit, answers, pointer):
    refused = say(as_dana, visit, **answers)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, pointer)


def test_nothing_is_asked_on_another_day_or_of_what_is_not_ones_own(as_dana, as_alice, as_mallory, as_frank, visit):
    assert asked(as_mallory, visit).status_code == 400
    assert asked(as_frank, visit).status_code == 403
    assert asked(as_alice, visit).json()["state"] == "unanswered"
    assert say(as_alice, visit).json()["code"] == "staff-only"
    with time_machine.travel(AT, tick=False):
        assert (asked(as_dana, visit).json()["state"], asked(as_dana, visit).json()["questions"]) == (None, [])
        assert say(as_dana, visit).json()["code"] == "screening-not-asked"


# -- nobody reads answers back -----------------------------------------------------------------------------------------

QUESTIONS = {"api/v1/suitability/questions/", "api/v1/schema/", "api/v1/docs/"}
LISTS = [route for method, route, _cls in OPERATIONS if method == "GET" and "<" not in route and route not in QUESTIONS]
COUNT = "47.125"


@pytest.fixture
def answered(as_dana, as_carol, visit, dr_li, ben):
    """Let Alice have said what she has, be counted, looked at and let in; Ben's request waits for Carol."""
    say(as_dana, visit, **{FEVER: "yes"})
    let_in(as_carol, visit)
    counts = {"appointment": str(visit.public_id), "platelets": 47.125, "taken_on": "2026-10-08"}
    send(as_carol, "suitability/counts/", counts)
    whom = {"patient": str(ben.record.public_id), "slot": slot_id(dr_li, chicago(16, 10))}
    made = send(as_dana, "appointments/", whom | {"answers": NO.answers | {THINNER: "yes"}})
    assert made.json()["status"] == "proposed"
    seen = {"appointment": made.json()["id"], "version": Appointment.objects.get(status=Status.PROPOSED).version}
    assert send(as_carol, "suitability/reviews/", seen | {"act": "decline"}).status_code == 200
    return visit


def told(client, visit):
    """Return all that somebody reads over the API about people, by address."""
    one = f"appointments/{visit.public_id}/"
    count = f"suitability/counts/{LabValue.objects.get().public_id}/"
    asked = f"?appointment={visit.public_id}"
    named = [one, f"{one}changes/", f"patients/{visit.patient.public_id}/", count, f"suitability/day-questions/{asked}"]
    return {path: client.get(path).content.decode() for path in [f"/{r}" for r in LISTS] + [API + n for n in named]}


def tell_answers(found):
    """Return the addresses that tell of an answer: a question outside the questionnaire, an answer, or a count."""
    words = (THINNER, "blood thinner", f'"{FEVER}":"', COUNT, "clinician_review", "avoid ")
    return {path for path, text in found.items() if any(word in text for word in words)}


@pytest.fixture
def others(sign_in, lakeside, dr_li):
    """Whoever works beside Carol, and decides nothing."""
    found = {role: make_staff(role.value, role, site=lakeside) for role in OTHERS}
    dr_li.user = found[Role.PRACTITIONER].user
    dr_li.save(update_fields=["user"])
    return {role: sign_in(one) for role, one in found.items()}


OTHERS = (Role.SCHEDULER, Role.PRACTITIONER, Role.PROGRAM, Role.ADMIN, Role.CLIENT, Role.AUDITOR)


def test_no_address_tells_what_somebody_answered_to_whoever_may_not_read_it(answered, others, as_mallory, as_carol):
    for client in (*others.values(), as_mallory):
        assert tell_answers(told(client, answered)) == set()
    assert len(tell_answers(told(as_carol, answered))) == 3  # the reviews, the count, the questions of the day


def test_twin_if_everybody_read_answers_of_the_day_dana_would_be_told(answered, as_dana, monkeypatch):
    monkeypatch.setattr("booking.api.views.day_questions.may", lambda *_: True)
    assert tell_answers(told(as_dana, answered))


def test_what_is_kept_to_be_answered_again_tells_no_answers(answered):
    kept = [sealing.unseal(row.answer, purpose=PURPOSE) for row in IdempotencyKey.objects.all()]
    assert len(kept) == 5
    assert tell_answers(dict(enumerate(kept))) == set()
    assert not any(
        word in json.dumps([row.headers for row in IdempotencyKey.objects.all()]) for word in (THINNER, COUNT)
    )

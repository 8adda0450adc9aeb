"""Several people over the API: found together, booked as one act, moved and taken apart by staff."""

from uuid import uuid4

import pytest

from booking.models import Appointment, LinkedVisits
from core.roles import Role
from scheduler.models import Practitioner
from tests.factories.booking import chicago, make_enrolled, make_staff, make_visit, slot_id
from tests.factories.policies import adopt_suitability
from tests.factories.scheduler import lay_out, make_practitioner

SETS, LINKED = "/api/v1/slots/sets/", "/api/v1/appointments/linked/"
NEEDLES = {"therapy": "acu_manual", "visit": "followup"}


@pytest.fixture
def desk(sign_in, dana):
    return sign_in(dana)


@pytest.fixture
def dr_kim(lakeside):
    made = make_practitioner(lakeside, name="Dr Kim")
    lay_out()
    return made


def post(client, path, body, key=""):
    return client.post(path, body, format="json", headers={"Idempotency-Key": key or str(uuid4())})


def looking(**said):
    return {"relation": "same-time", "people": [NEEDLES, NEEDLES], "from": chicago(12, 9).isoformat(), **said}


def booking(people, slots, **said):
    named = [{"patient": str(who.record.public_id), "slot": slot} for who, slot in zip(people, slots, strict=True)]
    return {"relation": "same-time", "people": named, **said}


@pytest.fixture
def pair(alice, ben):
    return alice, ben


@pytest.fixture
def at_ten(dr_li, dr_kim):
    return [slot_id(who, chicago(12, 10), visit="followup") for who in (dr_li, dr_kim)]


@pytest.mark.usefixtures("dr_li", "dr_kim")
def test_what_is_found_together_is_booked_together_and_the_same_key_books_it_once(desk, pair):
    found = desk.post(SETS, looking(limit=2), format="json").json()["results"]
    assert [one["start"] for one in found] == ["2026-10-12T09:00:00-05:00", "2026-10-12T09:15:00-05:00"]
    slots = [slot["id"] for slot in found[0]["slots"]]
    key, body = str(uuid4()), booking(pair, slots)
    made = [post(desk, LINKED, body, key) for _ in range(2)]
    assert [one.status_code for one in made] == [201, 201]
    assert made[0].json() == made[1].json()
    assert [one["status"] for one in made[0].json()["appointments"]] == ["booked", "booked"]
    assert LinkedVisits.objects.count() == 1
    shown = desk.get(made[0]["Location"]).json()
    assert shown["appointments"] == made[0].json()["appointments"]
    assert {one["linked"] for one in shown["appointments"]} == {shown["id"]}


def test_a_set_that_is_gone_answers_409_with_the_nearest_and_with_whose_time_it_is(desk, pair, at_ten, mallory):
    make_visit(mallory.record, at_ten[1])
    refused = post(desk, LINKED, booking(pair, at_ten))
    problem = refused.json()
    assert (refused.status_code, problem["code"], problem["because"], problem["people"]) == (
        409, "set-taken", "slot-taken", [1],
    )  # fmt: skip
    assert len(problem["alternatives"]) == 3
    again = post(desk, LINKED, booking(pair, [slot["id"] for slot in problem["alternatives"][0]["slots"]]))
    assert again.status_code == 201


def test_whose_answers_lack_is_told_by_number(desk, pair, at_ten, lakeside):
    adopt_suitability(site=lakeside)
    refused = post(desk, LINKED, booking(pair, at_ten))
    assert (refused.status_code, refused.json()["code"], refused.json()["person"]) == (422, "answers-needed", 0)
    body = booking(pair, at_ten)
    for one in body["people"]:
        one["questions_by_link"] = True
    made = post(desk, LINKED, body)
    assert [one["status"] for one in made.json()["appointments"]] == ["proposed", "proposed"]


def test_times_that_do_not_lie_as_is_said_are_refused_and_so_is_what_is_wrong_with_one_of_them(
    desk, pair, at_ten, dr_kim
):
    late = [at_ten[0], slot_id(dr_kim, chicago(12, 11), visit="followup")]
    refused = post(desk, LINKED, booking(pair, late, within_minutes=10))
    assert (refused.status_code, refused.json()["code"]) == (422, "not-together")
    unknown = booking(pair, at_ten)
    unknown["people"][1]["patient"] = str(uuid4())
    wrong = post(desk, LINKED, unknown).json()
    assert [one["pointer"] for one in wrong["errors"]] == ["/people/1/patient"]
    assert post(desk, LINKED, booking(pair[:1], at_ten[:1])).status_code == 400
    assert desk.post(SETS, looking(within_minutes=90), format="json").status_code == 400


def test_nobody_is_looked_for_booked_or_moved_twice_in_one_act(desk, pair, at_ten, dr_li):
    alice, _ben = pair
    twice = [{**NEEDLES, "patient": str(alice.record.public_id)}] * 2
    looked_for = desk.post(SETS, looking(people=twice), format="json")
    booked = post(desk, LINKED, booking((alice, alice), at_ten))
    assert [(one.status_code, one.json()["errors"][0]["detail"]) for one in (looked_for, booked)] == [
        (400, "Name each person once.")
    ] * 2
    made = post(desk, LINKED, booking(pair, at_ten)).json()
    one = made["appointments"][0]["id"]
    goes = [{"appointment": one, "slot": slot_id(dr_li, chicago(12, hour), visit="followup")} for hour in (11, 12)]
    refused = post(desk, f"{LINKED}{made['id']}/move/", {"appointments": goes})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/appointments/1/appointment")
    assert desk.get(f"{LINKED}{made['id']}/").json()["appointments"] == made["appointments"]


@pytest.mark.parametrize("role", [Role.SCHEDULER, Role.PROGRAM])
def test_they_move_together_are_put_back_taken_apart_and_linked_again(sign_in, pair, at_ten, dr_kim, role):
    site, dr_li = pair[0].record.site, Practitioner.objects.exclude(pk=dr_kim.pk).get()
    for one in pair:
        one.record.enrolments.get_or_create(site=site)
    desk = sign_in(make_staff("staff", role, site=site))
    made = post(desk, LINKED, booking(pair, at_ten)).json()
    path, ids = f"{LINKED}{made['id']}/", [one["id"] for one in made["appointments"]]
    eleven = [slot_id(who, chicago(12, 11), visit="followup") for who in (dr_li, dr_kim)]
    goes = [{"appointment": one, "slot": slot} for one, slot in zip(ids, eleven, strict=True)]
    moved = post(desk, f"{path}move/", {"appointments": goes}).json()
    assert [one["start"][11:16] for one in moved["appointments"]] == ["11:00", "11:00"]
    assert desk.get(path).json()["may_undo"] is True
    back = post(desk, f"{path}undo/", {}).json()
    assert [one["start"][11:16] for one in back["appointments"]] == ["10:00", "10:00"]
    assert post(desk, f"{path}unlink/", {"appointment": ids[0]}).json()["appointments"] == []
    assert desk.get(path).status_code == 200
    assert len(post(desk, f"{path}undo/", {}).json()["appointments"]) == 2
    assert desk.get(path).json()["may_undo"] is False


def test_a_patient_neither_reads_that_theirs_is_linked_nor_reaches_what_links_it(desk, pair, at_ten, sign_in):
    made = post(desk, LINKED, booking(pair, at_ten)).json()
    alice = sign_in(pair[0])
    own = Appointment.objects.get(patient=pair[0].record)
    read = alice.get(f"/api/v1/appointments/{own.public_id}/")
    history = alice.get(f"/api/v1/appointments/{own.public_id}/changes/")
    for told in (read, history):
        assert told.status_code == 200
        assert "linked" not in told.content.decode()
        assert made["id"] not in told.content.decode()
        assert str(pair[1].record.public_id) not in told.content.decode()
    assert alice.get(f"{LINKED}{made['id']}/").status_code == 404
    assert post(alice, LINKED, booking(pair, at_ten)).status_code == 403
    assert alice.post(SETS, looking(), format="json").status_code == 403


def test_a_patient_whose_time_went_with_another_s_is_not_told_of_the_other(desk, pair, at_ten, sign_in):
    made = post(desk, LINKED, booking(pair, at_ten, cancel_policy="cancel")).json()
    alice, ben = [f"/api/v1/appointments/{one['id']}/" for one in made["appointments"]]
    assert post(desk, f"{alice}cancel/", {"reason": "illness"}).status_code == 200
    told = sign_in(pair[1])
    assert told.get(ben).json()["cancel_reason"] == "other"
    assert told.get(f"{ben}changes/").json()["results"][-1]["facts"]["reason"] == "other"
    assert desk.get(f"{ben}changes/").json()["results"][-1]["facts"].get("reason", "together") == "together"


def test_staff_of_a_program_book_its_patients_together_and_nobody_else(sign_in, pair, at_ten, lakeside):
    frank = sign_in(make_staff("frank", Role.PROGRAM, site=lakeside))
    alice, ben = pair
    nora = make_enrolled(lakeside, "Nora North")
    assert post(frank, LINKED, booking((alice, nora), at_ten)).status_code == 201
    wrong = post(frank, LINKED, booking((alice, ben), at_ten)).json()
    assert [one["pointer"] for one in wrong["errors"]] == ["/people/1/patient"]


@pytest.mark.usefixtures("dr_li", "dr_kim")
def test_near_an_event_is_asked_for_by_its_time_alone(desk):
    near = {"at": chicago(12, 14).isoformat(), "side": "after", "within_minutes": 30}
    found = desk.post(SETS, looking(anchor=near), format="json").json()["results"]
    assert [one["start"][11:16] for one in found] == ["14:00", "14:15", "14:30"]

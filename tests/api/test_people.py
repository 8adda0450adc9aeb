"""Records, oneself, and what was said."""

import pytest

from booking.models import Enrolment, Patient
from core.models import RoleAssignment
from core.roles import Role
from notifications.models import Message
from tests.factories.booking import SINCE, chicago, make_patient, make_staff, make_visit, slot_id
from tests.factories.scheduler import AT

API = "/api/v1/"
NEW = {"name": "Zoë Quinn", "birth_date": "1980-02-29", "email": "zoe@example.org", "site": "lakeside"}


def test_dana_makes_a_record_and_finds_it_again(as_dana, lakeside):
    made = as_dana.post(API + "patients/", NEW | {"phone": "(312) 555-0142"}, format="json")
    assert made.status_code == 201
    assert {c["value"] for c in made.json()["contacts"]} == {"zoe@example.org", "+13125550142"}
    ways = (
        "zoë",
        "quinn, ZOE",
        "zoe@",
        made.json()["reference"],
        "5550142",
        "1 (312) 555 0142",
        "2/29/1980",
        "zoe 0142",
    )
    for search in (*ways, made.json()["reference"].replace("-", "").lower()):
        assert found(as_dana, search).json()["count"] == 1, search


def test_dana_finds_a_patient_by_one_sign_where_a_name_needs_no_more(as_dana, lakeside, dr_li, alice):
    assert as_dana.post(API + "patients/", NEW | {"name": "王小明"}, format="json").status_code == 201
    visit = make_visit(alice.record, slot_id(dr_li, chicago(13, 10)))
    assert [p["name"] for p in found(as_dana, "王").json()["results"]] == ["王小明"]
    assert [p["name"] for p in found(as_dana, visit.reference.lower().replace("-", "")).json()["results"]] == [
        "Alice Adams"
    ]
    assert found(as_dana, "dams").json()["count"] == 0


def found(client, text, query=""):
    return client.post(f"{API}patients/search/{query}", {"search": text}, format="json")


@pytest.mark.parametrize("body", [{}, {"search": ""}, {"search": "zo"}, {"search": "  zo  "}, {"search": None}])
def test_a_search_needs_three_characters(as_dana, body):
    refused = as_dana.post(API + "patients/search/", body, format="json")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == "/search"


def test_names_are_never_asked_for_in_an_address(as_dana, lakeside):
    assert as_dana.get(API + "patients/").status_code == 405
    assert as_dana.get(API + "patients/?search=stone").json()["errors"][0]["parameter"] == "search"
    assert found(as_dana, "stone", "?search=stone").status_code == 400


def test_what_a_search_finds_comes_in_pages(as_dana, lakeside):
    for name in ("Rita Stone", "Tom Stone"):
        make_patient(lakeside, name)
    second = found(as_dana, "stone", "?page_size=1&page=2").json()
    assert (second["count"], [p["name"] for p in second["results"]]) == (2, ["Tom Stone"])
    assert "stone" not in second["previous"]


def test_frank_finds_and_opens_whoever_is_enrolled_at_his_site(sign_in, frank, lakeside, riverside):
    record = make_patient(riverside, "Rita Stone")
    path = f"{API}patients/{record.public_id}/"
    assert found(sign_in(frank), "stone").json()["count"] == 0
    assert sign_in(frank).get(path).status_code == 404
    Enrolment.objects.create(patient=record, site=lakeside)
    assert found(sign_in(frank), "stone").json()["count"] == 1
    assert sign_in(frank).get(path).status_code == 200


def test_whoever_audits_one_site_and_runs_the_desk_of_another_asks_by_person_at_the_desk_alone(
    sign_in, alice, dr_li, riverside
):
    make_visit(alice.record, slot_id(dr_li, chicago(13, 10)))
    both = make_staff("otto", Role.AUDITOR, site=dr_li.offerings.first().site)
    RoleAssignment.objects.create(user=both.user, role=Role.SCHEDULER, site=riverside, starts_at=SINCE)
    assert sign_in(both).get(API + "appointments/").json()["count"] == 1
    assert sign_in(both).get(f"{API}appointments/?patient={alice.record.public_id}").json()["count"] == 0


def test_records_of_another_site_are_not_found(as_dana, riverside):
    make_patient(riverside, "Rita Stone")
    assert found(as_dana, "stone").json()["count"] == 0


def test_dr_li_finds_her_own_patients(sign_in, dr_li, alice, mallory):
    make_visit(alice.record, slot_id(dr_li, chicago(13, 10)))
    assert [p["name"] for p in found(sign_in(dr_li), "ada").json()["results"]] == ["Alice Adams"]
    assert found(sign_in(dr_li), "moss").json()["count"] == 0


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": "\u202eevil"}, "/name"),
        ({"birth_date": "1980-13-01"}, "/birth_date"),
        ({"birth_date": "2030-01-01"}, "/birth_date"),
        ({"birth_date": "0001-01-01"}, "/birth_date"),
        ({"email": "zoe"}, "/email"),
        ({"site": "atlantis"}, "/site"),
        ({"user": 1}, "/user"),
        ({"guest": True}, "/guest"),
    ],
)
def test_a_record_that_cannot_be_is_refused(as_dana, fields, pointer):
    refused = as_dana.post(API + "patients/", NEW | fields, format="json")
    assert refused.status_code == 400
    assert pointer in [e["pointer"] for e in refused.json()["errors"]]


def test_dana_makes_no_record_at_another_site(as_dana, riverside):
    refused = as_dana.post(API + "patients/", NEW | {"site": "riverside"}, format="json")
    assert (refused.status_code, refused.json()["site"]) == (403, "riverside")
    assert not Patient.objects.exists()


def test_alice_keeps_her_own_record_up_to_date(as_alice, alice):
    path = f"{API}patients/{alice.record.public_id}/"
    changed = as_alice.patch(path, {"email": "new@example.org", "language": "es"}, format="json").json()
    assert (changed["language"], changed["contacts"][0]["value"]) == ("es", "new@example.org")
    assert as_alice.patch(path, {"birth_date": "1990-01-01"}, format="json").status_code == 400


def test_everybody_learns_who_they_are(as_alice, as_dana, alice):
    me = as_alice.get(API + "me/").json()
    assert (me["patient"], me["roles"]) == (str(alice.record.public_id), [{"role": "patient", "site": None}])
    assert as_dana.get(API + "me/").json()["roles"] == [{"role": "scheduler", "site": "lakeside"}]


@pytest.fixture
def message(alice, dr_li):
    visit = make_visit(alice.record, slot_id(dr_li, chicago(13, 10)))
    return Message.objects.create(
        appointment=visit, version=0, recipient=alice.record, kind="reminder", due_at=AT, created_at=AT
    )


def test_staff_see_what_is_to_be_said_about_their_visits(as_dana, sign_in, riverside, message):
    rows = as_dana.get(API + "messages/?status=due&kind=reminder").json()["results"]
    assert [row["appointment"] for row in rows] == [str(message.appointment.public_id)]
    rita = sign_in(make_staff("rita", Role.SCHEDULER, site=riverside))
    assert rita.get(API + "messages/").json()["count"] == 0
    assert as_dana.get(API + "messages/?to=2026-10-05T13:00:00Z").json()["count"] == 0
    assert as_dana.get(API + "messages/?from=2026-10-05T13:00:00Z").json()["count"] == 1


def test_a_message_row_tells_no_name_and_no_address(as_dana, message):
    text = as_dana.get(API + "messages/").content.decode()
    assert "Alice" not in text
    assert "@" not in text

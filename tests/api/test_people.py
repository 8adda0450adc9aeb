"""Records, oneself, and what was said."""
# ruff: noqa: RUF001  (letters that look alike are what this is about)

import pytest

from booking.models import CallReason, CallTask, Enrolment, Patient, RecordAct, RecordChange
from core.models import RoleAssignment
from core.roles import Role
from notifications.models import Message
from scheduler.models import Program
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
    assert found(as_dana, "dam").json()["count"] == 0


def test_what_dana_pastes_is_cleaned_and_joiners_stay(as_dana, lakeside):
    pasted = {
        "name": "\u200b\u202aنگار می\u200cآید\u202c\ufeff",
        "email": "\u2060zoe@exa\u200dmple.org ",
        "phone": "+49 (0)30 1234567",
    }
    made = as_dana.post(API + "patients/", NEW | pasted, format="json").json()
    assert made["name"] == "نگار می\u200cآید"
    assert {c["value"] for c in made["contacts"]} == {"zoe@example.org", "+49301234567"}


def test_dana_reads_what_to_do_when_a_number_cannot_be_one(as_dana, lakeside):
    refused = as_dana.post(API + "patients/", NEW | {"phone": "555-0142"}, format="json").json()["errors"][0]
    assert (refused["pointer"], "such as (201) 555-0123" in refused["detail"]) == ("/phone", True)


def found(client, text, query=""):
    return client.post(f"{API}patients/search/{query}", {"search": text}, format="json")


@pytest.mark.parametrize("body", [{}, {"search": ""}, {"search": "zo"}, {"search": "  zo  "}, {"search": None}])
def test_a_search_needs_three_characters(as_dana, body):
    refused = as_dana.post(API + "patients/search/", body, format="json")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == "/search"


def test_names_are_never_asked_for_in_an_address(as_dana, lakeside):
    assert as_dana.get(API + "patients/?search=stone").status_code == 405
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


def test_dana_corrects_a_name_and_a_birth_date(as_dana, alice):
    path = f"{API}patients/{alice.record.public_id}/"
    changed = as_dana.patch(path, {"name": "Alice Adams-Ortiz", "birth_date": "1971-05-01"}, format="json").json()
    assert (changed["name"], changed["birth_date"], changed["language"]) == ("Alice Adams-Ortiz", "1971-05-01", "en")


def test_alice_reads_whom_to_call_about_her_birth_date(as_alice, alice):
    path = f"{API}patients/{alice.record.public_id}/"
    refused = as_alice.patch(path, {"birth_date": "1990-01-01"}, format="json").json()
    assert [(e["pointer"], "call us" in e["detail"]) for e in refused["errors"]] == [("/birth_date", True)]


def test_dana_makes_a_record_for_somebody_with_a_phone_alone(as_dana, lakeside):
    form = {name: NEW[name] for name in ("name", "birth_date", "site")}
    made = as_dana.post(API + "patients/", form | {"phone": "(312) 555-0142"}, format="json")
    assert [(c["system"], c["value"]) for c in made.json()["contacts"]] == [("phone", "+13125550142")]
    neither = as_dana.post(API + "patients/", form | {"another_person": True}, format="json")
    assert (neither.status_code, neither.json()["errors"][0]["pointer"]) == (400, "/email")


@pytest.mark.parametrize(
    "entered",
    [
        {"name": "QUINN, zoe"},
        {"birth_date": "1980-03-29", "email": "ZOE@example.org"},
        {"name": "Zoe Quinn Miller", "email": "z@example.org"},
        {"name": "Zoe Miller"},
    ],
)
def test_dana_is_shown_who_it_may_be_before_she_makes_another_record(as_dana, lakeside, entered):
    made = as_dana.post(API + "patients/", NEW, format="json").json()
    refused = as_dana.post(API + "patients/", NEW | entered, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "possible-duplicates")
    assert [(c["id"], c["reference"]) for c in refused.json()["candidates"]] == [(made["id"], made["reference"])]
    assert Patient.objects.count() == 1
    again = as_dana.post(API + "patients/", NEW | entered | {"another_person": True}, format="json")
    assert again.status_code == 201
    apart = RecordChange.objects.get(act=RecordAct.APART)
    assert {str(apart.patient.public_id), str(apart.other.public_id)} == {made["id"], again.json()["id"]}


def test_who_it_may_be_is_said_of_nobody_at_another_site(as_dana, lakeside, riverside):
    rita = make_patient(riverside, "Rita Stone")
    form = {
        "name": "Rita Stone",
        "birth_date": rita.birth_date.isoformat(),
        "email": "rita@example.org",
        "site": "lakeside",
    }
    assert as_dana.post(API + "patients/", form, format="json").status_code == 201


def test_dana_merges_two_records_and_the_old_id_leads_on_for_those_who_may_see_it(
    as_dana, as_alice, sign_in, lakeside, riverside
):
    kept, old = make_patient(lakeside, "Zoe Quinn"), make_patient(lakeside, "Zoe Quinn", guest=True)
    path = f"{API}patients/{kept.public_id}/merge/"
    merged = as_dana.post(path, {"other": str(old.public_id)}, format="json")
    assert (merged.status_code, len(merged.json()["contacts"])) == (200, 1)
    gone = as_dana.get(f"{API}patients/{old.public_id}/")
    assert (gone.status_code, gone.json()["code"], gone.json()["patient"]) == (410, "merged-into", str(kept.public_id))
    assert as_dana.patch(f"{API}patients/{old.public_id}/", {"language": "es"}, format="json").status_code == 410
    for stranger in (as_alice, sign_in(make_staff("rita", Role.SCHEDULER, site=riverside))):
        assert stranger.get(f"{API}patients/{old.public_id}/").status_code == 404
    again = as_dana.post(path, {"other": str(old.public_id)}, format="json")
    assert (again.status_code, again.json()["code"]) == (410, "merged-into")
    itself = as_dana.post(path, {"other": str(kept.public_id)}, format="json")
    assert (itself.status_code, itself.json()["code"]) == (409, "same-record")


def test_nobody_merges_records_that_are_not_theirs_to_merge(as_alice, as_dana, alice, lakeside, riverside):
    here, there = make_patient(lakeside, "Zoe Quinn"), make_patient(riverside, "Zoe Quinn")
    path = f"{API}patients/{here.public_id}/merge/"
    refused = as_dana.post(path, {"other": str(there.public_id)}, format="json")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/other")
    own = f"{API}patients/{alice.record.public_id}/merge/"
    assert as_alice.post(own, {"other": str(here.public_id)}, format="json").status_code == 404
    assert not Patient.objects.exclude(merged_into=None).exists()


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


def test_whom_frank_registers_he_reads_finds_and_books_for_at_once(as_frank, lakeside, dr_li):
    made = as_frank.post(API + "patients/", NEW, format="json")
    assert made.status_code == 201
    assert as_frank.get(made.headers["Location"]).status_code == 200
    assert found(as_frank, "zoë").json()["count"] == 1
    hold = {"slot": slot_id(dr_li, chicago(13, 10)), "patient": made.json()["id"]}
    assert as_frank.post(API + "holds/", hold, format="json", HTTP_IDEMPOTENCY_KEY="a-key-of-frank").status_code == 201


def test_dana_enrols_a_patient_changes_the_end_and_ends_it(as_dana, lakeside):
    ben = make_patient(lakeside, "Ben Adams")
    path = f"{API}patients/{ben.public_id}/enrolments/"
    body = {"program": "physical-medicine-rehabilitation", "site": "lakeside", "ends_on": "2026-12-01"}
    made = as_dana.post(path, body, format="json")
    assert (made.status_code, made.json()["counts"], made.json()["ends_on"]) == (201, True, "2026-12-01")
    assert as_dana.post(path, body, format="json").json() == made.json()
    refused = as_dana.post(path, body | {"ends_on": None}, format="json")
    assert (refused.status_code, refused.json()["enrolment"]) == (409, made.json()["id"])
    one = made.headers["Location"]
    assert as_dana.patch(one, {"ends_on": None}, format="json").json()["ends_on"] is None
    assert as_dana.patch(one, {"ends_on": "2020-01-01"}, format="json").status_code == 400
    assert as_dana.delete(one).status_code == 204
    assert [(row["counts"], row["ends_on"]) for row in as_dana.get(path).json()["results"]] == [(False, "2026-10-05")]


def test_alice_reads_in_which_programs_she_takes_part_and_frank_enrols_nobody_elsewhere(as_alice, as_frank, alice):
    path = f"{API}patients/{alice.record.public_id}/enrolments/"
    (mine,) = as_alice.get(path).json()["results"]
    assert (mine["program"], mine["site"], mine["counts"]) == ("cancer-integrative-medicine", "lakeside", True)
    assert as_alice.post(path, {}, format="json").status_code == 404
    assert as_frank.post(path, {"program": "x", "site": "atlantis"}, format="json").status_code == 400


def test_dana_enrols_nobody_at_a_site_that_is_not_hers(as_dana, lakeside, riverside):
    path = f"{API}patients/{make_patient(lakeside, 'Ben Adams').public_id}/enrolments/"
    body = {"program": "cancer-integrative-medicine", "site": "riverside"}
    assert as_dana.post(path, body, format="json").status_code == 403
    new = NEW | {"program": "cancer-integrative-medicine"}
    assert as_dana.post(API + "patients/", new, format="json").status_code == 201
    assert as_dana.post(API + "patients/", new | {"site": "riverside"}, format="json").status_code == 403


def test_a_referral_that_dana_enters_books_what_waits_for_it(as_dana, as_alice, alice, dr_li):
    Program.objects.filter(key="cancer-integrative-medicine").update(referral_required=True)
    asked = {"slot": slot_id(dr_li, chicago(13, 10))}
    booked = as_alice.post(API + "appointments/", asked, format="json", HTTP_IDEMPOTENCY_KEY="alice-books-it-once")
    assert (booked.status_code, booked.json()["status"]) == (201, "pending")
    soon = as_alice.post(
        API + "appointments/",
        {"slot": slot_id(dr_li, chicago(6, 10))},
        format="json",
        HTTP_IDEMPOTENCY_KEY="too-soon-1",
    )
    assert (soon.status_code, soon.json()["code"], len(soon.json()["alternatives"])) == (409, "referral-needed", 3)
    path = f"{API}patients/{alice.record.public_id}/referrals/"
    paper = {"program": "cancer-integrative-medicine", "site": "lakeside", "referred_by": "Dr. Moore"}
    paper |= {"visits_allowed": 3, "expires_on": "2026-12-01"}
    made = as_dana.post(path, paper, format="json", HTTP_IDEMPOTENCY_KEY="the-paper-came-1")
    assert (made.status_code, made.json()["visits_left"]) == (201, 2)
    assert as_alice.get(API + f"appointments/{booked.json()['id']}/").json()["status"] == "booked"
    assert [row["referred_by"] for row in as_alice.get(path).json()["results"]] == ["Dr. Moore"]
    assert as_dana.delete(made.headers["Location"]).status_code == 204
    assert as_dana.get(made.headers["Location"]).json()["status"] == "revoked"


def test_anybody_reads_what_the_programs_give_and_who_may_join(visitor, dr_li, lakeside):
    cancer, physical = visitor.get(API + "programs/").json()["results"]
    assert (cancer["key"], cancer["families"]) == ("cancer-integrative-medicine", True)
    assert "acu_manual" in cancer["therapies"]
    assert cancer["practitioners"] == [str(dr_li.public_id)]
    assert physical["therapies"] == ["pmr_acu"]
    Program.objects.filter(key=physical["key"]).update(active=False)
    assert visitor.get(f"{API}programs/{physical['id']}/").status_code == 404
    assert "Our staff enrol patients in it." in visitor.get(f"{API}programs/{cancer['id']}/").json()["who_may_join"]


def test_what_helps_alice_to_come_is_written_on_her_record_and_read_with_her_appointment(as_dana, dr_li, alice):
    visit = make_visit(alice.record, slot_id(dr_li, chicago(13, 10)))
    path = f"{API}patients/{alice.record.public_id}/"
    sent = {"access_needs": ["oxygen", "step-free"], "interpreter": "es"}
    assert as_dana.patch(path, sent, format="json").status_code == 200
    read = as_dana.get(f"{API}appointments/{visit.public_id}/").json()
    assert read["asked_for"] == {"needs": ["step-free", "oxygen"], "interpreter": "es"}
    shown = as_dana.get(path).json()
    assert (shown["access_needs"], shown["interpreter"]) == (["step-free", "oxygen"], "es")
    assert "access_needs" not in found(as_dana, "adams").json()["results"][0]
    assert CallTask.objects.get().reason == CallReason.ACCESS
    assert as_dana.patch(path, {"interpreter": "<b>"}, format="json").json()["errors"][0]["pointer"] == "/interpreter"
    assert as_dana.patch(path, {"access_needs": ["a-throne"]}, format="json").status_code == 400
    as_dana.patch(path, {"access_needs": [], "interpreter": ""}, format="json")
    assert not CallTask.objects.filter(done_at=None).exists()

"""Working hours, absences and closures over the API: each edit tells what loses cover."""

from uuid import uuid4

import pytest

from scheduler.models import Absence, Closure, Offering, WeekSheet, WorkingHours
from tests.factories import scheduler
from tests.factories.booking import chicago, make_visit, slot_id

pytestmark = pytest.mark.usefixtures("dr_li")  # all ask for her: she is made once for the module

API = "/api/v1/"


@pytest.fixture
def visit(alice, dr_li):
    return make_visit(alice.record, slot_id(dr_li, chicago(13, 10)))


def absence(dr_li, **fields):
    day = {"starts_at": "2026-10-13T00:00:00-05:00", "ends_at": "2026-10-14T00:00:00-05:00"}
    return {"practitioner": str(dr_li.public_id), **day, **fields}


def test_an_absence_names_the_visits_it_leaves_without_cover(as_dana, dr_li, visit):
    told = as_dana.post(API + "absences/", absence(dr_li, reason="illness"), format="json")
    assert told.status_code == 201
    body = told.json()
    assert (body["count"], body["dry_run"], body["row"]["reason"]) == (1, False, "illness")
    left = body["without_cover"][0]
    found = as_dana.get(f"{API}appointments/?allocation={left['allocation']}").json()["results"]
    assert [row["id"] for row in found] == [str(visit.public_id)]


def test_a_rehearsal_only_counts(as_dana, dr_li, visit):
    told = as_dana.post(API + "absences/?dry_run=true", absence(dr_li), format="json")
    assert (told.status_code, told.json()["count"], told.json()["dry_run"]) == (200, 1, True)
    assert not Absence.objects.exists()


def test_an_absence_is_changed_and_taken_back(as_dana, dr_li, visit):
    row = as_dana.post(API + "absences/", absence(dr_li), format="json").json()["row"]
    changed = as_dana.patch(f"{API}absences/{row['id']}/", {"ends_at": "2026-10-13T09:00:00-05:00"}, format="json")
    assert changed.json()["without_cover"] == []
    assert changed.json()["row"]["ends_at"] == "2026-10-13T14:00:00Z"
    assert as_dana.delete(f"{API}absences/{row['id']}/").status_code == 200
    assert as_dana.get(f"{API}absences/{row['id']}/").status_code == 404


def test_two_absences_at_once_are_refused(as_dana, dr_li):
    as_dana.post(API + "absences/", absence(dr_li), format="json")
    refused = as_dana.post(API + "absences/", absence(dr_li), format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "absence-clash")


def hours(dr_li, **fields):
    given = {"site": "lakeside", "weekday": 6, "starts": "09:00", "ends": "12:00", "valid_from": "2026-10-01"}
    return {"practitioner": str(dr_li.public_id), **given, **fields}


def test_dana_adds_changes_and_takes_away_hours(as_dana, dr_li, visitor):
    row = as_dana.post(API + "working-hours/", hours(dr_li), format="json").json()["row"]
    assert (row["weekday"], row["every_weeks"], row["valid_to"]) == (6, 1, None)
    found = visitor.get(API + "slots/?therapy=acu_manual&visit=first&from=2026-10-10T00:00:00-05:00&limit=1").json()
    assert found["results"][0]["start"] == "2026-10-10T09:00:00-05:00"
    changed = as_dana.patch(f"{API}working-hours/{row['id']}/", {"every_weeks": 2}, format="json").json()
    assert (changed["row"]["every_weeks"], changed["row"]["starts"]) == (2, "09:00:00")
    assert as_dana.delete(f"{API}working-hours/{row['id']}/").status_code == 200
    assert not WorkingHours.objects.filter(public_id=row["id"]).exists()


SATURDAY = "slots/?therapy=acu_manual&visit=followup&from=2026-10-10T00:00:00-05:00&to=2026-10-11T00:00:00-05:00"


def test_dana_gives_a_saturday_to_the_program_and_only_its_patients_and_staff_find_it(
    as_dana, dr_li, visitor, as_alice, as_mallory
):
    program = "cancer-integrative-medicine"
    added = as_dana.post(API + "working-hours/", hours(dr_li, audience=program), format="json")
    assert added.json()["row"]["audience"] == program
    for client, sees in ((visitor, set()), (as_mallory, set()), (as_alice, {"program"}), (as_dana, {program})):
        found = client.get(API + SATURDAY).json()["results"]
        assert {slot["only_for"] for slot in found} == sees
    slot = f"{API}slots/{as_alice.get(API + SATURDAY).json()['results'][0]['id']}/"
    assert as_alice.get(slot).json()["slot"]["only_for"] == "program"
    (why,) = as_mallory.get(slot).json()["reasons"]
    assert why["code"] == "not-open-yet"
    assert program not in str(as_mallory.get(slot).json())


def test_hours_for_people_of_whom_nobody_knows_are_refused(as_dana, dr_li):
    refused = as_dana.post(API + "working-hours/", hours(dr_li, audience="friends"), format="json")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/audience")


def test_a_preview_of_hours_for_fewer_people_names_who_has_an_appointment_in_them(as_dana, dr_li, mallory):
    make_visit(mallory.record, slot_id(dr_li, chicago(8, 10)))
    row = dr_li.working_hours.get(weekday=4)
    address = f"{API}working-hours/{row.public_id}/?dry_run=true"
    told = as_dana.patch(address, {"audience": "staff"}, format="json").json()
    assert (told["count"], [one["code"] for one in told["warnings"]]) == (0, ["appointments-stay"])
    assert "October 8, 2026" in told["warnings"][0]["detail"]
    row.refresh_from_db()
    assert row.audience == "all"


@pytest.mark.parametrize("midnight", ["24:00", "24:00:00", "00:00"])
def test_dana_lets_a_saturday_last_until_24_00_and_the_last_visit_ends_then(
    as_dana, dr_li, lakeside, visitor, midnight
):
    lakeside.opening_hours.filter(weekday=6).update(closes="00:00")
    row = as_dana.post(API + "working-hours/", hours(dr_li, starts="20:00", ends=midnight), format="json").json()["row"]
    assert row["ends"] == "24:00:00"
    again = as_dana.patch(f"{API}working-hours/{row['id']}/", {"ends": row["ends"]}, format="json")
    assert again.json()["row"] == row
    WeekSheet.objects.all().delete()
    scheduler.lay_out()
    asked = "slots/?therapy=acu_manual&visit=first&from=2026-10-10T12:00:00-05:00&to=2026-10-12T00:00:00-05:00"
    starts = [slot["start"][11:16] for slot in visitor.get(API + asked).json()["results"]]
    assert (starts[0], starts[-1]) == ("20:00", "22:30")


def test_hours_while_the_site_is_not_open_are_saved_with_a_warning_that_no_room_is_on_sale_then(
    as_dana, dr_li, lakeside, visitor
):
    told = as_dana.post(API + "working-hours/", hours(dr_li, starts="06:00", ends="23:00"), format="json")
    assert told.status_code == 201
    (warning,) = told.json()["warnings"]
    assert warning["code"] == "outside-opening-hours"
    said = warning["detail"].replace("\N{NO-BREAK SPACE}", " ")
    assert said.startswith("Lakeside clinic is not open on Saturday 6:00 AM–7:00 AM, 9:00 PM–11:00 PM: no appoi")
    path = f"{API}working-hours/{told.json()['row']['id']}/"
    within = as_dana.patch(path, {"starts": "07:00", "ends": "21:00"}, format="json").json()
    assert within["warnings"] == []
    assert as_dana.patch(path + "?dry_run=true", {"ends": "24:00"}, format="json").json()["warnings"] != []


def test_taking_hours_away_names_the_visits_in_them(as_dana, dr_li, visit):
    tuesday = WorkingHours.objects.get(practitioner=dr_li, weekday=2)
    told = as_dana.delete(f"{API}working-hours/{tuesday.public_id}/?dry_run=true").json()
    assert (told["count"], told["without_cover"][0]["practitioner_name"]) == (1, "Dr Li, L.Ac.")
    assert WorkingHours.objects.filter(pk=tuesday.pk).exists()


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"starts": "09:02"}, "/starts"),
        ({"ends": "08:00"}, "/ends"),
        ({"weekday": 8}, "/weekday"),
        ({"every_weeks": 0}, "/every_weeks"),
        ({"site": "atlantis"}, "/site"),
        ({"practitioner": str(uuid4())}, "/practitioner"),
        ({"colour": "red"}, "/colour"),
        ({"valid_from": "9999-12-31"}, "/valid_from"),
        ({"valid_to": "2026-09-01"}, "/valid_to"),
    ],
)
def test_hours_that_cannot_be_are_refused_and_pointed_at(as_dana, dr_li, fields, pointer):
    refused = as_dana.post(API + "working-hours/", hours(dr_li, **fields), format="json")
    assert refused.status_code == 400
    assert [e["pointer"] for e in refused.json()["errors"]] == [pointer]


def test_dr_li_keeps_her_own_calendar_and_nobody_elses(sign_in, dr_li, lakeside):
    other, client = scheduler.make_practitioner(lakeside, name="Dr Roe"), sign_in(dr_li)
    assert client.post(API + "absences/", absence(dr_li), format="json").status_code == 201
    assert client.post(API + "absences/", absence(other), format="json").status_code == 403
    rows = client.get(API + "working-hours/?page_size=100").json()["results"]
    assert {row["practitioner"] for row in rows} == {str(dr_li.public_id)}
    closing = {"site": "lakeside", "first_on": "2026-11-26", "last_on": "2026-11-26", "name": "Thanksgiving"}
    assert client.post(API + "closures/", closing, format="json").status_code == 403


def test_dana_enters_the_absence_of_somebody_who_offers_nothing_yet(as_dana, lakeside, riverside):
    new = scheduler.make_practitioner(lakeside, name="Dr Roe")
    elsewhere = scheduler.make_practitioner(riverside, name="Dr Wu")
    Offering.objects.filter(practitioner__in=[new, elsewhere]).delete()
    assert as_dana.post(API + "absences/", absence(new), format="json").status_code == 201
    assert as_dana.post(API + "absences/", absence(elsewhere), format="json").status_code == 403
    rows = as_dana.get(API + "absences/").json()["results"]
    assert [row["practitioner"] for row in rows] == [str(new.public_id)]


def test_a_closure_is_suggested_confirmed_and_taken_away(as_dana, dr_li, visit):
    closing = {
        "site": "lakeside",
        "first_on": "2026-10-13",
        "last_on": "2026-10-13",
        "name": "Paint",
        "confirmed": False,
    }
    told = as_dana.post(API + "closures/", closing, format="json").json()
    assert told["count"] == 0
    path = f"{API}closures/{told['row']['id']}/"
    assert as_dana.patch(path, {"confirmed": True}, format="json").json()["count"] == 1
    assert as_dana.get(API + "closures/?confirmed=true&site=lakeside").json()["count"] == 1
    assert as_dana.delete(path).status_code == 200
    assert not Closure.objects.exists()


def test_over_noon_nothing_is_offered_while_the_site_is_shut_then(as_dana, dr_li, lakeside, visitor):
    noon = {"site": "lakeside", "first_on": "2026-10-13", "last_on": "2026-10-13", "starts": "11:00", "ends": "15:00"}
    told = as_dana.post(API + "closures/", noon | {"name": "Fire drill"}, format="json").json()
    assert (told["row"]["starts"], told["row"]["ends"]) == ("11:00:00", "15:00:00")
    asked = "slots/?therapy=acu_manual&visit=first&from=2026-10-13T00:00:00-05:00&to=2026-10-14T00:00:00-05:00"
    starts = {slot["start"][11:16] for slot in visitor.get(API + asked).json()["results"]}
    assert "09:00" in starts
    assert "15:00" in starts
    assert not [start for start in starts if "10:00" <= start < "15:00"]
    path = f"{API}closures/{told['row']['id']}/"
    afternoon = as_dana.patch(path, {"ends": "24:00"}, format="json").json()["row"]
    assert (afternoon["starts"], afternoon["ends"]) == ("11:00:00", None)
    assert as_dana.patch(path, {"starts": None}, format="json").json()["row"]["starts"] is None


def test_an_edit_sent_twice_with_one_key_is_made_once(as_dana, dr_li):
    answers = [
        as_dana.post(API + "absences/", absence(dr_li), format="json", headers={"Idempotency-Key": "k"})
        for _ in range(2)
    ]
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[0].content == answers[1].content

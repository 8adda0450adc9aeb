"""The catalogue: everybody reads what is public, the site's administrator changes it."""

import pytest

from booking.actions import appointments
from booking.cancel_reasons import CancelReason
from booking.status import Move
from core.models import Site
from core.roles import Role
from scheduler.actions import catalogue_edits, practitioners
from scheduler.models import Place, Practitioner, Therapy
from tests.factories.booking import SYSTEM, chicago, make_staff, make_visit, slot_id
from tests.factories.scheduler import AT, offer, put_out_of_use

pytestmark = pytest.mark.usefixtures("dr_li")  # all ask for her: she is made once for the module

API = "/api/v1/"


@pytest.fixture
def as_admin(sign_in, lakeside):
    return sign_in(make_staff("ada", Role.ADMIN, site=lakeside))


def patch(client, path, **body):
    return client.patch(API + path, body, format="json")


def test_a_stranger_reads_the_catalogue(visitor, dr_li, lakeside):
    assert visitor.get(API + "sites/").json()["results"][0]["name"] == {"en": "Lakeside clinic"}
    rooms = visitor.get(API + "rooms/?site=lakeside").json()
    assert rooms["count"] == 4
    assert len(rooms["results"][0]["places"]) == 1
    therapy = next(
        t for t in visitor.get(API + "therapies/?page_size=100").json()["results"] if t["key"] == "acu_manual"
    )
    assert {
        "visit": "first",
        "technique": "",
        "valid_from": None,
        "minutes": therapy["visits"][0]["minutes"],
        "segments": therapy["visits"][0]["segments"],
    } == therapy["visits"][0]
    people = visitor.get(API + "practitioners/?therapy=acu_manual&site=lakeside&language=en").json()["results"]
    assert [p["name"] for p in people] == ["Dr Li"]
    assert people[0]["offers"] == [{"therapy": "acu_manual", "site": "lakeside", "visits": ["first", "followup"]}]
    assert visitor.get(API + "practitioners/?language=pl").json()["count"] == 0
    assert visitor.get(API + "devices/").json()["count"] == 0


def test_an_entry_is_read_by_its_id(visitor, dr_li):
    shown = visitor.get(f"{API}practitioners/{dr_li.public_id}/")
    assert shown.json()["name"] == "Dr Li"
    assert shown.headers["Cache-Control"] == "no-cache"


def test_an_administrator_changes_names_and_what_is_in_use(as_admin, visitor, lakeside, dr_li):
    room = lakeside.rooms.first()
    place = room.places.first()
    therapy = Therapy.objects.get(key="acu_manual")
    assert patch(as_admin, f"rooms/{room.public_id}/", name={"en": "Blue room", "es": "Sala azul"}).status_code == 200
    called = patch(as_admin, f"sites/{lakeside.public_id}/", phone="(312) 555-0111").json()
    assert called["row"]["phone"] == "(312) 555-0111"
    assert patch(as_admin, f"places/{place.public_id}/", active=False).json()["row"]["active"] is False
    assert patch(as_admin, f"therapies/{therapy.public_id}/", name={"en": "Needles"}).json()["row"]["name"] == {
        "en": "Needles"
    }
    assert patch(as_admin, f"practitioners/{dr_li.public_id}/", languages=["en", "zh"]).json()["row"]["languages"] == [
        "en",
        "zh",
    ]
    assert visitor.get(f"{API}places/{place.public_id}/").status_code == 404
    assert as_admin.get(f"{API}places/{place.public_id}/").status_code == 200


def test_a_change_of_the_catalogue_shows_in_the_next_search(as_admin, visitor, dr_li):
    found = API + "slots/first/?therapy=acu_manual&visit=first"
    assert visitor.get(found).json()["slot"]
    patch(as_admin, f"practitioners/{dr_li.public_id}/", active=False)
    assert visitor.get(found).json()["slot"] is None


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": {"es": "Sala"}}, "/name"),
        ({"name": {"en": "Room", "xx-klingon": "Qapla"}}, "/name"),
        ({"name": {"en": ""}}, "/name/en"),
        ({"name": "Sala"}, "/name"),
        ({"name": {"en": "x", "../etc": "x"}}, "/name"),
        ({"zone": "Mars/Base"}, "/zone"),
        ({"arrive_early_minutes": -1}, "/arrive_early_minutes"),
        ({"arrive_early_minutes": 10**30}, "/arrive_early_minutes"),
        ({"phone": "x\u202ey"}, "/phone"),
        ({"street": "x" * 121}, "/street"),
        ({"street": None}, "/street"),
    ],
)
def test_what_cannot_be_is_refused_and_pointed_at(as_admin, lakeside, body, pointer):
    refused = as_admin.patch(f"{API}sites/{lakeside.public_id}/", body, format="json")
    assert refused.status_code == 400
    assert [e["pointer"] for e in refused.json()["errors"]] == [pointer]


def test_therapies_are_listed_by_family_and_an_administrator_puts_one_into_another(as_admin, visitor, lakeside, dr_li):
    therapy = Therapy.objects.get(key="acu_auricular")
    cups = visitor.get(API + "therapies/?family=cupping").json()["results"]
    assert {one["family"] for one in cups} == {"cupping"}
    assert patch(as_admin, f"therapies/{therapy.public_id}/", family="pressure").json()["row"]["family"] == "pressure"
    refused = patch(as_admin, f"therapies/{therapy.public_id}/", family="reiki")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/family")
    assert "needles, pressure, cupping, warmth, other" in refused.json()["errors"][0]["detail"]


def test_nobody_reads_of_an_offer_at_a_site_that_is_out_of_use(as_admin, visitor, riverside, dr_li):
    path = f"practitioners/{dr_li.public_id}/"
    offer(dr_li, "acu_manual", sites=[riverside])
    assert {one["site"] for one in visitor.get(API + path).json()["offers"]} == {"lakeside", "riverside"}
    Site.objects.filter(pk=riverside.pk).update(active=False)
    assert {one["site"] for one in visitor.get(API + path).json()["offers"]} == {"lakeside"}


RETIRED = ("practitioners", "places", "therapies", "sites")


@pytest.fixture
def visit(alice, dr_li):
    return make_visit(alice.patient, slot_id(dr_li, chicago(12, 10)))


def entry_of(kind, visit):
    return {
        "practitioners": visit.practitioner, "places": visit.place, "therapies": visit.therapy, "sites": visit.site,
    }[kind]  # fmt: skip


def path_of(kind, visit):
    return f"{kind}/{entry_of(kind, visit).public_id}/"


def test_who_retires_a_therapy_is_told_the_visits_that_need_it_before_and_after(as_admin, visit):
    path = path_of("therapies", visit)
    asked = patch(as_admin, f"{path}?dry_run=true", active=False)
    assert asked.status_code == 200
    assert asked.json()["dry_run"] is True
    assert [one["allocation"] for one in asked.json()["without_cover"]] == [str(visit.allocation)]
    assert as_admin.get(API + path).json()["active"] is True

    done = patch(as_admin, path, active=False).json()
    assert (done["dry_run"], done["count"], done["row"]["active"]) == (False, 1, False)
    assert done["without_cover"] == asked.json()["without_cover"]
    visit.refresh_from_db()
    assert visit.status == "booked"


CLOSED_AT = {
    "practitioners": "/desk/setup/practitioners/{id}/leaving/?site=lakeside",
    "places": "/desk/closures/places/?site=lakeside&place={id}",
    "sites": "/desk/closures/new/?site=lakeside",
}


@pytest.mark.parametrize("kind", CLOSED_AT)
def test_what_appointments_ahead_need_stays_in_use_until_they_are_settled(as_admin, visit, kind):
    path = path_of(kind, visit)
    for asked in (path, f"{path}?dry_run=true"):
        refused = patch(as_admin, asked, active=False)
        assert (refused.status_code, refused.json()["code"]) == (409, "still-in-use")
        assert "1 appointment or kept time lies ahead there: Monday, October 12, 2026" in refused.json()["detail"]
        assert refused.json()["close_at"] == CLOSED_AT[kind].format(id=path.split("/")[1])
    assert as_admin.get(API + path).json()["active"] is True
    appointments.move(visit.public_id, Move.CANCEL, by=SYSTEM, at=AT, reason=CancelReason.ILLNESS)
    assert patch(as_admin, path, active=False).json()["row"]["active"] is False


@pytest.mark.parametrize("kind", CLOSED_AT)
def test_twin_where_nothing_refuses_the_appointment_is_left_to_itself(as_admin, visit, kind, monkeypatch):
    for module in (catalogue_edits, practitioners):
        monkeypatch.setattr(module, "refuse_while_needed", lambda *_args, **_how: None)
    assert patch(as_admin, path_of(kind, visit), active=False).json()["count"] == 1


@pytest.mark.parametrize("kind", RETIRED)
def test_nobody_books_what_is_out_of_use(as_admin, as_dana, visit, kind):
    Place.objects.exclude(pk=visit.place_id).update(active=False)
    put_out_of_use(entry_of(kind, visit))
    slot = slot_id(visit.practitioner, chicago(13, 10))
    body = {"slot": slot, "patient": str(visit.patient.public_id)}
    refused = as_dana.post(API + "holds/", body, format="json", headers={"Idempotency-Key": "late"})
    assert refused.json()["code"] in {"unknown-slot", "slot-taken", "not-offered"}
    assert refused.status_code in {404, 409}


def test_a_rehearsal_is_for_edits_alone(as_admin, dr_li):
    path = f"practitioners/{dr_li.public_id}/"
    refused = as_admin.get(f"{API}{path}?dry_run=true")
    assert [e["parameter"] for e in refused.json()["errors"]] == ["dry_run"]
    assert patch(as_admin, f"{path}?dry_run=perhaps", active=False).status_code == 400
    assert Practitioner.objects.get(pk=dr_li.pk).active


LENGTHS = {"visit": "first", "minutes": [25, 10, 15, 5, 10, 10], "since": "2026-10-08", "site": "lakeside"}


def test_a_therapy_takes_another_while_from_a_day_on_and_that_is_tried_seen_and_taken_back(as_admin, sign_in):
    there = f"{API}therapies/{Therapy.objects.get(key='acu_manual').public_id}/"
    seen = as_admin.get(there)
    assert [one["minutes"] for one in seen.json()["visits"][0]["segments"]] == [25, 10, 25, 5, 10, 10]

    tried = as_admin.post(there + "lengths/?dry_run=true", LENGTHS, format="json").json()
    assert [one["minutes"] for one in tried["row"]["visits"] if one["visit"] == "first"] == [75, 65]
    assert as_admin.get(there).headers["ETag"] == seen.headers["ETag"]

    match = {"If-Match": seen.headers["ETag"]}
    done = as_admin.post(there + "lengths/", LENGTHS, format="json", headers=match)
    assert (done.status_code, done.json()["count"]) == (200, 0)
    assert done.json()["row"]["visits"][1]["valid_from"] == "2026-10-08T05:00:00Z"
    assert as_admin.post(there + "lengths/", LENGTHS, format="json", headers=match).status_code == 412

    wrong = as_admin.post(there + "lengths/", {**LENGTHS, "minutes": [1]}, format="json")
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (400, "/minutes")
    other = sign_in(make_staff("sam", Role.SCHEDULER, site=Site.objects.get(key="lakeside")))
    assert other.post(there + "lengths/", LENGTHS, format="json").status_code == 404

    back = as_admin.post(there + "lengths/take-back/", {"visit": "first"}, format="json").json()
    assert back["row"] == seen.json()
    assert as_admin.post(there + "lengths/take-back/", {"visit": "first"}, format="json").status_code == 400

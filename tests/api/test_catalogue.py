"""The catalogue: everybody reads what is public, the site's administrator changes it."""

import pytest

from core.roles import Role
from scheduler.models import Therapy
from tests.factories.booking import make_staff

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
    assert {"visit": "first", "technique": "", "minutes": therapy["visits"][0]["minutes"]} == therapy["visits"][0]
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
    assert patch(as_admin, f"sites/{lakeside.public_id}/", phone="(312) 555-0111").json()["phone"] == "(312) 555-0111"
    assert patch(as_admin, f"places/{place.public_id}/", active=False).json()["active"] is False
    assert patch(as_admin, f"therapies/{therapy.public_id}/", name={"en": "Needles"}).json()["name"] == {
        "en": "Needles"
    }
    assert patch(as_admin, f"practitioners/{dr_li.public_id}/", languages=["en", "zh"]).json()["languages"] == [
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

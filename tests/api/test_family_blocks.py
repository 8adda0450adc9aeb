"""Kept time over the wire: kept, tried first, decided about, taken back; the refusals say what to do."""

from datetime import timedelta
from uuid import uuid4

import pytest

from scheduler.models import BlockDecision, FamilyBlock, Place
from tests.api.conftest import client_of
from tests.factories.booking import chicago
from tests.factories.scheduler import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("known_callers")]
BLOCKS = "/api/v1/family-blocks/"
BEGINS = chicago(20, 12)
START = BEGINS.isoformat().replace("+00:00", "Z")


@pytest.fixture
def frank(world):
    return client_of(world.people["program staff"])


@pytest.fixture
def body(world):
    return {
        "program": "cancer-integrative-medicine", "practitioner": str(world.li.public_id), "site": "lakeside",
        "weekday": 2, "starts": "14:00", "ends": "15:00", "valid_from": "2026-10-01", "reason": "Beside infusion",
        "capacity": 2, "therapies": ["acu_manual"],
    }  # fmt: skip


def test_program_staff_keep_time_look_at_it_change_it_and_end_it(frank, body):
    before = FamilyBlock.objects.count()
    tried = frank.post(f"{BLOCKS}?dry_run=true", body)
    assert (tried.status_code, tried.json()["dry_run"], FamilyBlock.objects.count()) == (200, True, before)
    made = frank.post(BLOCKS, body)
    row = made.json()["row"]
    assert (made.status_code, row["therapies"], row["capacity"]) == (201, ["acu_manual"], 2)
    assert [one["to"] for one in row["release_policy"]][-1] == "everyone"
    address = made["Location"]
    assert frank.get(address).json() == row
    assert row["id"] in {one["id"] for one in frank.get(f"{BLOCKS}?site=lakeside").json()["results"]}
    place = Place.objects.filter(room__site__key="lakeside").first()
    kept = frank.patch(address, {"places": [str(place.public_id)]})
    assert kept.json()["row"]["places"] == [str(place.public_id)]
    changed = frank.patch(address, {"capacity": None, "therapies": []})
    assert (changed.json()["row"]["capacity"], changed.json()["row"]["therapies"]) == (None, [])
    ended = frank.delete(address)
    assert ended.json()["row"]["ended_at"]
    assert frank.delete(address).json()["code"] == "cannot-decide"


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"starts": "12:30"}, 409, "block-clash"),
        ({"starts": "13:00", "ends": "16:00"}, 409, "block-share"),
        ({"program": "none"}, 400, "invalid"),
        ({"therapies": ["none"]}, 400, "invalid"),
        ({"places": [str(uuid4())]}, 400, "invalid"),
        ({"release_policy": [{"at": "-24h", "to": "linked_families"}]}, 400, "invalid"),
        ({"release_policy": [{"at": "soon", "to": "everyone"}]}, 400, "invalid"),
        ({"release_policy": [None]}, 400, "invalid"),
        ({"site": "riverside"}, 400, "invalid"),
        ({"reason": ""}, 400, "invalid"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_code_and_what_to_do(world, body, wrong, status, code):
    finn = client_of(world.people["program staff of two sites"])
    answer = finn.post(BLOCKS, {**body, **wrong})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.json()
    told = answer.json()
    assert told["detail"] or all(one["detail"] for one in told["errors"])


def test_an_occurrence_is_kept_longer_opened_and_taken_back(world, frank):
    block = world.blocks[0]
    here = f"{BLOCKS}{block.public_id}/"
    BlockDecision.objects.all().delete()
    assert frank.post(f"{here}keep/", {"starts_at": START}).status_code == 400  # without a reason
    tried = frank.post(f"{here}keep/?dry_run=true", {"starts_at": START, "reason": "She hears on Monday"})
    assert (tried.status_code, BlockDecision.objects.count()) == (200, 0)
    held = frank.post(f"{here}keep/", {"starts_at": START, "reason": "She hears on Monday"})
    assert (held.status_code, held.json()["row"]["kind"]) == (201, "keep")
    assert held.json()["row"]["until"] == (BEGINS - timedelta(hours=12)).isoformat().replace("+00:00", "Z")
    opened = frank.post(f"{here}release/", {"starts_at": START})
    assert opened.status_code == 201
    (one,) = [row for row in occurrences(frank) if row["start"] == START and row["block"] == str(block.public_id)]
    assert (one["stage"], one["released_by_hand"], len(one["decisions"])) == ("everyone", True, 2)
    again = frank.post(f"{here}release/", {"starts_at": START})
    assert (again.status_code, again.json()["code"]) == (409, "cannot-decide")
    undone = frank.post(f"/api/v1/block-decisions/{opened.json()['row']['id']}/undo/", {})
    assert (undone.status_code, bool(undone.json()["row"]["undone_at"])) == (200, True)
    wrong = frank.post(f"{here}release/", {"starts_at": AT.isoformat()})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (400, "/starts_at")


def occurrences(client, site="lakeside"):
    found = client.get(
        "/api/v1/block-occurrences/", {"site": site, "from": AT.isoformat(), "to": "2026-11-01T00:00:00Z"}
    )
    assert found.status_code == 200, found.json()
    return found.json()["results"]


def test_who_treats_sees_what_is_kept_of_their_own_time_alone(world):
    li, roe = client_of(world.people["practitioner"]), client_of(world.people["practitioner of another site"])
    assert {one["practitioner"] for one in occurrences(li)} == {str(world.li.public_id)}
    assert occurrences(roe) == []
    assert occurrences(roe, "riverside")
    frank = client_of(world.people["program staff"])
    assert occurrences(frank, "riverside") == []
    assert frank.get("/api/v1/block-occurrences/", {"site": "nowhere"}).json()["errors"][0]["parameter"] == "site"
    assert (
        frank.get("/api/v1/block-occurrences/", {"site": "lakeside", "to": "2027-11-01T00:00:00Z"}).status_code == 400
    )

"""Times to meet over the API: Alice offers one and takes it back; Ben reads when and where; nobody else finds it."""

from uuid import uuid4

import pytest

from booking.actions.families import family_links
from booking.families.status import FamilyState
from booking.models import FamilyLink, MeetingTime
from core.roles import Role
from notifications.actions import family_mails
from tests.api.conftest import client_of
from tests.factories.booking import chicago, make_staff, make_visit, slot_id
from tests.factories.families import invited
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db

MEETINGS = "/api/v1/meeting-times/"
TOLD = {"id", "start", "site", "cancel_policy"}


@pytest.fixture
def link(alice, ben):
    made = family_links.claim(invited(alice.record), own=ben.record, by=ben.principal, at=AT)
    return family_links.confirm(made, by=alice.principal, at=AT)


@pytest.fixture
def visit(alice, dr_li, link):
    return make_visit(alice.record, slot_id(dr_li, chicago(12, 10)))


def offer(person, visit, **sent):
    body = {"appointment": str(visit.public_id), **sent}
    return client_of(person.user).post(MEETINGS, body, format="json", headers={"Idempotency-Key": str(uuid4())})


def seen(person):
    return client_of(person.user).get(MEETINGS).json()["results"]


@pytest.fixture
def offered(alice, visit):
    made = offer(alice, visit, cancel_policy="cancel")
    assert made.status_code == 201
    return made.json()


def test_alice_offers_hers_once_and_ben_is_told_when_where_and_what_follows_and_nothing_else(
    offered, alice, ben, visit, link
):
    assert offer(alice, visit).json()["id"] == offered["id"]
    assert offered["appointment"] == str(visit.public_id)
    (his,) = seen(ben)
    assert {name for name, value in his.items() if value is not None} == TOLD
    assert (his["start"], his["site"], his["cancel_policy"]) == ("2026-10-12T10:00:00-05:00", "lakeside", "cancel")
    FamilyLink.objects.update(state=FamilyState.REVOKED)
    assert seen(ben) == []


def test_she_takes_it_back_and_reads_that_she_did_and_ben_finds_it_no_more(offered, alice, ben):
    address = f"{MEETINGS}{offered['id']}/"
    assert client_of(ben.user).delete(address).status_code == 404
    for _twice in range(2):
        assert client_of(alice.user).delete(address).status_code == 204
    assert seen(alice)[0]["withdrawn_at"] is not None
    assert client_of(ben.user).get(address).status_code == 404
    assert MeetingTime.objects.get().withdrawn_by == alice.principal.key


def test_nobody_offers_what_is_not_theirs_and_no_stranger_or_staff_finds_one(offered, ben, mallory, dana, visit):
    assert offer(ben, visit).status_code == offer(mallory, visit).status_code == 400
    assert seen(mallory) == []
    assert client_of(dana.user).get(MEETINGS).status_code == 403


def test_without_family_there_is_nobody_to_offer_it_to(alice, dr_li):
    alone = make_visit(alice.record, slot_id(dr_li, chicago(12, 10)))
    assert offer(alice, alone).json()["code"] == "no-family-time"


def test_staff_read_what_is_mailed_about_family_links_and_no_address(link, dana, alice, as_riverside):
    family_mails.relay(at=AT)
    client = client_of(dana.user)
    rows = client.get("/api/v1/family-messages/").json()["results"]
    assert {(one["kind"], one["side"]) for one in rows} == {
        ("invitation", "invited"), ("claimed", "patient"), ("confirmed", "relative"),
    }  # fmt: skip
    assert {one["family_link"] for one in rows} == {str(link.public_id)}
    assert "@" not in str(rows)
    assert len(client.get("/api/v1/family-messages/?kind=claimed").json()["results"]) == 1
    assert client_of(alice.user).get("/api/v1/family-messages/").status_code == 403
    assert as_riverside.get("/api/v1/family-messages/").json()["results"] == []


@pytest.fixture
def as_riverside(riverside):
    return client_of(make_staff("rita", Role.SCHEDULER, site=riverside).user)

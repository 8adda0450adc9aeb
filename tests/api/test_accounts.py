"""Ada keeps the accounts and roles of her site's staff over the API, as in the admin; nobody gives one to herself."""

import logging

import pytest
from django.conf import settings

from core import sealing
from core.accounts.actions import people
from core.http import idempotency
from core.models import IdempotencyKey, RoleAssignment, User
from core.roles import Role
from tests.factories.booking import SINCE, make_staff, make_user
from tests.factories.scheduler import AT

API = "/api/v1/"
FIRST = "correct horse battery"  # pragma: allowlist secret
NEW = {
    "username": "nell", "name": "Nell Reed", "email": "nell@harbor.example", "password": FIRST,
    "role": "scheduler", "site": "lakeside",
}  # fmt: skip


@pytest.fixture
def ada(lakeside):
    return make_staff("ada", Role.ADMIN, site=lakeside)


@pytest.fixture
def as_ada(sign_in, ada):
    return sign_in(ada)


def add(client, status=201, **changes):
    answer = client.post(f"{API}accounts/", NEW | changes, format="json")
    assert answer.status_code == status, answer.content
    assert status != 201 or client.get(answer.headers["Location"]).json() == answer.json()
    return answer.json()


def pointers(answer):
    assert answer.status_code == 400, answer.content
    return [error["pointer"] for error in answer.json()["errors"]]


def role_of(client, account):
    return client.get(f"{API}roles/?account={account['id']}").json()["results"][0]


def staff(name, *roles, site):
    user = make_user(name, *roles, site=site)
    User.objects.filter(pk=user.pk).update(is_staff=True, email=f"{name}@harbor.example", last_name=name.title())
    return user


def test_nell_gets_an_account_and_a_role_and_signs_in(as_ada, client):
    nell = add(as_ada)
    assert nell == {"id": nell["id"], "username": "nell", "name": "Nell Reed", "email": NEW["email"], "active": True}
    assert as_ada.get(f"{API}accounts/?username=nell").json()["results"] == [nell]
    assert as_ada.get(f"{API}accounts/{nell['id']}/").json() == nell
    held = role_of(as_ada, nell)
    assert (held["role"], held["site"], held["ends_at"]) == ("scheduler", "lakeside", None)
    client.post("/admin/login/", {"username": "nell", "password": FIRST})
    assert client.get("/admin/scheduler/workinghours/").status_code == 200


def test_the_first_password_is_answered_logged_and_stored_nowhere(as_ada, caplog):
    caplog.set_level(logging.DEBUG)
    told = [
        as_ada.post(f"{API}accounts/", NEW | changes, format="json", headers={"Idempotency-Key": key})
        for key, changes in (("a", {}), ("a", {}), ("b", {"email": "nell"}), ("c", {"pass": FIRST}))
    ]
    assert [answer.status_code for answer in told] == [201, 201, 400, 400]
    assert told[0].content == told[1].content
    assert FIRST not in caplog.text
    assert all(FIRST not in answer.content.decode() for answer in told)
    kept = IdempotencyKey.objects.get()
    assert FIRST not in f"{sealing.unseal(kept.answer, purpose=idempotency.PURPOSE)} {kept.headers}"
    assert User.objects.get(username="nell").check_password(FIRST)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"password": "short"}, "/password"),  # pragma: allowlist secret
        ({"password": None}, "/password"),
        ({"password": settings.DEMO_PASSWORD}, "/password"),
        ({"email": "nell"}, "/email"),
        ({"username": "two words"}, "/username"),
        ({"username": "\u202enell"}, "/username"),
        ({"name": " "}, "/name"),
        ({"role": "patient"}, "/role"),
        ({"role": "proxy"}, "/role"),
        ({"site": "atlantis"}, "/site"),
        ({"ends_at": "2026-10-01T08:00:00-05:00"}, "/ends_at"),
        ({"ends_at": "2026-12-01"}, "/ends_at"),
        ({"is_superuser": True}, "/is_superuser"),
        ({"is_staff": False}, "/is_staff"),
    ],
    ids=str,
)
def test_what_cannot_be_is_pointed_at_and_nobody_is_added(as_ada, changes, pointer):
    before = User.objects.count(), RoleAssignment.objects.count()
    refused = as_ada.post(f"{API}accounts/", NEW | changes, format="json")
    assert (refused.status_code, set(pointers(refused))) == (400, {pointer})
    assert before == (User.objects.count(), RoleAssignment.objects.count())


def test_a_name_that_is_taken_is_pointed_at_also_when_somebody_took_it_a_moment_ago(as_ada, monkeypatch):
    add(as_ada)
    assert pointers(as_ada.post(f"{API}accounts/", NEW, format="json")) == ["/username"]
    looks = iter([lambda *_: None, people.check_account])

    def look(*told):
        return next(looks)(*told)

    monkeypatch.setattr(people, "check_account", look)
    assert pointers(as_ada.post(f"{API}accounts/", NEW, format="json")) == ["/username"]


def test_an_account_is_changed_field_by_field_and_closed(as_ada, sign_in):
    nell = add(as_ada)
    as_nell = sign_in(User.objects.get(username="nell"))
    path = f"{API}accounts/{nell['id']}/"
    assert as_nell.get(f"{API}working-hours/").status_code == 200
    assert as_ada.patch(path, {"name": "Nell Ward"}, format="json").json() == nell | {"name": "Nell Ward"}
    refused = as_ada.patch(path, {"email": "nowhere", "active": False}, format="json")
    assert (refused.status_code, set(pointers(refused))) == (400, {"/email"})
    assert pointers(as_ada.patch(path, {"password": FIRST}, format="json")) == ["/password"]
    assert as_ada.patch(path, {"active": False}, format="json").json()["active"] is False
    assert as_nell.get(f"{API}working-hours/").status_code == 401


def test_an_account_without_a_mail_address_can_be_closed(as_ada, lakeside):
    old = make_user("old", Role.SCHEDULER, site=lakeside)
    User.objects.filter(pk=old.pk).update(is_staff=True)
    path = f"{API}accounts/{old.public_id}/"
    assert as_ada.patch(path, {"active": False}, format="json").status_code == 200
    assert set(pointers(as_ada.patch(path, {"name": "Olga Old"}, format="json"))) == {"/email"}


def test_a_role_is_given_until_a_day_moved_and_ended(as_ada, sign_in):
    nell = add(as_ada)
    body = {"account": nell["id"], "role": "practitioner", "site": "lakeside", "ends_at": "2026-12-01T08:00:00-06:00"}
    given = as_ada.post(f"{API}roles/", body, format="json")
    assert (given.status_code, given.json()["ends_at"]) == (201, "2026-12-01T14:00:00Z")
    assert as_ada.get(given.headers["Location"]).json() == given.json()
    assert pointers(as_ada.post(f"{API}roles/", body, format="json")) == ["/role"]
    path = f"{API}roles/{given.json()['id']}/"
    assert as_ada.patch(path, {"ends_at": None}, format="json").json()["ends_at"] is None
    assert pointers(as_ada.patch(path, {"role": "admin"}, format="json")) == ["/role"]
    scheduler = next(
        row for row in as_ada.get(f"{API}roles/?account={nell['id']}").json()["results"] if row["role"] == "scheduler"
    )
    RoleAssignment.objects.filter(public_id=scheduler["id"]).update(starts_at=SINCE)
    ended = [as_ada.delete(f"{API}roles/{scheduler['id']}/") for _ in range(2)]
    assert [answer.status_code for answer in ended] == [200, 200]
    assert ended[0].content == ended[1].content
    assert RoleAssignment.objects.get(public_id=scheduler["id"]).ends_at == AT
    assert pointers(as_ada.patch(f"{API}roles/{scheduler['id']}/", {"ends_at": None}, format="json")) == ["/ends_at"]


def test_ada_changes_neither_her_own_account_nor_her_own_roles(as_ada, ada):
    User.objects.filter(pk=ada.user.pk).update(is_staff=True)
    own = ada.user.assignments.get()
    more = {"account": str(ada.user.public_id), "role": "clinician", "site": "lakeside"}
    refused = [
        as_ada.patch(f"{API}accounts/{ada.user.public_id}/", {"name": "Ada X"}, format="json"),
        as_ada.post(f"{API}roles/", more, format="json"),
        as_ada.patch(f"{API}roles/{own.public_id}/", {"ends_at": None}, format="json"),
        as_ada.delete(f"{API}roles/{own.public_id}/"),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(403, "forbidden")] * 4
    assert all("another administrator" in answer.json()["detail"] for answer in refused)
    assert list(ada.user.assignments.values_list("role", "ends_at")) == [(Role.ADMIN, None)]


def test_ada_reaches_nobody_and_nothing_beyond_her_site(as_ada, lakeside, riverside):
    add(as_ada, 403, site="riverside")
    eve, both = staff("eve", Role.SCHEDULER, site=riverside), staff("both", Role.SCHEDULER, site=lakeside)
    boss, demo = staff("boss", Role.SCHEDULER, site=lakeside), staff("demo", Role.SCHEDULER, site=lakeside)
    RoleAssignment.objects.create(user=both, role=Role.AUDITOR, site=riverside, starts_at=AT)
    User.objects.filter(pk=boss.pk).update(is_superuser=True)
    User.objects.filter(pk=demo.pk).update(is_demo=True)
    listed = {row["id"] for row in as_ada.get(f"{API}accounts/").json()["results"]}
    assert listed == {str(both.public_id), str(demo.public_id)}
    roles = {row["username"] for row in as_ada.get(f"{API}roles/").json()["results"]}
    assert not roles & {eve.username, boss.username}
    assert {row["site"] for row in as_ada.get(f"{API}roles/").json()["results"]} == {"lakeside"}
    before = list(RoleAssignment.objects.order_by("pk").values())
    for user, status in ((eve, 404), (boss, 404), (both, 403), (demo, 403)):
        assert as_ada.patch(f"{API}accounts/{user.public_id}/", {"active": False}, format="json").status_code == status
        body = {"account": str(user.public_id), "role": "admin", "site": "riverside"}
        assert as_ada.post(f"{API}roles/", body, format="json").status_code == (400 if status == 404 else 403)
    for user, status in ((eve, 404), (boss, 404), (demo, 403)):
        assert as_ada.delete(f"{API}roles/{user.assignments.get().public_id}/").status_code == status
    assert before == list(RoleAssignment.objects.order_by("pk").values())
    assert User.objects.filter(is_active=False).count() == 0


def test_an_administrator_gives_hours_at_her_own_site_alone(as_ada, dr_li, riverside):
    hours = {"practitioner": str(dr_li.public_id), "weekday": 6, "starts": "09:00", "ends": "12:00"}
    hours |= {"valid_from": "2026-10-01"}
    told = [
        as_ada.post(f"{API}working-hours/", hours | {"site": key}, format="json") for key in ("lakeside", "riverside")
    ]
    assert [answer.status_code for answer in told] == [201, 403]

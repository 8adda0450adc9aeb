"""Ada keeps the accounts of her site's staff in the admin: their roles, and until when; nobody gives one to herself."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from core.models import RoleAssignment, User
from core.roles import Role
from tests.factories.admin import errors, sign_in
from tests.factories.booking import make_user
from tests.factories.scheduler import AT, make_site

pytestmark = pytest.mark.django_db
ACCOUNTS, ROLES = "admin:core_user", "admin:core_roleassignment"
FIRST = "correct horse battery"


@pytest.fixture(autouse=True)
def _monday_morning():
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def site(db):
    return make_site()


@pytest.fixture
def riverside(db):
    return make_site("riverside")


@pytest.fixture
def ada(client, site):
    return sign_in(client, "ada", Role.ADMIN, site)


def new(site, **changes):
    form = {
        "username": "dana", "name": "Dana Reed", "email": "dana@harbor.example", "password": FIRST,
        "role": "scheduler", "site": site.pk, "ends_at_0": "", "ends_at_1": "",
    }  # fmt: skip
    return form | changes


def change(row):
    return reverse(f"admin:core_{row._meta.model_name}_change", args=[row.pk])


def add(ada, site, **changes):
    return ada.post(reverse(f"{ACCOUNTS}_add"), new(site, **changes))


def test_dana_gets_an_account_and_a_role_and_signs_in(ada, site, client):
    assert add(ada, site).status_code == 302
    dana = User.objects.get(username="dana")
    assert (dana.get_full_name(), dana.is_staff, dana.is_superuser) == ("Dana Reed", True, False)
    role = dana.assignments.get()
    assert (role.role, role.site, role.starts_at, role.ends_at) == (Role.SCHEDULER, site, AT, None)
    client.logout()
    client.post(reverse("admin:login"), {"username": "dana", "password": FIRST})
    assert client.get(reverse("admin:scheduler_workinghours_changelist")).status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"password": "short"}, "password"),  # pragma: allowlist secret
        ({"email": "dana"}, "email"),
        ({"username": "ada"}, "username"),
        ({"name": " "}, "name"),
        ({"role": "patient"}, "role"),
        ({"ends_at_0": "2026-10-01", "ends_at_1": "08:00"}, "ends_at"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field_and_nobody_is_added(ada, site, changes, field):
    answer = add(ada, site, **changes)
    assert field in errors(answer)
    assert User.objects.count() == 1


def test_no_browser_rewrites_the_address_of_staff(ada, site, admin_client):
    add(ada, site)
    dana = User.objects.get(username="dana")
    for form in (ada.get(reverse("admin:core_user_add")), ada.get(change(dana)), admin_client.get(change(dana))):
        page = form.content.decode()
        assert 'name="email"' in page
        assert 'type="email"' not in page


def test_an_account_is_changed_and_closed(ada, site):
    add(ada, site)
    dana = User.objects.get(username="dana")
    another = "another long password"
    form = {"name": "Dana Ward", "email": "ward@harbor.example", "password": another}
    assert ada.post(change(dana), form).status_code == 302
    dana.refresh_from_db()
    assert (dana.last_name, dana.is_active) == ("Ward", False)
    assert dana.check_password(another)


def test_a_role_is_given_until_a_day_and_ended(ada, site):
    add(ada, site)
    dana = User.objects.get(username="dana")
    form = {"user": dana.pk, "role": "practitioner", "site": site.pk, "ends_at_0": "2026-12-01", "ends_at_1": "08:00"}
    assert ada.post(reverse(f"{ROLES}_add"), form).status_code == 302
    role = dana.assignments.get(role="practitioner")
    assert role.ends_at > AT
    assert "role" in errors(ada.post(reverse(f"{ROLES}_add"), form))
    assert ada.post(change(role), {"ends_at_0": "2026-10-05", "ends_at_1": "08:00"}).status_code == 302
    role.refresh_from_db()
    assert role.ends_at == AT + timedelta(seconds=1)


def test_a_role_ends_by_the_clock_of_its_own_site(ada, site):
    york = make_site("york", zone="America/New_York")
    RoleAssignment.objects.create(user=User.objects.get(username="ada"), role=Role.ADMIN, site=york, starts_at=AT)
    until = {"ends_at_0": "2026-12-01", "ends_at_1": "08:00"}
    for name, where, hour in (("dana", site, 14), ("rae", york, 13)):
        add(ada, where, username=name, email=f"{name}@harbor.example", **until)
        role = RoleAssignment.objects.get(user__username=name)
        assert role.ends_at == datetime(2026, 12, 1, hour, tzinfo=UTC)
        page = ada.get(change(role)).content.decode()
        assert 'value="08:00:00"' in page
        assert ("New York time" in page) == (where == york)
    blank = ada.get(reverse(f"{ROLES}_add")).content.decode()
    assert "By the clock of that site." in blank
    assert "America/New_York" in blank


def test_nobody_gives_herself_a_role_or_changes_her_own_account(ada, site):
    me = User.objects.get(username="ada")
    form = {"user": me.pk, "role": "clinician", "site": site.pk, "ends_at_0": "", "ends_at_1": ""}
    assert errors(ada.post(reverse(f"{ROLES}_add"), form)) == {
        "__all__": ["Nobody changes their own roles: please ask another administrator."]
    }
    assert ada.post(change(me.assignments.get()), {"ends_at_0": "", "ends_at_1": ""}).status_code == 403
    assert ada.post(change(me), {"name": "Ada X", "email": "x@harbor.example", "is_active": "on"}).status_code == 403
    assert RoleAssignment.objects.count() == 1


def test_ada_reaches_no_role_and_no_account_beyond_her_site(ada, site, riverside):
    assert "site" in errors(add(ada, riverside))
    both = make_user("both", Role.SCHEDULER, site=site)
    elsewhere = make_user("eve", Role.SCHEDULER, site=riverside)
    boss, patient = make_user("boss", Role.ADMIN), make_user("alice", Role.PATIENT)
    for user in (both, elsewhere, boss):
        User.objects.filter(pk=user.pk).update(is_staff=True)
    for user, where in ((both, riverside), (boss, site)):
        RoleAssignment.objects.create(user=user, role=Role.SCHEDULER, site=where, starts_at=AT)
    form = {"name": "Taken Over", "email": "t@harbor.example", "password": FIRST, "is_active": "on"}
    for user in (both, elsewhere, boss, patient):
        assert ada.post(change(user), form).status_code in {302, 403}
        assert ada.post(reverse("admin:auth_user_password_change", args=[user.pk]), {}).status_code in {302, 403}
        user.refresh_from_db()
        assert user.last_name != "Over"
        assert not user.check_password(FIRST)
    listed = ada.get(reverse(f"{ACCOUNTS}_changelist")).context["cl"].result_list
    assert {user.username for user in listed} == {"ada", both.username, boss.username}


@pytest.mark.parametrize("role", [Role.SCHEDULER, Role.PRACTITIONER, Role.AUDITOR])
def test_other_staff_keep_no_accounts(client, site, role):
    sign_in(client, "dana", role, site)
    for page in (ACCOUNTS, ROLES):
        assert client.get(reverse(f"{page}_changelist")).status_code == 403
        assert client.post(reverse(f"{page}_add"), {}).status_code == 403


def test_ada_lets_another_system_in_by_an_account_that_makes_its_own_token(ada, site):
    assert (
        add(ada, site, username="feed", name="Ward Feed", email="feed@harbor.example", role="client").status_code == 302
    )
    feed = Client()
    feed.force_login(User.objects.get(username="feed"))
    page = feed.post(reverse("admin:knox_authtoken_add"), {"name": "Ward system"}, follow=True)
    (token,) = re.findall(r"token: (\w+)", page.content.decode())
    answer = Client().get("/api/v1/me/", headers={"Authorization": f"Token {token}"})
    assert answer.status_code == 200
    assert [role["role"] for role in answer.json()["roles"]] == ["client"]

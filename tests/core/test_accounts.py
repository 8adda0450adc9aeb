"""Ada keeps the accounts of her site's staff in the admin: their roles, and until when; nobody gives one to herself."""

import re
from datetime import UTC, datetime, timedelta
from importlib import import_module

import pytest
import time_machine
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse

from core.models import RoleAssignment, User
from core.roles import Role
from core.staff_pages.account_forms import NewAccountForm, RoleForm
from tests.factories.admin import errors, said, sign_in
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
        assert 'value="08:00 AM"' in page
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


def between_rehearsal_and_saving(monkeypatch, form, act):
    """Let `act` happen after a form was found right and before it is saved."""
    clean = form.clean

    def quicker(self):
        cleaned = clean(self)
        act()
        return cleaned

    monkeypatch.setattr(form, "clean", quicker)


def test_when_another_administrator_was_quicker_ada_hears_it_on_a_page(ada, site, monkeypatch):
    between_rehearsal_and_saving(monkeypatch, NewAccountForm, lambda: User.objects.create_user("dana"))
    answer = ada.post(reverse(f"{ACCOUNTS}_add"), new(site), follow=True)
    assert said(answer) == ["A user with that username already exists."]
    add(ada, site, username="rae", email="rae@harbor.example")
    rae = User.objects.get(username="rae")
    give = {"user": rae, "role": "auditor", "site": site, "starts_at": AT}
    between_rehearsal_and_saving(monkeypatch, RoleForm, lambda: RoleAssignment.objects.create(**give))
    form = {"user": rae.pk, "role": "auditor", "site": site.pk, "ends_at_0": "", "ends_at_1": ""}
    answer = ada.post(reverse(f"{ROLES}_add"), form, follow=True)
    assert said(answer)[-1] == "They act as this already."


def test_a_superuser_hears_beside_the_role_that_it_is_held_already(client, site):
    sign_in(client, "root", is_superuser=True)
    dana = make_user("dana", Role.SCHEDULER, site=site)
    form = {
        "username": dana.username, "is_active": "on", "assignments-TOTAL_FORMS": 1, "assignments-INITIAL_FORMS": 0,
        "assignments-0-role": "scheduler", "assignments-0-site": site.pk,
        "assignments-0-starts_at_0": "2026-10-05", "assignments-0-starts_at_1": "08:00",
    }  # fmt: skip
    answer = client.post(change(dana), form)
    assert answer.status_code == 200
    assert "They act as this already." in answer.content.decode()
    assert client.post(change(dana), form | {"assignments-0-role": "auditor"}).status_code == 302
    assert {held.role for held in dana.assignments.all()} == {"scheduler", "auditor"}


def test_a_role_is_not_prolonged_into_a_later_one(ada, site):
    add(ada, site, ends_at_0="2026-12-01", ends_at_1="08:00")
    first = RoleAssignment.objects.get(user__username="dana")
    RoleAssignment.objects.create(user=first.user, role=first.role, site=site, starts_at=AT + timedelta(days=90))
    assert "ends_at" in errors(ada.post(change(first), {"ends_at_0": "", "ends_at_1": ""}))
    first.refresh_from_db()
    assert first.ends_at == datetime(2026, 12, 1, 14, tzinfo=UTC)


def test_roles_that_met_before_are_parted_and_last_as_long_as_either_did(site):
    part = import_module("core.migrations.0009_roles_parted").part
    dana, days = make_user("dana"), lambda count: AT + timedelta(days=count)
    held = {"user": dana, "role": Role.SCHEDULER, "site": site}
    constraint = next(one for one in RoleAssignment._meta.constraints if one.name == "role_is_held_once_at_a_time")
    with connection.schema_editor() as editor:
        editor.remove_constraint(RoleAssignment, constraint)
    for start, end in ((0, 30), (10, 20), (25, None), (26, 27)):
        RoleAssignment.objects.create(**held, starts_at=days(start), ends_at=None if end is None else days(end))
    part(apps, None)
    rows = dana.assignments.order_by("starts_at").values_list("starts_at", "ends_at")
    assert list(rows) == [(days(0), days(10)), (days(10), days(25)), (days(25), days(26)), (days(26), None)]
    connection.check_constraints()
    with connection.schema_editor() as editor:
        editor.add_constraint(RoleAssignment, constraint)

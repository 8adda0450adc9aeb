"""API tokens: a new password ends them, their owner sees and ends them, and so do those who look after the site."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import Client
from knox.models import AuthToken

from core.accounts import tokens
from core.models import Site, TokenNote, User
from core.roles import Role

pytestmark = pytest.mark.django_db
LATER = "quite another one"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LIST, ADMIN = "/api/v1/me/tokens/", "/admin/knox/authtoken/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def somebody(name, role=Role.SCHEDULER, site=None, **flags):
    user = User.objects.create_user(name, password=f"{name} has a long one", is_staff=True, **flags)
    user.assignments.create(role=role, site=site, starts_at=NOON)
    return user


@pytest.fixture
def site():
    return Site.objects.create(key="lakeside", name={"en": "Lakeside"}, zone="America/Chicago")


@pytest.fixture
def dana(site):
    return somebody("dana", site=site)


def as_token(token):
    return Client(headers={"authorization": f"Token {token}"})


def opens(token) -> bool:
    return as_token(token).get("/api/v1/me/").status_code == 200


def signed_in(user):
    browser = Client()
    browser.force_login(user)
    return browser


def by_herself(dana):
    new = LATER
    old = "dana has a long one"
    sent = {"old_password": old, "new_password1": new, "new_password2": new}
    assert signed_in(dana).post("/admin/password_change/", sent).status_code == 302


def by_the_administrator(dana):
    boss = somebody("boss", is_superuser=True)
    sent = {"password1": LATER, "password2": LATER, "usable_password": "true"}  # pragma: allowlist secret
    assert signed_in(boss).post(f"/admin/core/user/{dana.pk}/password/", sent).status_code == 302


def by_command(dana, monkeypatch=None):
    call_command_with_password(dana, LATER)


def call_command_with_password(dana, password):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("getpass.getpass", lambda *_, **__: password)
        call_command("changepassword", dana.username, verbosity=0)


def by_code(dana):
    dana.set_password(LATER)
    dana.save()


def in_bulk(dana):
    User.objects.filter(pk=dana.pk).update(password="!")


@pytest.mark.parametrize("change", [by_herself, by_the_administrator, by_command, by_code, in_bulk])
def test_a_new_password_ends_her_tokens_and_nobody_elses_whoever_set_it(dana, change):
    ended, _ = tokens.make(dana, name="old")
    other, _ = tokens.make(somebody("frank"), name="his")
    assert opens(ended)
    change(dana)
    assert (opens(ended), opens(other)) == (False, True)


def test_what_leaves_the_password_as_it_is_ends_no_token(dana):
    token, _ = tokens.make(dana, name="desk")
    dana.first_name = "Dana"
    dana.save()
    signed_in(dana)
    assert opens(token)


def test_without_the_guard_a_token_outlives_the_password(dana):
    token, _ = tokens.make(dana, name="old")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_user DISABLE TRIGGER new_password_ends_tokens")
    by_code(dana)
    assert opens(token)


def test_a_role_that_is_taken_away_counts_from_the_next_request_on(dana, clock):
    token, _ = tokens.make(dana, name="desk")
    assert opens(token)
    dana.assignments.update(ends_at=NOON + timedelta(seconds=1))
    clock.shift(timedelta(seconds=1))
    assert as_token(token).get("/api/v1/appointments/").status_code == 403


def test_dana_sees_her_tokens_and_when_each_was_last_used(dana, clock):
    used, _ = tokens.make(dana, name="desk")
    clock.shift(timedelta(minutes=1))
    tokens.make(dana, name="laptop")
    tokens.make(somebody("frank"), name="his")
    as_token(used).get("/api/v1/me/")
    listed = signed_in(dana).get(LIST).json()["results"]
    assert [(one["name"], one["last_used"]) for one in listed] == [("laptop", None), ("desk", "2026-03-02T12:01:00Z")]
    assert listed[1]["id"] == used[: len(listed[1]["id"])]
    assert listed[1]["ends"] == "2026-05-31T12:00:00Z"
    assert used not in str(listed)


def test_the_last_use_is_written_once_an_hour(dana, clock, django_assert_num_queries):
    token, row = tokens.make(dana, name="desk")
    for minutes, noted in ((0, 0), (59, 0), (1, 60)):
        clock.shift(timedelta(minutes=minutes))
        assert opens(token)
        assert TokenNote.objects.get(token=row).used_at == NOON + timedelta(minutes=noted)


def test_dana_ends_one_token_or_all_and_nobody_elses(dana):
    lost, kept = (tokens.make(dana, name=name)[0] for name in ("lost", "kept"))
    his, _ = tokens.make(somebody("frank"), name="his")
    assert as_token(kept).delete(f"{LIST}{lost[:15]}/").status_code == 204
    assert [opens(token) for token in (lost, kept)] == [False, True]
    assert as_token(kept).delete(f"{LIST}{his[:15]}/").status_code == 404
    assert as_token(kept).delete(f"{LIST}{lost[:15]}/").status_code == 404
    assert as_token(kept).delete(LIST).status_code == 204
    assert (opens(kept), opens(his)) == (False, True)


def test_dana_makes_a_token_on_a_page_that_shows_it_once(dana):
    browser = signed_in(dana)
    assert browser.post(f"{ADMIN}add/", {"name": "Letters"}).status_code == 302
    shown = browser.get(ADMIN).text
    token = re.search(r"Your new token: (\w{64})", shown).group(1)
    assert opens(token)
    assert token not in browser.get(ADMIN).text
    assert "Letters" in browser.get(ADMIN).text


def listed(browser):
    return {row.note.name for row in browser.get(ADMIN).context["cl"].result_list}


def test_who_looks_after_a_site_sees_and_ends_the_tokens_of_its_people(dana, site):
    elsewhere = Site.objects.create(key="riverside", name={"en": "Riverside"}, zone="America/Chicago")
    ada, rita = somebody("ada", Role.ADMIN, site), somebody("rita", site=elsewhere)
    root = somebody("root", site=site, is_superuser=True)
    made = {user: tokens.make(user, name=user.username) for user in (dana, rita, root, ada)}
    assert listed(signed_in(dana)) == {"dana"}
    assert listed(signed_in(ada)) == {"ada", "dana"}
    assert listed(signed_in(root)) == {"ada", "dana", "rita", "root"}
    for user in (rita, root):
        signed_in(ada).post(f"{ADMIN}{made[user][1].pk}/delete/", {"post": "yes"})
        assert opens(made[user][0])
    signed_in(ada).post(f"{ADMIN}{made[dana][1].pk}/delete/", {"post": "yes"})
    assert not opens(made[dana][0])
    assert AuthToken.objects.count() == 3


def test_the_token_of_somebody_who_also_works_elsewhere_is_not_one_sites_to_end(site):
    elsewhere = Site.objects.create(key="riverside", name={"en": "Riverside"}, zone="America/Chicago")
    ada, boss = somebody("ada", Role.ADMIN, site), somebody("boss", Role.ADMIN)
    feed, left = somebody("feed", Role.CLIENT, site), somebody("left", site=site)
    for user, where in ((feed, elsewhere), (boss, site)):
        user.assignments.create(role=Role.SCHEDULER, site=where, starts_at=NOON)
    left.assignments.create(role=Role.SCHEDULER, site=elsewhere, starts_at=NOON, ends_at=NOON + timedelta(seconds=1))
    made = {user: tokens.make(user, name=user.username) for user in (ada, boss, feed, left)}
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        assert listed(signed_in(ada)) == {"ada", "left"}
        for user in (boss, feed):
            signed_in(ada).post(f"{ADMIN}{made[user][1].pk}/delete/", {"post": "yes"})
            assert opens(made[user][0])
        assert listed(signed_in(boss)) == {"ada", "boss", "feed", "left"}

"""Guessing passwords: how many are looked at, who gets in all the same, and what the log holds."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client

from core import clock as core_clock
from core import tasks
from core.accounts import devices
from core.accounts.actions import people
from core.accounts.tries import TooManyTries
from core.models import RateCount, User
from core.principal import Principal
from core.rates import Rate
from tests.factories.scheduler import make_site

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
RIGHT, LATER = "correct horse battery", "another long one"
SIGN_IN = "/admin/login/"


@pytest.fixture
def dana(db):
    user = User.objects.create_user("dana", email="dana@example.org", password=RIGHT, is_staff=True)
    user.assignments.create(role="scheduler", starts_at=NOON)
    return user


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def sign_in(browser, password, name="dana", **more):
    return browser.post(SIGN_IN, {"username": name, "password": password}, **more)


def said(answer):
    return " ".join(answer.context["form"].non_field_errors())


def looked_at(rf, clock, tries, *, name="dana", networks=100):
    """Return how many of the passwords that Mallory sends within an hour are looked at at all."""
    count = 0
    for number in range(tries):
        clock.shift(timedelta(hours=1) / tries)
        try:
            whence = f"198.18.{number % networks}.7"
            authenticate(rf.post(SIGN_IN, REMOTE_ADDR=whence), username=name, password=f"guess {number}")
        except TooManyTries:
            continue
        count += 1
    return count


@pytest.mark.parametrize("tries", [200, pytest.param(1000, marks=pytest.mark.full)])
def test_guesses_from_a_hundred_networks_are_twenty_in_an_hour_and_dana_still_gets_in(dana, rf, clock, tries):
    desk, elsewhere = Client(), Client(REMOTE_ADDR="203.0.113.9")
    assert sign_in(desk, RIGHT).status_code == 302
    desk.post("/admin/logout/")
    assert looked_at(rf, clock, tries) <= 20
    assert "Please try again in" in said(sign_in(elsewhere, RIGHT))
    assert sign_in(desk, RIGHT).status_code == 302


def test_twin_without_known_devices_dana_waits_with_the_strangers(dana, rf, clock, monkeypatch):
    monkeypatch.setattr(devices, "known", lambda request, user: "")
    desk = Client()
    assert sign_in(desk, RIGHT).status_code == 302
    desk.post("/admin/logout/")
    looked_at(rf, clock, 50)
    assert "try again" in said(sign_in(desk, RIGHT))


def test_without_the_count_every_guess_is_looked_at(dana, rf, clock, monkeypatch):
    monkeypatch.setattr(Rate, "take", lambda *_, **__: None)
    assert looked_at(rf, clock, 50) == 50


def test_guesses_at_many_accounts_from_one_network_end_as_well(dana, rf, clock):
    for number in range(30):
        assert authenticate(rf.post(SIGN_IN), username=f"name {number}", password="x") is None
    with pytest.raises(TooManyTries):
        authenticate(rf.post(SIGN_IN), username="dana", password=RIGHT)


def test_dana_may_mistype_nine_times_and_then_get_in(dana, clock):
    browser = Client()
    for _ in range(9):
        assert sign_in(browser, "wrong").status_code == 200
    assert sign_in(browser, RIGHT).status_code == 302


def test_after_too_many_tries_the_page_says_when_to_try_again_and_then_it_is_so(dana, clock):
    browser = Client()
    for _ in range(12):
        answer = sign_in(browser, "wrong")
    assert "try again in 6 minutes" in said(answer)
    assert "6 minutes" in said(sign_in(browser, RIGHT))
    clock.shift(timedelta(minutes=6))
    assert sign_in(browser, RIGHT).status_code == 302


def test_an_account_that_is_not_there_is_answered_like_one_that_is(dana, clock):
    for _ in range(12):
        there = sign_in(Client(REMOTE_ADDR="198.18.0.1"), "wrong")
        not_there = sign_in(Client(REMOTE_ADDR="198.18.9.1"), "wrong", name="nobody")
        assert said(there) == said(not_there)


@pytest.mark.parametrize("name", ["dana", "nobody"])
def test_a_wrong_password_costs_the_same_work_whether_the_account_is_there_or_not(dana, clock, monkeypatch, name):
    done, encode = [], MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *said: done.append(1) or encode(*said))
    sign_in(Client(), "wrong", name=name)
    assert done == [1]


def test_whoever_tries_a_locked_account_again_and_again_locks_out_nobody_near_by(dana, clock):
    User.objects.create_user("frank", password=RIGHT, is_staff=True)
    for _ in range(60):
        sign_in(Client(), "wrong")
    assert sign_in(Client(), RIGHT, name="frank").status_code == 302


def test_the_log_tells_of_each_try_without_a_name_or_an_address(dana, clock, caplog):
    caplog.set_level("INFO", "core")
    browser = Client(REMOTE_ADDR="203.0.113.9")
    for _ in range(11):
        sign_in(browser, "wr0ng-secret")
    lines = [record.getMessage() for record in caplog.records if record.name == "core.accounts.tries"]
    assert lines[0].startswith(f"password wrong: account {dana.pk}, network ")
    assert lines[-1].startswith(f"password not looked at: account {dana.pk}, network ")
    assert not [line for line in lines for told in ("dana", "203.0.113", "wr0ng") if told in line]


def test_a_device_is_known_for_its_own_account_and_its_own_password_only(dana, rf, clock):
    User.objects.create_user("mallory", password=RIGHT, is_staff=True)
    hers = Client()
    sign_in(hers, RIGHT, name="mallory")
    hers.post("/admin/logout/")
    looked_at(rf, clock, 50)
    assert "try again" in said(sign_in(hers, RIGHT))


def test_a_new_password_makes_the_devices_unknown_but_the_one_where_it_was_typed(dana, rf, clock):
    old, new = Client(), Client()
    for browser in (old, new):
        sign_in(browser, RIGHT)
    changed = {"old_password": RIGHT, "new_password1": LATER, "new_password2": LATER}
    assert new.post("/admin/password_change/", changed).status_code == 302
    assert old.get("/admin/").status_code == 302, "the session of the other device has ended"
    assert new.get("/admin/").status_code == 200
    new.post("/admin/logout/")
    looked_at(rf, clock, 50)
    assert "try again" in said(sign_in(old, LATER))
    assert sign_in(new, LATER).status_code == 302


def desk_after_an_administrator_set_a_password(dana, rf, clock):
    """Return what the desk, where Dana has signed in before, answers to her new password in an attack."""
    desk = Client()
    sign_in(desk, RIGHT)
    desk.post("/admin/logout/")
    lakeside = make_site()
    boss = User.objects.create_user("boss", is_staff=True)
    for user, role in ((dana, "scheduler"), (boss, "admin")):
        user.assignments.all().delete()
        user.assignments.create(role=role, site=lakeside, starts_at=NOON)
    looked_at(rf, clock, 50)
    by = Principal.of(boss, at=core_clock.now())
    how = {"name": "Dana Diaz", "email": dana.email, "is_active": True, "by": by, "at": core_clock.now()}
    people.change_account(dana, password=LATER, **how)
    looked_at(rf, clock, 50)
    return sign_in(desk, LATER)


def test_in_an_attack_a_password_that_an_administrator_sets_opens_on_the_owners_device(dana, rf, clock):
    assert desk_after_an_administrator_set_a_password(dana, rf, clock).status_code == 302


def test_twin_with_devices_told_by_the_password_its_owner_is_shut_out(dana, rf, clock, monkeypatch):
    marked = devices._mark

    def by_password(user, device, since, key=None):
        return marked(user, device, f"{since}:{user.password}", key)

    monkeypatch.setattr(devices, "_mark", by_password)
    assert "try again" in said(desk_after_an_administrator_set_a_password(dana, rf, clock))


def test_a_device_stays_known_when_the_server_gets_a_new_key_and_keeps_the_old_one(dana, rf, clock, settings):
    desk = Client()
    sign_in(desk, RIGHT)
    desk.post("/admin/logout/")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next one"  # pragma: allowlist secret
    looked_at(rf, clock, 50)
    assert sign_in(desk, RIGHT).status_code == 302


def test_whoever_finds_an_open_session_cannot_guess_its_password(dana, clock):
    browser = Client()
    sign_in(browser, RIGHT)
    guess = {"old_password": LATER, "new_password1": LATER, "new_password2": LATER}
    answers = [browser.post("/admin/password_change/", guess) for _ in range(11)]
    assert "entered incorrectly" in answers[0].context["form"].errors["old_password"][0]
    assert "try again in 6 minutes" in answers[-1].context["form"].errors["old_password"][0]


def test_a_known_device_may_not_guess_without_end_either(dana, clock):
    browser = Client()
    sign_in(browser, RIGHT)
    browser.post("/admin/logout/")
    for _ in range(11):
        answer = sign_in(browser, "wrong")
    assert "try again" in said(answer)


@pytest.mark.parametrize("cookie", ["", "|", "1:2:3:4", ":::", "1:x:9e9:", "1:x:²:", "é:1:1:1", "1:a:0:" + "0" * 64])
def test_a_made_up_device_is_an_unknown_one(dana, clock, cookie):
    browser = Client()
    browser.cookies["device"] = cookie
    assert sign_in(browser, RIGHT).status_code == 302


def test_counts_of_those_who_gave_up_are_forgotten(dana, clock):
    sign_in(Client(), "wrong")
    clock.shift(timedelta(minutes=5))
    tasks.prune()
    assert RateCount.objects.count() == 1, "the account's; the network's has been waited for"
    clock.shift(timedelta(minutes=2))
    tasks.prune()
    assert not RateCount.objects.exists()


def test_staff_are_signed_out_after_fifteen_minutes_without_a_click_and_told_why(dana, clock):
    browser = Client()
    sign_in(browser, RIGHT)
    for _ in range(6):
        clock.shift(timedelta(minutes=14))
        assert browser.get("/admin/").status_code == 200
    clock.shift(timedelta(minutes=15))
    away = browser.get("/admin/", follow=True)
    assert away.redirect_chain == [("/admin/login/?next=/admin/", 302)]
    assert "15 minutes" in away.text


def test_a_session_never_used_after_signing_in_ends_too(dana, clock):
    browser = Client()
    sign_in(browser, RIGHT)
    clock.shift(timedelta(minutes=15))
    assert browser.get("/admin/").status_code == 302
    assert browser.get("/api/v1/me/").status_code == 401


def test_staff_are_signed_out_after_twelve_hours_even_while_they_work(dana, clock):
    browser = Client()
    sign_in(browser, RIGHT)
    for _ in range(12 * 6 - 1):
        clock.shift(timedelta(minutes=10))
        assert browser.get("/api/v1/me/").status_code == 200
    clock.shift(timedelta(minutes=10))
    assert browser.get("/api/v1/me/").status_code == 401


def test_work_that_goes_on_writes_the_session_once_a_minute_at_most(dana, clock, django_assert_num_queries):
    browser = Client()
    sign_in(browser, RIGHT)
    browser.get("/api/v1/me/")
    clock.shift(timedelta(seconds=59))
    with django_assert_num_queries(5) as asked:
        assert browser.get("/api/v1/me/").status_code == 200
    assert not [query for query in asked if not query["sql"].startswith("SELECT")]

"""The first administrator: made by a command, refused in words where something cannot be."""

import io

import pytest
from django.core.management import CommandError, call_command

from core import clock
from core.models import User
from core.principal import Principal
from core.rights import Action, Subject, may, may_ever, sites_for
from core.roles import Role
from tests.factories.booking import make_user
from tests.factories.scheduler import make_site

pytestmark = pytest.mark.django_db
ADA = {"username": "ada", "name": "Ada Moss", "email": "ada@harbor.example"}
STRONG = "correct horse battery"  # pragma: allowlist secret


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())


def create(monkeypatch, password=STRONG, **changes):
    monkeypatch.setenv("MERIDIAN_ADMIN_PASSWORD", password)
    out = io.StringIO()
    call_command("create_admin", stdout=out, **ADA | changes)
    return out.getvalue()


def test_she_signs_in_and_may_set_up_every_site_there_is_and_will_be(monkeypatch, settings):
    told = create(monkeypatch)
    assert f"Ada Moss can sign in at {settings.PUBLIC_URL}/desk/ as ada." in told
    ada = User.objects.get()
    assert ada.check_password(STRONG)
    assert ada.is_staff
    assert not ada.is_superuser
    assert may(Principal.of(ada, at=clock.now()), Action.ADD_SITE, Subject())
    site = make_site("harbor")
    assert sites_for(Principal.of(ada, at=clock.now()), Action.EDIT_CATALOGUE) == {site.pk}


def test_the_administrator_of_one_site_adds_none():
    site = make_site("harbor")
    bo = Principal.of(make_user("bo", Role.ADMIN, site=site), at=clock.now())
    assert not may_ever(bo, Action.ADD_SITE)
    assert not may(bo, Action.ADD_SITE, Subject())
    assert sites_for(bo, Action.EDIT_CATALOGUE) == {site.pk}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"password": "short"}, "password"),  # pragma: allowlist secret
        ({"password": "meridian-demo"}, "password"),  # pragma: allowlist secret
        ({"email": "ada"}, "email"),
        ({"username": "a da"}, "username"),
        ({"name": " "}, "name"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field_and_nobody_is_added(monkeypatch, changes, field):
    with pytest.raises(CommandError) as said:
        create(monkeypatch, **changes)
    assert f"  {field}: " in str(said.value)
    assert not User.objects.exists()


class Terminal(io.StringIO):
    """Somebody sits there."""

    def isatty(self):
        return True


def test_in_a_terminal_she_hears_the_rule_first_and_types_again_only_what_was_wrong(monkeypatch):
    typed = iter(["ada", "Ada Moss", "ada", "ada@harbor.example"])
    passwords = iter(["short", "short", STRONG, "correct hoarse battery", STRONG, STRONG])
    shown = []
    out = io.StringIO()
    monkeypatch.delenv("MERIDIAN_ADMIN_PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("builtins.input", lambda asked: shown.append(asked) or next(typed))
    monkeypatch.setattr("getpass.getpass", lambda asked: shown.append(out.getvalue()) or next(passwords))
    call_command("create_admin", stdout=out)
    assert "at least 12 characters" in shown[3]
    assert "two different passwords" in out.getvalue()
    assert shown.count("E-mail: ") == 2
    assert shown.count("First and last name: ") == 1
    ada = User.objects.get()
    assert ada.check_password(STRONG)
    assert (ada.username, ada.get_full_name(), ada.email) == ("ada", "Ada Moss", "ada@harbor.example")


def test_who_leaves_a_question_unanswered_is_told_that_nothing_was_added(monkeypatch):
    monkeypatch.setattr("sys.stdin", Terminal())
    with pytest.raises(CommandError, match="Nothing was added"):
        call_command("create_admin")
    assert not User.objects.exists()


def test_a_name_is_given_once(monkeypatch):
    create(monkeypatch)
    with pytest.raises(CommandError, match="username"):
        create(monkeypatch)


def test_without_a_terminal_what_is_missing_is_named(monkeypatch):
    monkeypatch.delenv("MERIDIAN_ADMIN_PASSWORD", raising=False)
    with pytest.raises(CommandError) as said:
        call_command("create_admin", username="ada")
    assert "give --name, --email, MERIDIAN_ADMIN_PASSWORD" in str(said.value)

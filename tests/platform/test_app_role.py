"""The service's own role cannot rewrite history, whatever the code does."""

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from core.management.commands import grant_app_role
from local.services.data_folder import ROOT

LIMITS = {"statement_timeout": "5s", "lock_timeout": "2s", "idle_in_transaction_session_timeout": "30s"}
pytestmark = pytest.mark.django_db

REWRITES = (
    "UPDATE booking_change SET facts = '{}'",
    "DELETE FROM booking_change",
    "TRUNCATE booking_change",
    "DELETE FROM django_migrations",
    "CREATE TABLE of_its_own ()",
)


@pytest.fixture
def app_role() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = 'meridian_app'")
        if cursor.fetchone():
            return "meridian_app"
        cursor.execute("CREATE ROLE meridian_app_of_tests")  # a hand-made server, whose superuser runs the tests
    return "meridian_app_of_tests"


def as_role(role: str, statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")
        cursor.execute(statement)
        cursor.execute("RESET ROLE")


@pytest.mark.parametrize("statement", REWRITES)
def test_the_service_may_not_rewrite_what_is_append_only(app_role, statement):
    call_command("grant_app_role", role=app_role)
    with pytest.raises(ProgrammingError, match="permission denied"):
        as_role(app_role, statement)


def test_the_service_may_do_the_rest(app_role):
    call_command("grant_app_role", role=app_role)
    as_role(app_role, "UPDATE booking_change SET relayed_at = now()")
    as_role(app_role, "SELECT 1 FROM booking_change FOR UPDATE SKIP LOCKED")
    as_role(app_role, "DELETE FROM booking_hold")
    as_role(app_role, "SELECT nextval(pg_get_serial_sequence('booking_change', 'id'))")


def test_without_the_guard_history_could_be_rewritten(app_role):
    call_command("grant_app_role", role=app_role)
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT UPDATE, DELETE ON booking_change TO {app_role}")
    as_role(app_role, "DELETE FROM booking_change")


def test_granting_twice_changes_nothing(app_role):
    call_command("grant_app_role", role=app_role)
    call_command("grant_app_role", role=app_role)
    with pytest.raises(ProgrammingError, match="permission denied"):
        as_role(app_role, REWRITES[0])


def test_a_role_that_there_is_not_is_refused_in_words():
    with pytest.raises(CommandError, match="no database role nobody_here: create it"):
        call_command("grant_app_role", role="nobody_here")


def test_a_role_whose_sessions_know_no_end_is_told(app_role, capsys, monkeypatch):
    monkeypatch.setattr(grant_app_role, "LIMITS", {"idle_session_timeout"})
    call_command("grant_app_role", role=app_role)
    told = capsys.readouterr().out
    assert f"The role {app_role} has no idle_session_timeout: run deploy/postgres/role-settings.sql" in told
    monkeypatch.setattr(grant_app_role, "LIMITS", set())
    call_command("grant_app_role", role=app_role)
    assert capsys.readouterr().out == ""


def test_web_and_worker_end_what_is_slow_and_what_is_left_open():
    said = (ROOT / "deploy" / "postgres" / "role-settings.sql").read_text()
    for name, value in LIMITS.items():
        assert f"ALTER ROLE meridian_app SET {name} = '{value}';" in said
    assert "ALTER ROLE meridian_owner SET idle_in_transaction_session_timeout = '10min';" in said

"""One command starts everything, keeps it running, and takes everything along when it ends."""

import json
import os
import signal
import sys
import time
from pathlib import Path

import psycopg
import pytest

from local.commands.test import folder
from local.services.data_folder import free_port
from local.services.unprivileged_account import account, can_read
from tests.platform.running import Up, alive, eventually

pytestmark = pytest.mark.timeout(240)  # a busy machine starts slowly


@pytest.fixture(scope="module")
def up():
    with folder() as place, Up(place / "data", free_port(), "--no-demo") as running:
        yield running


@pytest.fixture(scope="module")
def env(up) -> str:
    """What `manage.py env` says while the service runs."""
    return up.run("env").stdout


def test_one_command_opens_the_site(up):
    assert up.page("/readyz") == 200
    assert up.page("/healthz") == 200
    assert f"http://127.0.0.1:{up.port}/" in up.said()


def test_the_other_commands_find_the_running_services(up, env):
    assert env.startswith("export DATABASE_URL=postgres://meridian_app:")
    asked = up.run("shell", "--no-imports", "-c", "from django.db import connection; connection.ensure_connection()")
    assert asked.returncode == 0, asked.stderr


def test_a_second_start_on_the_same_data_is_refused_in_words(up):
    for port in (up.port, free_port()):
        second = up.run("up", "--no-demo", "--port", str(port))
        assert second.returncode == 2
        assert "already runs" in second.stderr


def test_passwords_are_for_their_owner_alone(up):
    for name in ("secrets.json", "running.json"):
        assert (up.data / name).stat().st_mode & 0o077 == 0


SERVICE = ("web", "worker", "beat")


def of_process(pid: int, name: str) -> bytes:
    return Path(f"/proc/{pid}/{name}").read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what another process knows")
def test_web_worker_and_beat_know_the_service_role_alone(up):
    known = json.loads((up.data / "secrets.json").read_text())
    for name in SERVICE:
        said = of_process(up.children()[name], "environ")
        assert known["meridian_app"].encode() in said
        assert b"DATABASE_OWNER_URL" not in said
        assert not [role for role in ("meridian_owner", "postgres") if known[role].encode() in said]


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root lends other accounts")
def test_started_by_root_they_run_as_an_account_that_reads_neither_passwords_nor_the_database_files(up):
    numbers = {int(of_process(up.children()[name], "status").split(b"Uid:")[1].split()[0]) for name in SERVICE}
    assert len(numbers) == 1
    service = account(numbers.pop())
    assert service.uid not in {0, (up.data / "postgres").stat().st_uid}
    secret = [up.data / "secrets.json", up.data / "running.json", up.data / "postgres" / "PG_VERSION"]
    assert not [path for path in secret if can_read(service, path)]


def test_the_service_role_can_become_nobody_else_and_rewrites_no_history(env):
    url = env.split("DATABASE_URL=")[1].splitlines()[0]
    with psycopg.connect(url, autocommit=True) as database:
        for act in ("SET ROLE meridian_owner", "SET ROLE postgres", "DELETE FROM booking_change",
                    "UPDATE booking_change SET facts = '{}'", "ALTER TABLE booking_change DISABLE TRIGGER ALL",
                    "COPY booking_change TO PROGRAM 'id'"):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                database.execute(act)


def test_what_dies_starts_again(up):
    before = up.children()
    for name in ("beat", "valkey"):
        os.kill(before[name], signal.SIGKILL)
    assert eventually(lambda: all(up.children().get(n, before[n]) != before[n] for n in ("beat", "valkey")), 15)
    assert "beat: ended (killed by SIGKILL), starts again at once" in up.said()
    assert up.page("/healthz") == 200


def test_sigterm_stops_everything_and_leaves_no_orphan(up):
    running = up.children()
    began = time.monotonic()
    assert up.end() == 0
    assert time.monotonic() - began < 10
    assert not alive(running.values())
    assert up.page("/healthz") == 0
    assert not (up.data / "running.json").exists()


@pytest.mark.full
def test_a_start_after_a_kill_continues_where_it_was(up):
    up.end()  # where this test runs alone, no other has ended it
    port = free_port()
    with Up(up.data, port, "--no-demo") as first:
        left = first.children()
        os.kill(left["web"], signal.SIGSTOP)  # it cannot hear that its supervisor is gone, and keeps the port
        assert first.end(signal.SIGKILL) == -signal.SIGKILL
    with Up(up.data, port, "--no-demo") as second:
        assert "web: stopped one that was left from before" in second.said()
        assert not alive(left.values())
        assert second.page("/readyz") == 200
        assert second.end(signal.SIGINT) == 0


@pytest.mark.full
def test_the_demo_clinic_is_open_at_the_first_start_and_at_the_second():
    with folder() as place:
        for _ in range(2):
            with Up(place / "data", free_port()) as running:
                assert running.page("/") == 200
                assert "/demo/outbox/" in running.said()
                assert running.end() == 0

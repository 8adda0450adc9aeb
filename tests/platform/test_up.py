"""One command starts everything, keeps it running, and takes everything along when it ends."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from config.child import started
from config.commands.test import folder
from config.services.account import account, can_read
from config.services.folder import ROOT, free_port

PATIENCE = 180.0
NO_MAIL = "smtp://127.0.0.1:9"


class Up:
    """A started `manage.py up` on a data folder of its own."""

    def __init__(self, data: Path, port: int, *options: str) -> None:
        self.data, self.port, self.out = data, port, data.parent / f"{data.name}.out"
        kept = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "REDIS_URL", "MERIDIAN_DEMO"}}
        self.environment = {**kept, "MERIDIAN_VENV": sys.prefix, "MERIDIAN_DATA": str(data)}
        if "--no-demo" in options:
            self.environment["EMAIL_URL"] = NO_MAIL
        self.command = [sys.executable, "manage.py", "up", "--port", str(port), *options]
        with self.out.open("w") as out:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdout=out, stderr=subprocess.STDOUT
            )

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)

    def __enter__(self) -> "Up":
        assert eventually(lambda: self.process.poll() is not None or "Stop with Ctrl-C" in self.said()), self.said()
        assert self.process.poll() is None, self.said()
        return self

    def __exit__(self, *_) -> None:
        self.process.kill()
        self.process.wait()

    def children(self) -> dict[str, int]:
        told = self.data / "running.json"
        if not told.exists():
            return {}
        return {name: pid for name, (pid, _) in json.loads(told.read_text())["children"].items()}

    def page(self, path: str) -> int:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            line.request("GET", path)
            return line.getresponse().status
        except OSError:
            return 0
        finally:
            line.close()

    def said(self) -> str:
        return self.out.read_text()

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(timeout=20)


def eventually(true, seconds=PATIENCE) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if true():
            return True
        time.sleep(0.05)
    return False


def alive(pids) -> list[int]:
    return [pid for pid in pids if started(pid)]


pytestmark = pytest.mark.timeout(240)  # a busy machine starts slowly


@pytest.fixture(scope="module")
def up():
    with folder() as place, Up(place / "data", free_port(), "--no-demo") as running:
        yield running


def test_one_command_opens_the_site(up):
    assert up.page("/readyz") == 200
    assert up.page("/healthz") == 200
    assert f"http://127.0.0.1:{up.port}/" in up.said()


def test_the_other_commands_find_the_running_services(up):
    told = up.run("env")
    assert told.stdout.startswith("export DATABASE_URL=postgres://meridian_app:")
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


def test_the_service_role_can_become_nobody_else_and_rewrites_no_history(up):
    url = up.run("env").stdout.split("DATABASE_URL=")[1].splitlines()[0]
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
    assert "beat: ended (killed by SIGKILL), starts again in 1 s" in up.said()
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
    with Up(up.data, free_port(), "--no-demo") as first:
        left = first.children()
        assert first.end(signal.SIGKILL) == -signal.SIGKILL
    with Up(up.data, free_port(), "--no-demo") as second:
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

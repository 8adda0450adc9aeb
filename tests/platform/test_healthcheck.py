"""In a container, what hangs is ended by the one who looks after its health, and starts again."""

import os
import signal
import subprocess
import time

import pytest

from local.processes import healthcheck, heartbeat
from local.processes.heartbeat import PATIENCE, Heartbeat


@pytest.fixture
def worker(tmp_path, monkeypatch):
    """A process that has left its number where its signs of life are."""
    monkeypatch.setenv(heartbeat.FILE, str(tmp_path / "heartbeat"))
    with subprocess.Popen(["sleep", "60"]) as process:
        (tmp_path / "heartbeat").write_text(str(process.pid))
        os.kill(process.pid, signal.SIGSTOP)
        yield process
        process.kill()


def sign(seconds_ago: float) -> None:
    moment = time.monotonic() - seconds_ago
    os.utime(os.environ[heartbeat.FILE], (moment, moment))


def test_one_that_gave_a_sign_lives(worker):
    sign(PATIENCE - 5)
    assert healthcheck.main() == 0
    assert worker.poll() is None


def test_one_that_gave_none_for_half_a_minute_is_ended(worker):
    sign(PATIENCE + 5)
    assert healthcheck.main() == 1
    assert worker.wait(timeout=5) == -signal.SIGKILL
    assert healthcheck.main() == 1


def test_one_that_has_not_begun_is_given_time(tmp_path, monkeypatch):
    monkeypatch.setenv(heartbeat.FILE, str(tmp_path / "heartbeat"))
    assert healthcheck.main() == 1


def test_a_number_that_is_nobodys_any_more_ends_nobody(tmp_path):
    with subprocess.Popen(["true"]) as gone:
        gone.wait()
    signs = Heartbeat(tmp_path / "heartbeat")
    signs.path.write_text(str(gone.pid))
    os.utime(signs.path, (1, 1))
    assert healthcheck.check(signs, now=time.monotonic()) == 1

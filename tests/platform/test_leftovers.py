"""What a killed `up` has left is ended before the next one looks for its port; strangers are left alone."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from config.child import LINUX, RUN, started
from config.commands import up
from config.leftovers import clear, end_leftovers
from config.services.folder import DataFolder, Running
from config.unready import Unready
from tests.platform.running import eventually

KEEPS_A_PORT = """
import socket, time
listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
time.sleep(60)
"""
AND_STARTS_ONE = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {KEEPS_A_PORT!r}]).wait()"


@pytest.fixture
def killed(tmp_path, monkeypatch):
    """A folder whose last `up` was killed and left a web server behind that still has the port."""
    monkeypatch.setenv("MERIDIAN_DATA", str(tmp_path))
    monkeypatch.setattr(up, "check_reach", lambda *_: None)
    with subprocess.Popen(
        [sys.executable, "-c", KEEPS_A_PORT], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as web:
        children: dict[str, list[object]] = {"web": [web.pid, started(web.pid)]}
        DataFolder(tmp_path).tell(Running(pid=1, environment={}, children=children))
        yield int(web.stdout.readline())
        web.kill()


def test_dana_starts_again_on_the_same_port_after_the_supervisor_was_killed(killed):
    up.check(["--port", str(killed)])


def test_twin_without_the_clearing_the_port_is_said_to_be_taken(killed, monkeypatch):
    monkeypatch.setattr(up, "clear", lambda _data: None)
    with pytest.raises(Unready, match="is taken"):
        up.check(["--port", str(killed)])


def test_a_running_one_is_never_taken_for_a_leftover(killed, tmp_path):
    running = DataFolder(tmp_path)
    running.take()
    with pytest.raises(Unready, match="already runs"):
        up.check(["--port", str(killed)])
    with pytest.raises(OSError, match="in use"), socket.socket() as probe:
        probe.bind(("127.0.0.1", killed))
    running.release()


@pytest.mark.skipif(not LINUX, reason="only Linux shows the environment of other processes")
def test_what_a_dead_child_of_a_killed_run_has_started_is_ended_too(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", AND_STARTS_ONE], stdout=subprocess.PIPE, env=os.environ | {RUN: "tuesday"}
    ) as leader:
        leader.stdout.readline()
        grandchild = int(subprocess.check_output(["/bin/ps", "-o", "pid=", "--ppid", str(leader.pid)], text=True))
        leader.kill()
        data = DataFolder(tmp_path)
        data.tell(Running(pid=1, environment={}, children={}, run="monday"))
        clear(data)
        assert started(grandchild)
        data.tell(Running(pid=1, environment={}, children={}, run="tuesday"))
        clear(data)
        assert eventually(lambda: started(grandchild) is None, 5)


def test_what_a_killed_run_left_is_ended_at_the_next_start():
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as left:
        assert end_leftovers({"worker": [left.pid, started(left.pid)]}) == ["worker"]
        assert left.wait(timeout=5) != 0


def test_one_that_does_not_hear_is_ended_all_the_same():
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as left:
        os.kill(left.pid, signal.SIGSTOP)
        end_leftovers({"worker": [left.pid, started(left.pid)]}, patience=0.1)
        assert left.wait(timeout=5) < 0


def test_a_stranger_with_the_same_number_is_left_alone():
    with subprocess.Popen(["sleep", "60"]) as stranger:
        assert end_leftovers({"worker": [stranger.pid, "another time"]}) == []
        assert stranger.poll() is None
        stranger.kill()

"""What a killed `up` has left is ended before the next one starts; strangers are left alone."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from local.child import LINUX, RUN, Child, ChildProgram, started
from local.commands import up
from local.commands.test import folder
from local.leftovers import clear, end_inside, end_leftovers, inside
from local.services import postgres
from local.services.data_folder import DataFolder, Running
from local.services.installed_programs import programs_for
from local.services.unprivileged_account import unprivileged
from local.setup_error import SetupError
from tests.platform.running import eventually

KEEPS_A_PORT = """
import socket, time
listening = socket.create_server(("127.0.0.1", 0))
print(listening.getsockname()[1], flush=True)
time.sleep(60)
"""
STARTS_ONE = """
import subprocess
one = subprocess.Popen(["sleep", "60"])
print(one.pid, flush=True)
one.wait()
"""


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
    with pytest.raises(SetupError, match="is taken"):
        up.check(["--port", str(killed)])


def test_a_running_one_is_never_taken_for_a_leftover(killed, tmp_path):
    running = DataFolder(tmp_path)
    running.take()
    with pytest.raises(SetupError, match="already runs"):
        up.check(["--port", str(killed)])
    with pytest.raises(OSError, match="in use"), socket.socket() as probe:
        probe.bind(("127.0.0.1", killed))
    running.release()


@pytest.mark.skipif(not LINUX, reason="only Linux shows the environment of other processes")
def test_what_a_dead_child_of_a_killed_run_has_started_is_ended_too(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", STARTS_ONE], stdout=subprocess.PIPE, env=os.environ | {RUN: "tuesday"}
    ) as leader:
        grandchild = int(leader.stdout.readline())
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


@pytest.fixture
def frozen() -> Iterator[ChildProgram]:
    """A database that stood still with its sessions, and whose server alone has been killed."""
    with folder() as place:
        data = DataFolder(place)
        data.make()
        who = unprivileged(owner_of=data.path / "postgres")
        program = postgres.prepare(data, programs_for(who, data.path), who, lasting=False)
        cluster = data.path / "postgres"
        server = Child(program)
        assert eventually(server.ready, 60), server.tail()
        with psycopg.connect(postgres.superuser_url(data)):
            for pid in (server.pid, *inside(cluster, "postgres")):
                os.kill(pid, signal.SIGSTOP)
            server.kill()
        yield program
        postgres.clear(cluster)


@pytest.mark.full
@pytest.mark.skipif(not LINUX, reason="only Linux shows where other processes work")
def test_a_database_whose_sessions_outlived_it_starts_again(frozen):
    again = Child(frozen)
    assert eventually(lambda: again.ready() or again.ended() is not None, 60)
    assert again.ended() is None, again.tail()
    again.kill()


@pytest.mark.full
@pytest.mark.skipif(not LINUX, reason="only Linux shows where other processes work")
def test_twin_without_the_clearing_such_a_database_never_starts(frozen):
    for _ in range(2):
        again = Child(replace(frozen, clear=lambda: None))
        assert eventually(lambda again=again: again.ended() is not None, 60)
        assert "is still in use" in again.tail()


def test_a_person_who_looks_into_the_folder_and_a_database_elsewhere_are_left_alone(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "postgres").symlink_to("/bin/sleep")
    sleeps = [tmp_path / "postgres", "60"]
    with (
        subprocess.Popen(["sleep", "60"], cwd=tmp_path) as person,
        subprocess.Popen(sleeps, cwd=tmp_path / "elsewhere") as other,
        subprocess.Popen(sleeps, cwd=tmp_path) as left,
    ):
        assert eventually(lambda: left.pid in inside(tmp_path, "postgres"), 5)  # it has its name by then
        assert end_inside(tmp_path, "postgres") == []
        assert (person.poll(), other.poll(), left.wait(timeout=5)) == (None, None, -signal.SIGKILL)
        person.kill()
        other.kill()


@pytest.mark.parametrize("said", ["", "stranger"])
def test_a_file_of_a_server_that_is_no_more_keeps_none_from_starting(tmp_path, said):
    file = tmp_path / "postmaster.pid"
    file.write_text(f"{os.getpid()}\n" if said else "")
    postgres.clear(tmp_path)
    assert not file.exists()

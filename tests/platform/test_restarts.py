"""When what has ended starts again, and when what runs counts as hung."""

import json
import os
import select
import signal
import socket
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.monitoring.progress import LONGEST_STEP
from local import probes, supervised
from local.child import ChildProgram
from local.probes import Probe
from local.processes.heartbeat import PATIENCE, Heartbeat
from local.processes.worker import moment_of_life
from local.services.data_folder import DataFolder
from local.setup_error import SetupError
from local.supervised import START_PATIENCE, Supervised, wait_before_start
from local.supervisor import Supervisor
from tests.platform.running import alive, eventually


@pytest.fixture
def sleeper(tmp_path):
    return ChildProgram("sleeper", ("sleep", "60"), tmp_path / "log", lambda _: True, dict(os.environ))


@pytest.fixture
def running(sleeper):
    each = Supervised(sleeper)
    each.start()
    yield each
    if each.child:
        each.child.kill()


@given(st.integers(0, 1_000_000), st.sampled_from([5.0, 30.0]))
def test_however_often_it_fails_the_wait_stays_short(failed, longest):
    assert 0 <= wait_before_start(failed, longest) <= longest


def test_twin_a_wait_that_doubles_without_end_becomes_no_number():
    with pytest.raises(OverflowError):
        2.0 ** (1025 - 1)


def test_a_crash_loop_of_a_week_waits_each_time_a_little(sleeper):
    each, now, waits = Supervised(sleeper), 0.0, []
    while now < 7 * 24 * 3600:
        waits.append(each.ended(at=now))
        now = each.again_at + 0.1
    assert waits[:7] == [0.5, 1, 2, 4, 8, 16, 30]
    assert len(waits) > 20_000
    assert set(waits[7:]) == {30}


def test_what_was_ready_starts_again_at_once_however_often_it_is_killed(sleeper):
    each = Supervised(sleeper)
    for second in range(0, 5_000, 2):
        each.ready_at = float(second)
        assert each.ended(at=second + 1.5) == 0


def test_what_is_ready_for_a_blink_and_dies_is_given_time(sleeper):
    each = Supervised(sleeper)
    each.ended(at=0)
    each.ready_at = 10.0
    assert each.ended(at=10.2) == 1


def test_a_program_without_signs_is_left_alone_once_it_is_ready(running):
    assert running.check()
    assert running.silent_for(at=time.monotonic() + 10_000, heard_since=0) is None


def test_one_that_never_becomes_ready_is_ended(running):
    at = running.began_at
    assert running.silent_for(at=at + START_PATIENCE - 1, heard_since=0) is None
    assert running.silent_for(at=at + START_PATIENCE + 1, heard_since=0)


def keeping(program: Supervised, folder: Path) -> Supervisor:
    """Return a supervisor that keeps one program."""
    supervisor = Supervisor(DataFolder(folder))
    supervisor.keep(program)
    return supervisor


@pytest.fixture
def hung(sleeper, tmp_path):
    """A worker that gave its last sign a long time ago."""
    lives = Heartbeat(tmp_path / "sleeper.heartbeat")
    each = Supervised(ChildProgram(**{**vars(sleeper), "lives": lives}))
    each.start()
    assert each.check()
    each.began_at = each.ready_at = time.monotonic() - PATIENCE - 1
    lives.give(each.began_at)
    yield each
    if each.child:
        each.child.kill()


def test_a_hung_worker_is_replaced(hung, tmp_path, capsys):
    supervisor, before = keeping(hung, tmp_path), hung.child.pid
    supervisor.turn()
    assert "sleeper: gave no sign of life for 31 s and is ended" in capsys.readouterr().out
    assert eventually(lambda: supervisor.turn() or (hung.child and hung.child.pid != before), 5)


def test_one_that_gives_signs_is_left_alone(hung, tmp_path):
    hung.program.lives.give()
    keeping(hung, tmp_path).turn()
    assert hung.child.ended() is None


def test_after_the_whole_machine_stood_still_everybody_may_speak_first(hung):
    now = time.monotonic()
    assert hung.silent_for(at=now, heard_since=0)
    assert hung.silent_for(at=now, heard_since=now - 1) is None


def test_signs_are_dated_by_elapsed_time_and_not_by_the_clock_on_the_wall(tmp_path):
    lives = Heartbeat(tmp_path / "one")
    assert lives.last() == 0
    lives.give()
    assert abs(lives.last() - time.monotonic()) < 1
    assert lives.holder() == os.getpid()
    lives.forget()
    assert lives.last() == 0


def test_a_disk_that_takes_nothing_stops_no_one(tmp_path):
    lives = Heartbeat(tmp_path / "not" / "there" / "one")
    lives.give()
    lives.forget()
    assert lives.last() == 0


def test_threads_that_all_hang_fall_silent_after_a_minute_and_a_half_and_busy_ones_do_not():
    def silence(**facts: float) -> float:
        return 1000 - moment_of_life(now=1000, oldest_step=None, **facts)

    assert silence(all_busy=False, last_step=0) == 0
    assert silence(all_busy=True, last_step=1000 - LONGEST_STEP / 2) == 0
    assert silence(all_busy=True, last_step=1000 - LONGEST_STEP - 1) > PATIENCE


def test_a_hung_round_of_mail_falls_silent_after_a_minute_and_a_half_whatever_the_other_threads_do():
    def silence(since: float) -> float:
        return 1000 - moment_of_life(now=1000, all_busy=False, last_step=1000, oldest_step=1000 - since)

    assert silence(LONGEST_STEP / 2) == 0
    assert silence(LONGEST_STEP + 1) > PATIENCE


@pytest.fixture
def server():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)
        yield listening


def heard(line: socket.socket) -> bool:
    """Whether somebody has said something on a line, or called where one listens."""
    return bool(select.select([line], [], [], 0)[0])


def test_a_server_that_answers_lives_and_one_that_only_listens_does_not(server, monkeypatch):
    monkeypatch.setattr(probes, "EVERY", 0)
    probe = Probe(*server.getsockname(), b"PING\r\n")
    probe.last()
    line, _ = server.accept()
    assert eventually(lambda: probe.last() == 0 and heard(line), 5)
    assert line.recv(10) == b"PING\r\n"
    assert probe.last() == 0
    line.send(b"-NOAUTH\r\n")
    assert eventually(lambda: probe.last() > 0, 5)
    line.close()
    probe.forget()
    assert probe.last() == 0
    probe.forget()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_a_web_server_is_heard_at_an_address_of_either_kind_and_by_name(monkeypatch, host):
    monkeypatch.setattr(probes, "EVERY", 0)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, 0), family=family)
    except OSError:
        pytest.skip(f"this machine has no {host}")
    with listening:
        probe = probes.web(host, listening.getsockname()[1])
        probe.last()
        listening.settimeout(5)
        line, _ = listening.accept()
        with line:
            line.send(b"HTTP/1.1 200 OK\r\n")
            assert eventually(lambda: probe.last() > 0, 5)
        probe.forget()


def test_a_name_that_leads_nowhere_is_said_at_the_start():
    with pytest.raises(SetupError, match="no address of nowhere"):
        probes.web("nowhere.invalid", 80)


def test_a_server_that_is_not_there_is_asked_again(monkeypatch, server):
    monkeypatch.setattr(probes, "EVERY", 0)
    address = server.getsockname()
    server.close()
    probe = Probe(*address, b"PING\r\n")
    for _ in range(5):
        assert probe.last() == 0
    with socket.create_server(address) as again:
        again.settimeout(5)
        assert eventually(lambda: probe.last() == 0 and heard(again), 5)
        probe.forget()


def test_a_missing_program_is_said_and_tried_again(tmp_path, capsys, sleeper):
    each = Supervised(ChildProgram(**{**vars(sleeper), "command": (str(tmp_path / "gone"),)}))
    keeping(each, tmp_path).turn()
    assert "sleeper: did not start (No such file or directory), again in 0.5 s" in capsys.readouterr().out


def test_a_worker_that_falls_while_the_clinic_opens_starts_again_and_takes_nobody_with_it(running, tmp_path, capsys):
    fell = tmp_path / "fell"
    falls = f"test -e {fell} && exec sleep 60; touch {fell}; exit 1"  # as on a disk that is full for a moment
    worker = {"name": "worker", "command": ("sh", "-c", falls), "ready": lambda _: fell.exists()}
    supervisor = keeping(running, tmp_path)
    running.child.kill()  # and the web server falls as well
    try:
        supervisor.start_beside(ChildProgram(**{**vars(running.program), **worker}))
        assert eventually(lambda: supervisor.turn() or (running.child and running.check()), 5)
        told = json.loads((tmp_path / "running.json").read_text())["children"]
        assert len(alive([told["sleeper"][0], told["worker"][0]])) == 2
        assert "sleeper: ended" in capsys.readouterr().out
    finally:
        supervisor.stop()


def test_the_terminal_may_go_away(monkeypatch, hung, tmp_path):
    def gone(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("builtins.print", gone)
    keeping(hung, tmp_path).turn()
    assert hung.child.ended() in (None, -signal.SIGKILL)


def test_times_fit_together():
    assert supervised.STEADY < PATIENCE < START_PATIENCE
    assert probes.PATIENCE + probes.EVERY < PATIENCE

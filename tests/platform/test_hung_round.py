"""A round of mail that hangs: nobody else can begin one, so the worker is to be replaced."""

import time
from contextlib import nullcontext
from threading import Event, Thread

import pytest

from core.monitoring import progress
from local.processes import heartbeat
from local.processes.worker import Heartbeats, note_step
from notifications import tasks


@pytest.fixture
def last_sign(monkeypatch, tmp_path):
    """Let a round hang, and the sweep ring twice meanwhile; return the seconds since the worker's sign after that."""
    monkeypatch.setenv(heartbeat.FILE, str(tmp_path / "worker"))
    monkeypatch.setattr(progress, "LONGEST_STEP", 0.0)
    monkeypatch.setattr(tasks.Sweep.objects, "count_one", lambda: None)
    begun, let_go = Event(), Event()

    def hang(**_):
        begun.set()
        let_go.wait(20)

    def silence() -> float:
        monkeypatch.setattr(tasks.rounds, "run", hang)
        hanging = Thread(target=tasks.dispatch)
        hanging.start()
        assert begun.wait(10)
        for _ in range(2):
            note_step()
            tasks.sweep()
            note_step()
        signs = Heartbeats(None)
        signs.give(2)
        let_go.set()
        hanging.join()
        return time.monotonic() - signs.heartbeat.last()

    return silence


def test_a_worker_whose_round_hangs_falls_silent_though_its_other_thread_hears_each_bell(last_sign):
    assert last_sign() > heartbeat.PATIENCE


def test_twin_without_the_moment_of_the_round_itself_the_bells_hide_that_it_hangs(last_sign, monkeypatch):
    monkeypatch.setattr(progress, "noted_each_step", nullcontext)
    assert last_sign() < heartbeat.PATIENCE

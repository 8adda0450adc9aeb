"""The beat rings by elapsed time, whatever the clock on the wall does, and waits for no broker."""

from datetime import datetime, timedelta

import pytest
from celery.beat import Scheduler
from kombu.exceptions import OperationalError

from local.processes.beat import EVERY, Beat, app
from local.processes.schedule import SWEEP_SECONDS

NINE = datetime.fromisoformat("2026-11-25T09:00:05+00:00")
SWEEP = "notifications.tasks.sweep"


class Clocks:
    """A clock on the wall that may be set, and the time that passes."""

    def __init__(self) -> None:
        self.wall, self.elapsed, self.rung = NINE, 1000.0, []

    def pass_(self, seconds: int, beat: Scheduler) -> list[str]:
        """Let time pass in steps of at most ten seconds; return what was rung."""
        self.rung.clear()
        step = min(10, seconds)
        for _ in range(seconds // step):
            self.wall, self.elapsed = self.wall + timedelta(seconds=step), self.elapsed + step
            beat.tick()
        return list(self.rung)


@pytest.fixture
def clocks(monkeypatch):
    made = Clocks()
    monkeypatch.setattr(app, "now", lambda: made.wall)
    monkeypatch.setattr(app, "send_task", lambda task, *_, **__: made.rung.append(task))
    monkeypatch.setattr("celery.schedules.BaseSchedule.now", lambda _: made.wall)
    return made


@pytest.fixture
def beat(clocks):
    made = Beat(app)
    made.elapsed = lambda: clocks.elapsed
    return made


def test_a_sweep_is_rung_at_the_start_and_every_thirty_seconds(beat, clocks):
    assert clocks.pass_(1, beat) == [SWEEP]
    assert clocks.pass_(10 * SWEEP_SECONDS, beat).count(SWEEP) == 10


@pytest.mark.parametrize("hours", [-1, -24, 1, 24])
def test_alices_confirmation_is_swept_up_though_the_clock_is_set(beat, clocks, hours):
    clocks.pass_(60, beat)
    clocks.wall += timedelta(hours=hours)
    assert clocks.pass_(5 * 60, beat).count(SWEEP) == 10


def test_twin_celerys_own_scheduler_falls_silent_for_an_hour(clocks):
    own = Scheduler(app)
    assert SWEEP in clocks.pass_(60, own)
    clocks.wall -= timedelta(hours=1)
    assert SWEEP not in clocks.pass_(50 * 60, own)


def test_hourly_work_goes_on_after_the_clock_was_set_back(beat, clocks):
    clocks.pass_(60, beat)
    clocks.wall -= timedelta(hours=3)
    assert clocks.pass_(3600, beat).count("booking.tasks.tidy") == 1


def test_nothing_is_rung_twice_in_its_hour(beat, clocks):
    assert clocks.pass_(3600, beat).count("booking.tasks.tidy") == 1


def test_what_the_broker_did_not_take_stays_due(beat, clocks, monkeypatch):
    def away(*_: object, **__: object) -> None:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(app, "send_task", away)
        assert clocks.pass_(100, beat) == []
    assert SWEEP in clocks.pass_(int(EVERY), beat)  # not only when it is next due

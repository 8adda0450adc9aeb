"""What happens by the clock happens however often the beat is started again."""

from celery.schedules import crontab

from local.processes.beat import app
from local.processes.schedule import SCHEDULE, SWEEP_SECONDS


def test_days_and_hours_are_told_by_the_clock_and_not_counted_from_a_start():
    counted = {name for name, entry in SCHEDULE.items() if not isinstance(entry["schedule"], crontab)}
    assert counted == {"send what is due"}


def test_sweeps_that_nobody_took_do_not_pile_up():
    assert SCHEDULE["send what is due"]["options"] == {"expires": SWEEP_SECONDS}


def test_the_beat_takes_the_schedule():
    assert set(app.conf.beat_schedule) == set(SCHEDULE)
    assert app.conf.timezone == "UTC"

"""When kept time opens to whom: days of the clinic's calendar, hours of the sun, and no step backwards."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.audience import ReleaseStage
from scheduler.catalogue.fixture_files import fixture
from scheduler.release import NEVER, SINCE_EVER, Postponement, next_stage, opening, releases, stage_at

CHICAGO = ZoneInfo("America/Chicago")
ZONES = [
    "America/Chicago", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/Havana",
]  # fmt: skip
USUAL = releases(fixture("family-holds")["release_policy_default"])
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TICKS_OF_A_YEAR = st.integers(0, 366 * 24 * 12)


def start_of(tick: int) -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC) + tick * timedelta(minutes=5)


def wall(text: str, zone: ZoneInfo = CHICAGO) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def test_the_stages_of_the_data_open_one_after_the_other():
    start = wall("2026-07-16 14:00")
    assert opening(USUAL, start, zone=CHICAGO) == (
        SINCE_EVER, wall("2026-07-09 14:00"), start - 72 * HOUR, start - 24 * HOUR,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("start", "week_before", "hours"),
    [
        ("2026-11-03 10:00", "2026-10-27 10:00", 169),  # the clocks went back in between
        ("2026-03-10 10:00", "2026-03-03 10:00", 167),  # and forward
        ("2026-03-15 02:30", "2026-03-08 03:00", 168 - 0.5),  # half past two did not exist a week before
        ("2026-11-08 01:30", "2026-11-01 01:30", 169),  # it was half past one twice: the first counts
    ],
)
def test_a_week_before_is_the_same_time_of_day_whatever_the_clock_did(start, week_before, hours):
    at = wall(start)
    program = opening(USUAL, at, zone=CHICAGO)[ReleaseStage.PROGRAM]
    assert program == wall(week_before)
    assert at - program == timedelta(hours=hours)


@given(st.sampled_from(ZONES), TICKS_OF_A_YEAR)
def test_hours_are_true_hours_on_every_day_of_the_year_and_days_keep_the_time_of_day(zone, tick):
    zone, start = ZoneInfo(zone), start_of(tick)
    families, program, known, everyone = opening(USUAL, start, zone=zone)
    assert (start - known, start - everyone) == (72 * HOUR, 24 * HOUR)
    assert families == SINCE_EVER < program <= known
    there, then = start.astimezone(zone), program.astimezone(zone)
    assert (there.date() - then.date()).days == 7
    # Only where the clock jumped over that time of day is it another: the next that the clock did read.
    assert then.time() == there.time() or then.utcoffset() != (then - 2 * HOUR).astimezone(zone).utcoffset()


@given(
    st.sampled_from(ZONES), TICKS_OF_A_YEAR,
    st.lists(st.tuples(st.integers(0, 200), st.integers(1, 100)), max_size=3),
)  # fmt: skip
def test_nothing_that_was_open_closes_and_the_wider_never_come_before_the_narrower(zone, tick, put_off):
    zone, start = ZoneInfo(zone), start_of(tick)
    postponed = [Postponement(start - (a + b) * HOUR, start - a * HOUR) for a, b in put_off]
    before, after = opening(USUAL, start, zone=zone), opening(USUAL, start, zone=zone, postponed=postponed)
    assert list(after) == sorted(after)
    first = min((one.made_at for one in postponed), default=NEVER)
    for stage in ReleaseStage:
        assert after[stage] >= before[stage]
        assert after[stage] == before[stage] or before[stage] > first


def test_whoever_keeps_it_longer_puts_off_the_stages_to_come_alone():
    start = wall("2026-07-16 14:00")
    kept = [Postponement(made_at=start - 30 * HOUR, until=start - 12 * HOUR)]
    found = opening(USUAL, start, zone=CHICAGO, postponed=kept)
    assert (start - found[ReleaseStage.KNOWN], start - found[ReleaseStage.EVERYONE]) == (72 * HOUR, 12 * HOUR)
    assert stage_at(found, start - 20 * HOUR) is ReleaseStage.KNOWN
    assert next_stage(found, start - 20 * HOUR) == (ReleaseStage.EVERYONE, start - 12 * HOUR)
    assert next_stage(found, start - 12 * HOUR) is None


@pytest.mark.parametrize(
    "policy",
    [
        [],
        [{"at": "created", "to": "linked_families"}],  # it would never be everybody's
        [{"at": "-24h", "to": "everyone"}, {"at": "-72h", "to": "all_eligible_patients"}],
        [{"at": "-24h", "to": "all_eligible_patients"}, {"at": "-72h", "to": "everyone"}],
        [{"at": "-24h", "to": "everyone"}, {"at": "-12h", "to": "everyone"}],
        [{"at": "24h", "to": "everyone"}],
        [{"at": "-0d", "to": "everyone"}],
        [{"at": "-24h", "to": "friends"}],
        [{"at": "-24h", "to": "everyone", "why": "so"}],
        ["-24h"],
    ],
)
def test_stages_that_nobody_could_follow_are_refused(policy):
    with pytest.raises(ValueError, match="stage"):
        releases(policy)


def test_stages_may_be_left_out_and_everyone_is_let_in_by_the_widest():
    start = wall("2026-07-16 14:00")
    found = opening(releases([{"at": "-2d", "to": "everyone"}]), start, zone=CHICAGO)
    assert set(found) == {start - 2 * DAY}
    assert stage_at(found, start - 3 * DAY) is None
    assert stage_at(found, start - DAY) is ReleaseStage.EVERYONE

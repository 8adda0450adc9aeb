"""From wall time to UTC: whoever works from nine to five does so on every day of the year, clock changes included."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.calendars.hours import (
    Rule,
    clash,
    days_filled,
    open_weeks,
    periods,
    split,
    ticks_inside,
    ticks_touched,
    wall_instant,
)
from scheduler.ticks import TICK, TICKS_A_WEEK, WEEK, each, instant

CHICAGO = ZoneInfo("America/Chicago")
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)
SUNDAY, MONDAY = 7, 1
ZONES = [
    "America/Chicago",
    "America/New_York",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "America/Havana",
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def wall(text: str) -> time:
    return time.fromisoformat(text)


def on(day: date, starts: str, ends: str) -> list[tuple[datetime, datetime]]:
    rule = Rule(weekday=day.isoweekday(), starts=wall(starts), ends=wall(ends))
    return list(periods([rule], zone=CHICAGO, first_on=day, last_on=day))


@pytest.mark.parametrize(
    ("starts", "ends", "hours"),
    [
        ("01:00", "03:00", 3),
        ("00:00", "01:00", 1),
        ("01:00", "02:00", 2),
        ("00:00", "02:00", 3),
        ("02:00", "03:00", 1),
        ("09:00", "17:00", 8),
    ],
)
def test_dr_li_who_works_through_the_night_when_the_clocks_go_back_works_the_doubled_hour_twice(starts, ends, hours):
    ((start, end),) = on(AUTUMN, starts, ends)
    assert end - start == timedelta(hours=hours)


@pytest.mark.parametrize(("day", "hours"), [(AUTUMN, 25), (SPRING, 23), (date(2026, 6, 7), 24)])
def test_a_clinic_that_is_open_until_24_00_is_open_all_of_a_day_whether_or_not_the_clocks_change(day, hours):
    ((start, end),) = on(day, "00:00", "00:00")
    assert end - start == timedelta(hours=hours)
    ((next_start, _),) = on(day + timedelta(days=1), "00:00", "09:00")
    assert next_start == end


@pytest.mark.parametrize(("day", "ends"), [("2026-03-07", "2026-03-08 05:00"), ("2026-10-31", "2026-11-01 04:00")])
def test_an_evening_until_24_00_ends_once_where_the_clocks_change_at_midnight_itself(day, ends):
    havana, saturday = ZoneInfo("America/Havana"), date.fromisoformat(day)
    rule = Rule(weekday=6, starts=wall("20:00"), ends=wall("00:00"))
    ((start, end),) = periods([rule], zone=havana, first_on=saturday, last_on=saturday)
    assert (end, end - start) == (at(ends), timedelta(hours=4))


def test_a_closure_through_the_doubled_hour_lasts_that_hour_longer_and_one_through_the_swallowed_hour_none():
    doubled = days_filled(AUTUMN, AUTUMN, zone=CHICAGO, starts=wall("01:00"), ends=wall("02:00"))
    assert doubled == (at("2026-11-01 06:00"), at("2026-11-01 08:00"))
    swallowed = days_filled(SPRING, SPRING, zone=CHICAGO, starts=wall("02:00"), ends=wall("03:00"))
    assert swallowed[0] == swallowed[1]
    start, end = days_filled(AUTUMN, AUTUMN, zone=CHICAGO)
    assert end - start == timedelta(hours=25)


def test_a_night_shift_entered_as_two_intervals_does_not_clash_at_midnight():
    evening = Rule(weekday=1, starts=wall("18:00"), ends=wall("00:00"), valid_from=date(2026, 1, 5))
    night = Rule(weekday=2, starts=wall("00:00"), ends=wall("06:00"), valid_from=date(2026, 1, 5))
    late = Rule(weekday=1, starts=wall("23:30"), ends=wall("23:55"), valid_from=date(2026, 1, 5))
    assert clash(evening, night, zones=(CHICAGO, CHICAGO)) is None
    assert clash(evening, late, zones=(CHICAGO, CHICAGO)) is not None


def test_two_intervals_that_meet_in_the_doubled_hour_neither_overlap_nor_leave_a_gap():
    ((_, first_ends),), ((second_starts, _),) = on(AUTUMN, "00:00", "01:30"), on(AUTUMN, "01:30", "03:00")
    assert first_ends == second_starts == at("2026-11-01 06:30")


@pytest.mark.parametrize(
    ("starts", "ends", "utc"),
    [
        ("02:30", "04:00", ("2026-03-08 08:00", "2026-03-08 09:00")),
        ("01:00", "02:30", ("2026-03-08 07:00", "2026-03-08 08:00")),
        ("01:00", "04:00", ("2026-03-08 07:00", "2026-03-08 09:00")),
    ],
)
def test_half_past_two_does_not_exist_when_the_clocks_go_forward(starts, ends, utc):
    assert on(SPRING, starts, ends) == [(at(utc[0]), at(utc[1]))]


def test_work_that_lies_wholly_in_the_hour_that_the_clock_swallows_does_not_take_place():
    assert on(SPRING, "02:00", "03:00") == []


def test_work_every_second_week_is_counted_from_the_week_in_which_it_begins():
    thursday = date(2026, 10, 8)
    rule = Rule(weekday=MONDAY, starts=wall("09:00"), ends=wall("10:00"), every_weeks=2, valid_from=thursday)
    days = [date(2026, 10, 5) + WEEK * n for n in range(5)]
    assert [rule.holds_on(day) for day in days] == [False, False, True, False, True]


def test_work_ends_before_its_last_date_and_begins_on_its_first():
    rule = Rule(
        weekday=MONDAY, starts=wall("09:00"), ends=wall("10:00"),
        valid_from=date(2026, 10, 5), valid_to=date(2026, 10, 19),
    )  # fmt: skip
    assert [rule.holds_on(date(2026, 10, 5) + WEEK * n) for n in range(-1, 3)] == [False, True, True, False]


def test_a_sunday_evening_in_chicago_lies_in_the_next_utc_week():
    rule = Rule(weekday=SUNDAY, starts=wall("18:00"), ends=wall("20:00"))
    first, second = open_weeks([rule], zone=CHICAGO, shut=[], first_week=date(2026, 10, 5), weeks=2)
    assert next(each(first, total=TICKS_A_WEEK)) == 0
    assert first.bit_count() == second.bit_count() == 24
    assert first & 1, "the Sunday before midnight UTC is the last of this week"


def test_a_practitioner_who_is_away_for_seven_minutes_is_away_for_every_tick_that_they_touch():
    rule = Rule(weekday=MONDAY, starts=wall("09:00"), ends=wall("10:00"))
    away = (at("2026-10-05 14:04"), at("2026-10-05 14:11"))
    (week,) = open_weeks([rule], zone=CHICAGO, shut=[away], first_week=date(2026, 10, 5), weeks=1)
    assert week.bit_count() == 12 - 3


walls = st.integers(0, 287).map(lambda n: time(n // 12, n % 12 * 5))
rules = st.builds(
    lambda weekday, one, other, every, first: Rule(
        weekday=weekday, starts=min(one, other), ends=max(one, other), every_weeks=every, valid_from=first
    ),
    st.integers(1, 7), walls, walls, st.integers(1, 4), st.dates(date(2025, 1, 1), date(2026, 12, 31)),
).filter(lambda rule: rule.starts < rule.ends)  # fmt: skip
zones = st.sampled_from(ZONES).map(ZoneInfo)
weeks = st.integers(0, 104).map(lambda n: date(2025, 1, 6) + WEEK * n)


@settings(max_examples=20)
@given(rule=rules, zone=zones, week=weeks)
def test_a_tick_is_open_exactly_when_the_wall_clock_reads_working_hours(rule, zone, week):
    (bits,) = open_weeks([rule], zone=zone, shut=[], first_week=week, weeks=1)
    found = set(each(bits, total=TICKS_A_WEEK))
    for tick in range(TICKS_A_WEEK):
        local = instant(tick, origin=week).astimezone(zone)
        reads = rule.holds_on(local.date()) and rule.starts <= local.time() < rule.ends
        if doubled_hour(local):
            continue
        assert reads == (tick in found)


def doubled_hour(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


@given(rule=rules, zone=zones, week=weeks, count=st.integers(1, 5))
def test_the_open_minutes_of_the_weeks_are_those_of_the_intervals(rule, zone, week, count):
    found = open_weeks([rule], zone=zone, shut=[], first_week=week, weeks=count)
    start, end = instant(0, origin=week), instant(0, origin=week + WEEK * count)
    meant = periods([rule], zone=zone, first_on=week - WEEK, last_on=week + WEEK * (count + 1))
    total = sum((max(min(b, end) - max(a, start), timedelta()) for a, b in meant), timedelta())
    assert sum(w.bit_count() for w in found) * TICK == total


@given(rule=rules, zone=zones, week=weeks, start=st.integers(0, 10080), length=st.integers(1, 3000))
def test_no_tick_that_a_closure_touches_is_open_and_all_others_are_as_before(rule, zone, week, start, length):
    shut = (
        instant(0, origin=week) + timedelta(minutes=start),
        instant(0, origin=week) + timedelta(minutes=start + length),
    )
    (before,) = open_weeks([rule], zone=zone, shut=[], first_week=week, weeks=1)
    (after,) = open_weeks([rule], zone=zone, shut=[shut], first_week=week, weeks=1)
    touched = ticks_touched(shut, origin=week, total=TICKS_A_WEEK)
    assert after == before & ~touched


@given(start=st.integers(-100, 20000), length=st.integers(0, 20000))
def test_what_lies_inside_a_period_is_touched_by_it_and_whole_ticks_are_both(start, length):
    week = date(2026, 10, 5)
    period = (
        instant(0, origin=week) + timedelta(minutes=start),
        instant(0, origin=week) + timedelta(minutes=start + length),
    )
    inside, touched = (f(period, origin=week, total=TICKS_A_WEEK) for f in (ticks_inside, ticks_touched))
    assert inside & ~touched == 0
    if start % 5 == length % 5 == 0:
        assert inside == touched


@given(zone=zones, day=st.dates(date(2020, 1, 1), date(2030, 1, 1)), one=walls, other=walls)
def test_a_later_wall_time_is_never_an_earlier_instant(zone, day, one, other):
    first, second = sorted((one, other))
    assert wall_instant(day, first, zone=zone) <= wall_instant(day, second, zone=zone)


@given(bits=st.integers(0, 2 ** (3 * TICKS_A_WEEK) - 1))
def test_weeks_put_in_a_row_again_are_the_stretch(bits):
    first, second, third = split(bits, 3)
    assert ((first << TICKS_A_WEEK | second) << TICKS_A_WEEK) | third == bits


@settings(max_examples=50)
@given(one=rules, other=rules)
def test_two_rules_clash_exactly_when_some_day_holds_both(one, other):
    met = clash(one, other, zones=(CHICAGO, CHICAGO))
    days = [date(2025, 1, 1) + timedelta(days=n) for n in range(900)]
    both = [d for d in days if one.holds_on(d) and other.holds_on(d)]
    overlap = max(one.starts, other.starts) < min(one.ends, other.ends)
    swallowed = (
        both
        and overlap
        and max(one.starts, other.starts) >= wall("02:00")
        and min(one.ends, other.ends) <= wall("03:00")
    )
    if not swallowed:
        assert bool(met) == bool(both and overlap)


def test_hours_that_have_ended_do_not_clash_with_those_that_follow():
    rule = {"weekday": MONDAY, "starts": wall("09:00"), "ends": wall("12:00")}
    old = Rule(**rule, valid_from=date(2026, 1, 5), valid_to=date(2026, 10, 5))
    new = Rule(**rule, valid_from=date(2026, 10, 5))
    assert clash(old, new, zones=(CHICAGO, CHICAGO)) is None


def test_a_morning_in_chicago_clashes_with_the_same_hours_told_in_new_york():
    chicago = Rule(weekday=MONDAY, starts=wall("09:00"), ends=wall("10:00"), valid_from=date(2026, 1, 5))
    new_york = Rule(weekday=MONDAY, starts=wall("10:00"), ends=wall("11:00"), valid_from=date(2026, 1, 5))
    zones = (CHICAGO, ZoneInfo("America/New_York"))
    assert clash(chicago, new_york, zones=zones) == (at("2026-01-05 15:00"), at("2026-01-05 16:00"))

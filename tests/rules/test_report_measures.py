"""Measures from counts of appointments, and the days of a report: figures that are worked out by hand."""

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from booking.reports.chart import DrawnPoint, bars, columns, top_of
from booking.reports.check_measures import AnsweredCount, DecidedCount, review_turnaround, screening_completion
from booking.reports.measures import Figure, share, spread
from booking.reports.periods import UnusableDates, ended_quarters, last_weeks, typed_days
from booking.reports.time_measures import (
    PlaceCount,
    TimeCount,
    concurrency,
    fill,
    use_of_hands,
    use_of_places,
)
from booking.reports.visit_measures import (
    RefillCount,
    VisitCount,
    backfill,
    late_cancel,
    lead_time,
    no_show,
    no_show_of_all,
    on_time,
    time_to_refill,
)
from booking.status import Status

TODAY = date(2026, 10, 7)
"""A Wednesday."""

WEEK = [
    VisitCount(status=Status.FULFILLED, lead=1, number=6),
    VisitCount(status=Status.FULFILLED, lead=12, number=2),
    VisitCount(status=Status.NOSHOW, lead=30, number=2),
    VisitCount(status=Status.CANCELLED, late=True, lead=3, number=1),
    VisitCount(status=Status.CANCELLED, lead=40, number=4),
    VisitCount(status=Status.BOOKED, lead=0, number=1),
]
"""Sixteen that were booked: eight took place, two did not come, five were cancelled, one is not noted yet."""


def test_who_did_not_come_is_counted_of_those_who_came_or_did_not():
    assert no_show(WEEK) == Figure(part=2, whole=10, value=0.2)


def test_who_cancelled_late_is_counted_of_all_that_were_booked():
    assert late_cancel(WEEK) == Figure(part=1, whole=16, value=1 / 16)


def test_how_long_people_wait_leaves_out_what_was_cancelled():
    # 0, 1 six times, 12 twice, 30 twice: the sixth of eleven is 1, and ten of them are 30 or less.
    assert lead_time(WEEK) == Figure(whole=11, value=1, high=30)


@pytest.mark.parametrize(
    ("numbers", "middle", "high"),
    [({3: 1}, 3, 3), ({1: 1, 2: 1}, 1.5, 2), ({1: 9, 50: 1}, 1, 1), ({1: 8, 50: 2}, 1, 50), ({-0: 4, 10: 6}, 10, 10)],
)
def test_half_are_at_the_median_or_below_and_nine_of_ten_at_the_second_number(numbers, middle, high):
    assert (spread(numbers).value, spread(numbers).high) == (middle, high)


def test_what_began_ten_minutes_late_at_most_began_on_time_and_what_nobody_noted_counts_for_nothing():
    noted = [VisitCount(status=Status.FULFILLED, on_time=True, number=3), VisitCount(status="fulfilled", on_time=False)]
    assert on_time([*noted, VisitCount(status=Status.FULFILLED, number=9)]) == Figure(part=3, whole=4, value=0.75)
    assert on_time([VisitCount(status=Status.FULFILLED)]).value is None


def test_who_did_not_come_is_counted_of_all_that_were_booked_as_well():
    assert no_show_of_all(WEEK) == Figure(part=2, whole=16, value=0.125)


def test_a_cancelled_time_is_filled_again_after_so_many_minutes_or_not_at_all():
    cancelled = [RefillCount(number=5), RefillCount(minutes=30, number=2), RefillCount(minutes=600)]
    assert backfill(cancelled) == Figure(part=3, whole=8, value=0.375)
    assert time_to_refill(cancelled) == Figure(whole=3, value=30, high=600)


def test_time_is_used_by_hands_by_anybody_and_by_several_at_once():
    # The example of three rooms: seven appointments of an hour in a session of four.
    session = [TimeCount(works=240, hands=175, anybody=235), TimeCount(patients=7 * 60)]
    assert use_of_hands(session) == Figure(part=175, whole=240, value=175 / 240)
    assert fill(session).value == 235 / 240
    assert concurrency(session) == Figure(part=420, whole=240, value=1.75)
    assert concurrency([TimeCount(works=240, patients=3 * 60)]).value == 0.75
    assert use_of_places([PlaceCount(open=600, taken=210), PlaceCount(open=0, taken=0)]).value == 0.35
    assert fill([]).value is None


def test_answers_count_when_they_came_a_day_before_and_decisions_by_how_long_they_took():
    assert screening_completion([AnsweredCount(in_time=True, number=3), AnsweredCount(in_time=False)]).value == 0.75
    waits = [DecidedCount(minutes=60, number=8), DecidedCount(minutes=1500, number=2), DecidedCount(minutes=-1)]
    assert review_turnaround(waits) == Figure(whole=11, value=60, high=1500)


def test_where_nobody_came_there_is_no_share_and_no_median():
    assert share(0, 0).value is None
    assert spread({}) == Figure(whole=0)
    assert no_show([VisitCount(status=Status.CANCELLED)]).value is None


def test_an_appointment_that_somebody_made_as_it_began_waited_no_day():
    assert lead_time([VisitCount(status=Status.FULFILLED, lead=-1)]).value == 0


def test_the_last_four_weeks_are_over_and_whole():
    found = last_weeks(4, today=TODAY)
    assert (found.first_on, found.last_on) == (date(2026, 9, 7), date(2026, 10, 4))
    assert found.mondays == [date(2026, 9, day) for day in (7, 14, 21, 28)]


def test_two_dates_touch_each_week_that_they_lie_in():
    found = typed_days("9/30/2026", "2026-10-05", today=TODAY)
    assert found.mondays == [date(2026, 9, 28), date(2026, 10, 5)]


def test_a_day_is_the_clinics_also_when_the_clocks_go_back():
    start, end = typed_days("11/1/2026", "11/1/2026", today=date(2026, 11, 2)).span(ZoneInfo("America/Chicago"))
    assert (end.astimezone(ZoneInfo("UTC")) - start.astimezone(ZoneInfo("UTC"))).total_seconds() == 25 * 3600


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("1/1/2026", "", "Two dates are needed."),
        ("soon", "1/1/2026", "“soon” is no date"),
        ("2/30/2026", "3/1/2026", "February 2026 has 28 days"),
        ("3/2/2026", "3/1/2026", "turn them round"),
        ("10/1/2026", "10/8/2026", "looks back"),
        ("10/1/2025", "10/6/2026", "a year at most"),
    ],
)
def test_dates_of_which_there_is_no_report_are_refused_with_what_to_do(first, last, said):
    with pytest.raises(UnusableDates) as refused:
        typed_days(first, last, today=TODAY)
    assert said in refused.value.words


def test_a_quarter_is_the_calendars_and_only_those_that_are_over_are_offered():
    found = ended_quarters(4, today=date(2027, 1, 19))
    assert [(one.first_on, one.last_on) for one in found[:2]] == [
        (date(2026, 10, 1), date(2026, 12, 31)), (date(2026, 7, 1), date(2026, 9, 30)),
    ]  # fmt: skip
    assert all(earlier.last_on + timedelta(days=1) == later.first_on for later, earlier in pairwise(found))


@pytest.mark.parametrize(
    ("most", "top"), [(0, 1), (0.07, 0.1), (0.2, 0.2), (0.21, 0.25), (0.3, 0.5), (3, 5), (60, 100)]
)
def test_a_drawing_ends_at_a_round_number(most, top):
    assert top_of([most]) == pytest.approx(top)


def test_a_column_is_as_high_as_its_share_of_the_scale_and_what_is_not_known_has_none():
    points = [DrawnPoint(value=0.5, label="a", says="a"), DrawnPoint(value=None, label="b", says="b")]
    half, nothing = columns(points, scale=[(0, "0"), (1, "1")]).bars
    assert (half.y, half.high) == ("92", "82")
    assert nothing.nothing
    assert not half.nothing


def test_names_stand_before_bars_and_are_cut_where_they_are_too_long():
    points = [DrawnPoint(value=1, label="Physiatrist visit with acupuncture", says="x")]
    (bar,) = bars(points, scale=[(0, "0"), (2, "2")]).bars
    assert (bar.label, bar.wide) == ("Physiatrist visit w…", "108")

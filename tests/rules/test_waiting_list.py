"""Who is told of a time that opens, who first, and until when it is kept for them."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from booking.waiting import matching
from booking.waiting.matching import AnswerTime, OfferRules, OpenTime, OrderBy, Waiting

CHICAGO = ZoneInfo("America/Chicago")
LI, KIM = uuid4(), uuid4()
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
RULES = OfferRules(
    order=tuple(OrderBy),
    at_once=3,
    answer_times=(
        AnswerTime(ahead=72 * HOUR, lasts=12 * HOUR),
        AnswerTime(ahead=24 * HOUR, lasts=2 * HOUR),
        AnswerTime(ahead=0 * HOUR, lasts=20 * MINUTE),
    ),
    min_notice=90 * MINUTE,
    quiet=(time(21), time(8)),
    a_day=1,
    a_week=3,
)


def local(day, hour, minute=0):
    """Return a time of October 2026 in Chicago; the fifth is a Monday."""
    return datetime(2026, 10, day, hour, minute, tzinfo=CHICAGO).astimezone(UTC)


AT = local(5, 9)
OPENING = OpenTime(start=local(8, 10), practitioner=LI, languages=frozenset({"en", "es"}), zone=CHICAGO)
ANYTHING = Waiting(entry=1, since=local(1, 9))


@pytest.mark.parametrize(
    ("preferences", "suits"),
    [
        ({}, True),
        ({"practitioner": LI}, True),
        ({"practitioner": KIM}, False),
        ({"part_of_day": "morning"}, True),
        ({"part_of_day": "afternoon"}, False),
        ({"weekdays": frozenset({4})}, True),
        ({"weekdays": frozenset({1, 5})}, False),
        ({"language": "es"}, True),
        ({"language": "ko"}, False),
        ({"earliest": date(2026, 10, 8), "latest": date(2026, 10, 8)}, True),
        ({"earliest": date(2026, 10, 9)}, False),
        ({"latest": date(2026, 10, 7)}, False),
        ({"notice": 73 * HOUR}, True),
        ({"notice": 74 * HOUR}, False),
        ({"before": local(8, 11)}, True),
        ({"before": local(8, 10)}, False),
        ({"asked_of": frozenset({local(8, 9)})}, True),
        ({"asked_of": frozenset({local(8, 10)})}, False),
    ],
)
def test_a_time_is_offered_to_those_whom_it_suits(preferences, suits):
    assert matching.fits(replace(ANYTHING, **preferences), OPENING, RULES, at=AT) is suits


@pytest.mark.parametrize("named", list(matching.PREFERENCES))
def test_each_wish_is_asked_by_the_table_alone(named, monkeypatch):
    picky = {
        "with whom": {"practitioner": KIM},
        "part of the day": {"part_of_day": "evening"},
        "weekday": {"weekdays": frozenset({7})},
        "language": {"language": "ko"},
        "dates": {"latest": date(2026, 10, 1)},
        "notice": {"notice": 1000 * HOUR},
        "earlier than their own": {"before": local(7, 10)},
        "not offered before": {"asked_of": frozenset({OPENING.start})},
    }[named]
    one = replace(ANYTHING, **picky)
    assert not matching.fits(one, OPENING, RULES, at=AT)
    monkeypatch.setattr(
        matching, "PREFERENCES", {name: ask for name, ask in matching.PREFERENCES.items() if name != named}
    )
    assert matching.fits(one, OPENING, RULES, at=AT)


def test_what_begins_within_ninety_minutes_is_offered_to_nobody():
    assert matching.fits(ANYTHING, OPENING, RULES, at=OPENING.start - 90 * MINUTE)
    assert not matching.fits(ANYTHING, OPENING, RULES, at=OPENING.start - 89 * MINUTE)
    assert not matching.fits(ANYTHING, OPENING, RULES, at=OPENING.start + MINUTE)


def test_the_order_is_that_of_the_data_and_of_two_alike_who_has_waited_longer_comes_first():
    long_here = replace(ANYTHING, entry=1)
    asked_once = replace(ANYTHING, entry=2, notified=1)
    new = replace(ANYTHING, entry=3, since=local(4, 9))
    there_anyway = replace(ANYTHING, entry=4, since=local(4, 9), here_on=frozenset({4}), notified=2)
    soon = replace(ANYTHING, entry=5, since=local(5, 8), priority=1, notified=3)
    everybody = [new, asked_once, soon, long_here, there_anyway]
    assert [one.entry for one in matching.in_order(everybody, OPENING, RULES)] == [5, 4, 1, 3, 2]
    by_wait = replace(RULES, order=(OrderBy.WAITING_SINCE,))
    assert [one.entry for one in matching.in_order(everybody, OPENING, by_wait)] == [1, 2, 3, 4, 5]


def test_one_offer_a_day_and_three_in_seven_days_whatever_they_wait_for():
    def told(*asked_at):
        return matching.may_be_asked(replace(ANYTHING, asked_at=asked_at), RULES, at=AT, zone=CHICAGO)

    assert told()
    assert not told(local(5, 8))
    assert told(local(4, 23))  # yesterday, by the clinic's calendar
    assert told(local(3, 9), local(2, 9))
    assert not told(local(4, 9), local(3, 9), local(2, 9))
    assert told(local(4, 9), local(3, 9), AT - timedelta(days=7))


@pytest.mark.parametrize(("hour", "quiet"), [(7, True), (8, False), (20, False), (21, True), (23, True), (0, True)])
def test_nobody_is_asked_at_night(hour, quiet):
    assert matching.is_quiet(RULES, at=local(6, hour), zone=CHICAGO) is quiet
    assert (matching.asked_first([ANYTHING], OPENING, RULES, at=local(6, hour)) == []) is quiet


@pytest.mark.parametrize(
    ("at", "start", "until"),
    [
        (local(5, 9), local(9, 10), local(5, 21) + 11 * HOUR + 12 * HOUR),  # it would end at night: the next evening
        (local(5, 8), local(9, 10), local(5, 20)),
        (local(5, 9), local(7, 10), local(5, 11)),
        (local(5, 9), local(5, 14), local(5, 9, 20)),
        (local(5, 20), local(7, 10), local(6, 10)),  # two hours, from the morning on
        (local(5, 20, 50), local(6, 9), local(6, 7, 30)),  # never later than it could still be offered
    ],
)
def test_an_offer_stands_by_how_near_its_time_is_and_does_not_end_at_night(at, start, until):
    assert matching.answer_by(start, RULES, at=at, zone=CHICAGO) == until

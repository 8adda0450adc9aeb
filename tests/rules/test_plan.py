"""When something is said: quiet hours, changes of the clocks, and words that come too late."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.public import Stage, stage_of
from core.policies.content import read_content
from notifications import plan as rules
from notifications.change_messages import kind_of_change
from notifications.plan import SEND, VisitState, next_try_at
from notifications.reminder_plan import REMINDER_PLAN, as_reminder_plan
from notifications.status import OF_A_CLOSURE, DeliveryReason, MessageKind

PLAN = as_reminder_plan(read_content(REMINDER_PLAN.content, REMINDER_PLAN.first_content()), version=1)
judge, reminders, words_for = (
    partial(rule, plan=PLAN) for rule in (rules.judge, rules.reminders, rules.planned_messages)
)
news_waits_until, quiet_until = partial(rules.change_waits_until, plan=PLAN), partial(rules.quiet_until, plan=PLAN)
useful_until = partial(rules.useful_until, plan=PLAN)

CHICAGO = ZoneInfo("America/Chicago")
ZONES = [
    CHICAGO,
    *map(ZoneInfo, ("America/Phoenix", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns")),
]
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
STARTS = st.builds(
    lambda day, minute: NEW_YEAR + timedelta(days=day, minutes=minute), st.integers(3, 403), st.integers(0, 1439)
)


def chicago(*wall):
    return datetime(*wall, tzinfo=CHICAGO)


def visit(starts_at, *, version=0, stage=Stage.STANDS, zone=CHICAGO):
    ends_at = starts_at + timedelta(hours=1)
    return VisitState(version=version, stage=stage, starts_at=starts_at, ends_at=ends_at, zone=zone, asked=True)


KEPT_UNTIL = chicago(2026, 12, 1, 10, 30)


@pytest.mark.parametrize(
    ("kind", "stage"),
    [(MessageKind.CODE, Stage.ASKED_FOR), (MessageKind.LINK, Stage.ASKED_FOR), (MessageKind.REMINDER, Stage.STANDS)],
)
def test_nothing_is_said_of_a_time_that_was_kept_for_a_while_and_is_free_again(kind, stage):
    kept = replace(visit(chicago(2026, 12, 8, 10), stage=stage), kept_until=KEPT_UNTIL)
    verdicts = [
        judge(kind, kept, version=0, offset_minutes=0, at=at) for at in (KEPT_UNTIL - timedelta(seconds=1), KEPT_UNTIL)
    ]
    assert verdicts[0] == SEND
    assert verdicts[1].reason is DeliveryReason.NOT_STANDING


def test_a_code_is_tried_as_long_as_the_time_is_kept_and_no_longer():
    kept = replace(visit(chicago(2026, 12, 8, 10), stage=Stage.ASKED_FOR), kept_until=KEPT_UNTIL)
    assert useful_until(MessageKind.CODE, kept, offset_minutes=0) == KEPT_UNTIL


def due_in_chicago(starts_at):
    return [f"{planned.due_at.astimezone(CHICAGO):%b %d %H:%M}" for planned in reminders(starts_at, zone=CHICAGO)]


def test_alice_is_reminded_three_days_and_one_day_before_at_the_hour_of_her_visit():
    assert due_in_chicago(chicago(2026, 12, 8, 10)) == ["Dec 05 10:00", "Dec 07 10:00"]


def test_a_visit_at_eight_is_reminded_of_at_eight_in_the_evening_before_the_quiet_hours():
    assert due_in_chicago(chicago(2026, 12, 8, 8)) == ["Dec 04 20:00", "Dec 06 20:00"]


def test_an_evening_visit_is_reminded_of_an_hour_before_the_quiet_hours_begin():
    assert due_in_chicago(chicago(2026, 12, 8, 21)) == ["Dec 05 20:00", "Dec 07 20:00"]


def test_nine_oclock_is_not_quiet_any_more():
    assert due_in_chicago(chicago(2026, 12, 8, 9)) == ["Dec 05 09:00", "Dec 07 09:00"]


@pytest.mark.parametrize(("day", "hours"), [((2026, 3, 8), 23), ((2026, 11, 1), 25)])
def test_the_reminder_keeps_the_wall_clock_over_a_change_of_the_clocks(day, hours):
    starts_at = chicago(*day, 10)
    last = reminders(starts_at, zone=CHICAGO)[-1]
    assert last.due_at.astimezone(CHICAGO).time() == time(10)
    assert starts_at.astimezone(UTC) - last.due_at == timedelta(hours=hours)


@pytest.mark.parametrize("step", [245, pytest.param(5, marks=pytest.mark.full)], ids="every {} minutes".format)
@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_no_reminder_is_ever_due_in_the_quiet_hours_or_less_than_its_days_before(zone, step):
    for minute in range(0, 400 * 1440, step):
        starts_at = NEW_YEAR + timedelta(minutes=minute)
        wall = starts_at.astimezone(zone).replace(tzinfo=None)
        said = reminders(starts_at, zone=zone)
        assert len(said) == 2
        for planned in said:
            due = planned.due_at.astimezone(zone).replace(tzinfo=None)
            early = wall - timedelta(minutes=planned.offset_minutes) - due
            assert time(9) <= due.time() < time(21)
            assert timedelta() <= early <= timedelta(hours=13)


@given(starts_at=STARTS, zone=st.sampled_from(ZONES))
def test_reminders_come_in_order_and_before_the_visit(starts_at, zone):
    first, second = reminders(starts_at, zone=zone)
    assert (first.offset_minutes, second.offset_minutes) == (4320, 1440)
    assert first.due_at < second.due_at < starts_at


@given(starts_at=STARTS, zone=st.sampled_from(ZONES), ahead=st.integers(0, 200 * 60))
def test_a_visit_booked_after_a_reminder_was_due_does_without_it(starts_at, zone, ahead):
    since = starts_at - timedelta(minutes=ahead)
    said = words_for(visit(starts_at, zone=zone), change=MessageKind.CONFIRMATION, since=since, at_once=True)
    assert said[0].kind is MessageKind.CONFIRMATION
    assert said[0].due_at == since
    assert all(planned.due_at > since for planned in said[1:])
    assert len(said) == 1 + sum(planned.due_at > since for planned in reminders(starts_at, zone=zone))


def test_a_cancelled_visit_is_not_reminded_of():
    gone, since = visit(chicago(2026, 12, 8, 10), stage=Stage.CALLED_OFF), chicago(2026, 11, 1)
    said = words_for(gone, change=MessageKind.CANCELLED, since=since, at_once=False)
    assert [planned.kind for planned in said] == [MessageKind.CANCELLED]


def test_words_about_an_older_version_are_dropped():
    now = visit(chicago(2026, 12, 8, 10), version=2)
    verdict = judge(MessageKind.REMINDER, now, version=1, offset_minutes=1440, at=chicago(2026, 12, 7, 10))
    assert verdict.reason is DeliveryReason.SUPERSEDED


@pytest.mark.parametrize(
    ("kind", "fitting"),
    [
        (MessageKind.CONFIRMATION, {Stage.STANDS}),
        (MessageKind.REMINDER, {Stage.STANDS}),
        (MessageKind.MOVED, {Stage.STANDS, Stage.ASKED_FOR}),
        (MessageKind.CANCELLED, {Stage.CALLED_OFF}),
    ],
)
@pytest.mark.parametrize("stage", list(Stage))
def test_each_message_is_said_only_of_a_visit_that_it_fits(kind, fitting, stage):
    now = visit(chicago(2026, 12, 8, 10), stage=stage)
    verdict = judge(kind, now, version=0, offset_minutes=1440, at=chicago(2026, 12, 7, 10))
    assert verdict == SEND if stage in fitting else verdict.reason is DeliveryReason.NOT_STANDING


def test_a_reminder_delayed_into_the_night_waits_for_nine_oclock():
    now = visit(chicago(2026, 12, 8, 10))
    verdict = judge(MessageKind.REMINDER, now, version=0, offset_minutes=1440, at=chicago(2026, 12, 7, 23))
    assert verdict.later_at == chicago(2026, 12, 8, 9)


def test_a_reminder_that_could_only_come_with_the_visit_is_dropped():
    early = visit(chicago(2026, 12, 8, 9))
    verdict = judge(MessageKind.REMINDER, early, version=0, offset_minutes=1440, at=chicago(2026, 12, 7, 23))
    assert verdict.reason is DeliveryReason.TOO_LATE


def test_the_first_reminder_makes_way_for_the_second_one():
    now = visit(chicago(2026, 12, 8, 10))
    late = chicago(2026, 12, 7, 11)
    assert judge(MessageKind.REMINDER, now, version=0, offset_minutes=4320, at=late).reason is DeliveryReason.TOO_LATE
    assert judge(MessageKind.REMINDER, now, version=0, offset_minutes=1440, at=late) == SEND


@pytest.mark.parametrize(
    ("kind", "stage"),
    [
        (MessageKind.CONFIRMATION, Stage.STANDS),
        (MessageKind.MOVED, Stage.STANDS),
        (MessageKind.CANCELLED, Stage.CALLED_OFF),
    ],
)
def test_news_goes_out_at_night_but_not_once_the_visit_has_begun(kind, stage):
    now = visit(chicago(2026, 12, 8, 10), stage=stage)
    night, begun = chicago(2026, 12, 7, 23), chicago(2026, 12, 8, 10)
    assert judge(kind, now, version=0, offset_minutes=0, at=night) == SEND
    assert judge(kind, now, version=0, offset_minutes=0, at=begun).reason is DeliveryReason.TOO_LATE


@given(ahead=st.integers(5, 72 * 60), every=st.integers(2, 90))
def test_no_play_with_a_visit_sends_more_than_fifteen_mails_in_a_day_and_the_last_change_is_told(ahead, every):
    starts_at, told = NEW_YEAR + timedelta(minutes=ahead), []
    changed, at, step = NEW_YEAR, NEW_YEAR, timedelta(minutes=every)
    while changed + step < starts_at:
        at = changed + timedelta(minutes=2)
        until = news_waits_until(told, starts_at=starts_at, at=at)
        if (until or at) < changed + step:
            told.append(until or at)
        changed += step
    last = changed + timedelta(minutes=2)
    until = news_waits_until(told, starts_at=starts_at, at=last)
    assert until is None or last < until < starts_at
    assert max((sum(first <= t < first + timedelta(days=1) for t in told) for first in told), default=0) <= 15


@given(sent=st.integers(4, 1000))
def test_however_often_one_appointment_was_told_of_its_next_change_has_a_time(sent):
    told = [NEW_YEAR - timedelta(minutes=minute) for minute in range(sent)]
    starts_at = NEW_YEAR + timedelta(days=14)
    until = news_waits_until(told, starts_at=starts_at, at=NEW_YEAR)
    assert NEW_YEAR < until < starts_at


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 30), (2, 60), (30, 60), (31, 300), (40, 300), (41, 900), (10_000, 900)]
)
def test_a_mail_put_off_is_tried_again_each_minute_and_later_each_quarter_of_an_hour(attempts, seconds):
    in_a_week = NEW_YEAR + timedelta(days=7)
    assert next_try_at(attempts, at=NEW_YEAR, until=in_a_week) == NEW_YEAR + timedelta(seconds=seconds)


def test_a_mail_put_off_is_tried_a_last_time_before_it_is_of_no_use():
    soon = NEW_YEAR + timedelta(minutes=5)
    assert next_try_at(50, at=NEW_YEAR, until=soon) == soon - timedelta(minutes=1)
    assert next_try_at(50, at=soon - timedelta(minutes=1), until=soon) > soon


@pytest.mark.parametrize(
    ("before", "ahead", "kind"),
    [
        ("booked", True, MessageKind.CANCELLED),
        ("pending", True, MessageKind.CANCELLED),
        ("booked", False, None),
        ("cancelled", True, None),
        ("fulfilled", False, None),
        ("", True, None),
    ],
)
def test_a_visit_that_is_taken_back_leaves_the_calendars_it_is_in(before, ahead, kind):
    assert kind_of_change("enter-in-error", before=before, cancel_reason="", ahead=ahead) is kind


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error"])
def test_a_visit_whose_time_was_given_back_is_called_off(status):
    assert stage_of(status) is Stage.CALLED_OFF


@given(at=STARTS, zone=st.sampled_from(ZONES))
def test_quiet_hours_end_at_nine(at, zone):
    until = quiet_until(at, zone=zone)
    if until is None:
        assert time(9) <= at.astimezone(zone).time() < time(21)
    else:
        assert until.astimezone(zone).time() == time(9)
        assert timedelta() < until - at <= timedelta(hours=13)


@given(starts_at=STARTS, zone=st.sampled_from(ZONES), late=st.integers(0, 100 * 60))
def test_what_is_sent_is_sent_by_day_and_before_the_visit(starts_at, zone, late):
    now, said = visit(starts_at, zone=zone), reminders(starts_at, zone=zone)
    assert len(said) == 2
    for planned in said:
        at = planned.due_at + timedelta(minutes=late)
        verdict = judge(MessageKind.REMINDER, now, version=0, offset_minutes=planned.offset_minutes, at=at)
        if verdict == SEND:
            assert at < starts_at
            assert quiet_until(at, zone=zone) is None
        if verdict.later_at:
            again = judge(
                MessageKind.REMINDER, now, version=0, offset_minutes=planned.offset_minutes, at=verdict.later_at
            )
            assert again == SEND


@given(
    starts_at=STARTS, zone=st.sampled_from(ZONES), early=st.integers(-60, 100 * 60), kind=st.sampled_from(MessageKind)
)
def test_of_a_visit_without_cover_nothing_is_said_but_that_it_is_called_off_or_closed(starts_at, zone, early, kind):
    at = starts_at - timedelta(minutes=early)
    stage = {MessageKind.CANCELLED: Stage.CALLED_OFF, MessageKind.CODE: Stage.ASKED_FOR}.get(kind, Stage.STANDS)
    open_, closed = (replace(visit(starts_at, stage=stage, zone=zone), covered=covered) for covered in (True, False))
    said, verdict = (judge(kind, one, version=0, offset_minutes=1440, at=at) for one in (open_, closed))
    if kind is MessageKind.CANCELLED:
        assert verdict == said
    elif kind in OF_A_CLOSURE:
        # It is the other way round: where the time is open again nothing of it is true any more.
        assert said.reason is DeliveryReason.UNCHANGED
        assert (verdict == SEND) == (at < starts_at)
    else:
        assert verdict != SEND
        assert (verdict.later_at is None) == (said.reason is DeliveryReason.TOO_LATE)
        assert verdict.later_at is None or verdict.later_at > at
        if verdict.later_at and kind is MessageKind.REMINDER:
            assert quiet_until(verdict.later_at, zone=zone) is None


def test_a_notice_of_health_questions_comes_with_the_reminder_of_its_day_and_alone_on_another():
    start = chicago(2026, 12, 8, 10)
    visit = VisitState(version=0, stage=Stage.STANDS, starts_at=start, ends_at=start, zone=CHICAGO)
    before = [timedelta(hours=hours) for hours in (72, 70, 48, 24, 3)]
    found = rules.health_notices(visit, before, since=start - timedelta(days=9), plan=PLAN)
    assert [planned.due_at for planned in found] == [chicago(2026, 12, 6, 10)]


@pytest.mark.parametrize(
    ("not_before", "not_after", "hours"),
    [
        (None, None, (9, 20, 21)),
        (time(11), None, (11, 20, 21)),
        (None, time(17), (9, 16, 17)),
        (time(12), time(16), (12, 15, 16)),
        (time(7), time(23), (9, 20, 21)),
        (time(22), None, (9, 20, 21)),
    ],
    ids=["as the site", "later", "earlier", "both", "never at night", "no hour left"],
)
def test_the_hours_that_somebody_wishes_narrow_those_of_the_site(not_before, not_after, hours):
    wished = PLAN.within(not_before, not_after)
    assert (wished.quiet_ends.hour, wished.evening_before.hour, wished.quiet_begins.hour) == hours

"""How a visit stands: for every status and every moment its page, calendar entry and mails say the same."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from booking import status_display
from booking.status import OCCUPYING, Move, Status, after
from booking.status_display import TABLE, Phase, Stage, phase_of, staff_label
from core.policies.content import read_content
from core.text.ical import EventStatus
from notifications.plan import SEND, VisitState, judge
from notifications.reminder_plan import REMINDER_PLAN, as_reminder_plan
from notifications.status import MessageKind

PLAN = as_reminder_plan(read_content(REMINDER_PLAN.content, REMINDER_PLAN.first_content()), version=1)

STARTS = datetime(2026, 12, 8, 16, tzinfo=UTC)
ENDS = STARTS + timedelta(hours=1)
CASES = list(product(Status, Phase))
SHOWN = {
    Status.PROPOSED: ("Your request", "Your past request", "Your past request"),
    Status.PENDING: ("Your appointment", "Your appointment is now", "Your past appointment"),
    Status.BOOKED: ("Your appointment", "Your appointment is now", "Your past appointment"),
    Status.ARRIVED: ("Your appointment is today", "Your appointment is today", "Your past appointment"),
    Status.CHECKED_IN: ("Your appointment is today", "Your appointment is today", "Your past appointment"),
    Status.FULFILLED: ("Your appointment is over", "Your appointment is over", "Your past appointment"),
    Status.NOSHOW: ("We missed you",) * 3,
    Status.CANCELLED: ("This appointment is cancelled",) * 3,
    Status.ENTERED_IN_ERROR: ("This appointment was entered by mistake",) * 3,
}


def stands(status, phase, **facts):
    return status_display.status_display(status, phase, **facts)


@pytest.mark.parametrize("status", Status)
def test_every_status_is_headed_for_what_it_is_at_every_time(status):
    assert [stands(status, phase).heading for phase in Phase] == list(SHOWN[status])
    assert "" not in [staff_label(status, phase) for phase in Phase]


@pytest.mark.parametrize(("status", "phase"), CASES)
def test_a_calendar_rings_for_no_visit_but_one_that_is_coming(status, phase):
    shown = stands(status, phase)
    assert shown.alarm == (phase is Phase.AHEAD and status in {Status.BOOKED, Status.PENDING})
    gone = status not in OCCUPYING | {Status.FULFILLED} or (status is Status.PROPOSED and phase is not Phase.AHEAD)
    assert (shown.event is EventStatus.CANCELLED) == gone
    assert not shown.gone or shown.event is EventStatus.CANCELLED
    assert not (shown.gone and shown.expected)


@pytest.mark.parametrize(
    ("minutes", "asked"), [(0, ""), (1, "Please come 1 minute early. "), (10, "Please come 10 minutes early. ")]
)
def test_a_calendar_asks_whoever_is_awaited_and_nobody_else_to_come_early(minutes, asked):
    for status, phase in CASES:
        shown = stands(status, phase)
        note = shown.calendar_note(minutes=minutes, phone="(312) 555-0100")
        assert note == f"{asked if shown.expected else ''}Questions? Call (312) 555-0100."


@pytest.mark.parametrize(("status", "phase"), CASES)
def test_a_coming_visit_is_never_called_past_and_a_past_one_never_coming(status, phase):
    heading = str(stands(status, phase).heading)
    if phase is Phase.AHEAD:
        assert "past" not in heading
    if phase is Phase.OVER:
        assert heading not in {"Your appointment", "Your request"}
        assert not stands(status, phase).expected


@pytest.mark.parametrize(("status", "phase"), CASES)
def test_nothing_is_promised_of_a_visit_whose_time_is_not_open(status, phase):
    shown, open_ = stands(status, phase, covered=False), stands(status, phase)
    assert not shown.alarm
    if status in {Status.BOOKED, Status.PENDING} and phase is not Phase.OVER:
        assert (shown.event, shown.expected, shown.gone) == (EventStatus.TENTATIVE, False, False)
        assert ("choose another time" in str(shown.line)) == (phase is Phase.AHEAD)
        assert "call us" in str(shown.line)
    else:
        assert shown == open_


SENT_AT = {Phase.AHEAD: STARTS - timedelta(hours=23), Phase.RUNNING: STARTS, Phase.OVER: ENDS}


def sent_to_somebody(status):
    """Yield each phase of a visit and the kinds of mail that are sent in it."""
    state = VisitState(version=0, stage=status_display.stage_of(status), starts_at=STARTS, ends_at=ENDS, zone=UTC)
    for phase, kind in product(Phase, MessageKind):
        if judge(kind, state, version=0, offset_minutes=1440, at=SENT_AT[phase], plan=PLAN) == SEND:
            yield phase, kind


@pytest.mark.parametrize("status", Status)
def test_no_mail_contradicts_the_page(status):
    for phase, kind in sent_to_somebody(status):
        shown = stands(status, phase)
        assert phase is Phase.AHEAD, kind
        assert (kind is MessageKind.CANCELLED) == shown.gone == (shown.event is EventStatus.CANCELLED), kind
        if kind in {MessageKind.CONFIRMATION, MessageKind.REMINDER}:
            assert shown.expected, kind


def test_some_mail_is_sent_while_a_visit_stands_and_another_once_it_does_not():
    assert (Phase.AHEAD, MessageKind.REMINDER) in set(sent_to_somebody(Status.BOOKED))
    assert (Phase.AHEAD, MessageKind.CANCELLED) in set(sent_to_somebody(Status.CANCELLED))


def test_whoever_takes_time_stands_and_whoever_gave_it_back_is_called_off():
    for status, row in TABLE.items():
        assert (row.stage in {Stage.STANDS, Stage.ASKED_FOR}) == (status in OCCUPYING)
    assert set(TABLE) == set(Status)


def test_what_can_be_moved_is_not_shown_as_gone():
    for status in Status:
        if after(status, Move.RESCHEDULE):
            assert not stands(status, Phase.AHEAD).gone


@pytest.mark.parametrize(
    ("minutes", "phase"), [(-1, Phase.AHEAD), (0, Phase.RUNNING), (59, Phase.RUNNING), (60, Phase.OVER)]
)
def test_a_visit_runs_from_its_start_until_its_end(minutes, phase):
    assert phase_of(STARTS, ENDS, at=STARTS + timedelta(minutes=minutes)) is phase


def test_staff_sees_that_a_booked_visit_was_never_closed():
    assert staff_label(Status.BOOKED, Phase.AHEAD) == "booked"
    assert staff_label(Status.BOOKED, Phase.RUNNING) == "booked, under way"
    assert staff_label(Status.BOOKED, Phase.OVER) == "booked, but its time is over"
    assert staff_label(Status.CANCELLED, Phase.OVER) == "cancelled"
    assert staff_label(Status.CHECKED_IN, Phase.AHEAD, begun=True) == "being treated"
    assert staff_label(Status.CHECKED_IN, Phase.RUNNING, begun=True) == "being treated"
    assert staff_label(Status.CHECKED_IN, Phase.OVER, begun=True) == "being treated, but its time is over"
    assert staff_label(Status.FULFILLED, Phase.RUNNING, begun=True) == "done"


def test_staff_sees_that_the_time_of_a_request_is_no_longer_kept():
    assert staff_label(Status.PROPOSED, Phase.AHEAD) == "waiting for a check"
    assert (
        staff_label(Status.PROPOSED, Phase.AHEAD, lapsed=True) == "waiting for a check, but its time is no longer kept"
    )
    assert staff_label(Status.CANCELLED, Phase.AHEAD, lapsed=True) == "cancelled"
